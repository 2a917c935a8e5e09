package org.sysmol.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM while training: the step that is under way is finished and all state kept
 * before the process ends.
 *
 * <p>The JVM ends as soon as its hooks have; this one waits for the training thread, as long as
 * that keeps asking. It gives up where training is not under way, or a step takes far longer than
 * any before it: then what stands in the checkpoint is the last epoch's.
 */
final class StopSignal implements AutoCloseable {
  private static final long LEAST_WAIT = TimeUnit.SECONDS.toNanos(5);
  private static final long MOST_WAIT = TimeUnit.SECONDS.toNanos(60);

  private final Thread hook = new Thread(this::await, "sysmol-stop");
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean wanted;
  private volatile long lastAsked;
  private volatile long longestStep;
  private volatile @Nullable String message;

  /** Listens from now on. */
  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether training is to stop; the training thread asks after each step. */
  boolean wanted() {
    long now = System.nanoTime();
    if (lastAsked != 0) {
      longestStep = Math.max(longestStep, now - lastAsked);
    }
    lastAsked = now;
    return wanted;
  }

  /** Nothing is asked for a while: an epoch or a phase is over. */
  void pause() {
    lastAsked = 0;
  }

  /**
   * All state is kept. Does not return, for the process ends.
   *
   * @param text what to say
   */
  void kept(String text) {
    message = text;
    over.countDown();
    while (true) {
      LockSupport.park();
    }
  }

  private void await() {
    wanted = true;
    long start = System.nanoTime();
    try {
      while (!over.await(20, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        long asked = lastAsked;
        long wait = Math.max(LEAST_WAIT, Math.min(4 * longestStep, MOST_WAIT));
        if (asked == 0 || now - asked > wait || now - start > MOST_WAIT) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String text = message;
    if (text != null) {
      System.err.println();
      System.err.println(text);
    }
  }

  /** Listens no more. */
  @Override
  public void close() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and now ends too.
      lastAsked = 0;
    }
  }
}
