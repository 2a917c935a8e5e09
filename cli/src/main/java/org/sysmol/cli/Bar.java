package org.sysmol.cli;

import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar with the time that is left, on standard error; where that is no terminal, a line
 * at the end only, so that logs stay readable.
 */
final class Bar implements AutoCloseable {
  private final @Nullable ProgressBar bar;
  private final AtomicLong steps = new AtomicLong();
  private final String title;
  private final long start = System.nanoTime();

  private Bar(String title, @Nullable ProgressBar bar) {
    this.title = title;
    this.bar = bar;
  }

  /** A bar of {@code total} steps. */
  static Bar of(String title, long total) {
    boolean terminal =
        java.util.Optional.ofNullable(System.console())
            .map(java.io.Console::isTerminal)
            .orElse(false);
    return new Bar(
        title,
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(title)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build()
            : null);
  }

  /** One more step is done; from any thread. */
  void step() {
    steps.incrementAndGet();
    if (bar != null) {
      bar.step();
    }
  }

  /** Words behind the bar. */
  void message(String text) {
    if (bar != null) {
      bar.setExtraMessage(" " + text);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    } else {
      System.err.printf(
          java.util.Locale.ROOT,
          "%s: %d in %.1f s%n",
          title,
          steps.get(),
          (System.nanoTime() - start) / 1e9);
    }
  }
}
