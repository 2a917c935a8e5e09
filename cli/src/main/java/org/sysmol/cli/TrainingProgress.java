package org.sysmol.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sysmol.train.EpochRecord;
import org.sysmol.train.Phase;
import org.sysmol.train.TrainingListener;

/** A bar for each phase, a line for each epoch; Ctrl-C and SIGTERM are passed on to training. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  private final Consumer<List<EpochRecord>> log;
  private final StopSignal signal = new StopSignal();
  private @Nullable Bar bar;

  /** Shows, and keeps nothing. */
  TrainingProgress() {
    this(epochs -> {});
  }

  /**
   * Shows.
   *
   * @param log also gets all epochs so far, after each
   */
  TrainingProgress(Consumer<List<EpochRecord>> log) {
    this.log = log;
  }

  @Override
  public boolean stops() {
    return signal.wanted();
  }

  @Override
  public void stopped(String message) {
    signal.kept(message);
  }

  @Override
  public void phase(Phase phase, long steps, long done) {
    finish();
    if (done > 0) {
      System.err.printf("%s: %d of %d steps were done before%n", phase.title(), done, steps);
    }
    if (steps > done) {
      bar = Bar.of(phase.title(), steps - done);
    }
  }

  @Override
  public void step(double loss, double imagesPerSecond, double bits) {
    if (bar != null) {
      bar.step();
      bar.message(
          String.format(
              Locale.ROOT, "%.0f images/s loss %.3f bits %.2f", imagesPerSecond, loss, bits));
    }
  }

  @Override
  public void stepsDone() {
    signal.keeps();
  }

  @Override
  public void epoch(EpochRecord e) {
    System.err.printf(
        Locale.ROOT,
        "%s, epoch %d: loss %.4f, %.2f %% right%s, %.3f bits, %.1f s, %.0f images/s%n",
        e.phase().title(),
        e.epoch(),
        e.loss(),
        e.accuracy(),
        Double.isNaN(e.heldOut())
            ? ""
            : String.format(Locale.ROOT, ", %.2f %% of held-out images", e.heldOut()),
        e.bits(),
        e.seconds(),
        e.imagesPerSecond());
  }

  @Override
  public void estimated(double bits, double drop) {
    finish();
    System.err.printf(
        Locale.ROOT,
        "budget: at %.3f bits calibration without training costs %.2f points on held-out images%n",
        bits,
        drop);
  }

  @Override
  public void chosen(Phase phase, int epoch) {
    System.err.printf(
        "%s ends with the weights of epoch %d, the best on held-out images%n",
        phase.title(), epoch);
  }

  @Override
  public void kept(List<EpochRecord> epochs) {
    signal.goesOn();
    log.accept(epochs);
  }

  @Override
  public void close() {
    finish();
    signal.close();
  }

  /** Ends the bar of a phase, so that whatever is printed next has a line of its own. */
  void finish() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
