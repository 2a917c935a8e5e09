package org.sysmol.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM while training: the step that is under way is finished and all state kept
 * before the process ends.
 *
 * <p>The JVM ends as soon as its hooks have; this one waits for the training thread, which asks
 * after each step and each epoch. Between the last step of an epoch and its checkpoint, and once it
 * was told to stop, that is however long it takes; else as long as it keeps asking: where training
 * is not under way, what stands in the checkpoint is all there is.
 */
final class StopSignal implements AutoCloseable {
  private static final long LEAST_WAIT = TimeUnit.SECONDS.toNanos(5);

  /** For a trainer that ends for a reason of its own to say it. */
  private static final long LAST_WORDS_MILLISECONDS = 2_000;

  private final Thread trainer = Thread.currentThread();
  private final Thread hook = new Thread(this::await, "sysmol-stop");
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean wanted;
  private volatile boolean busy;
  private volatile long lastAsked;
  private volatile long longestStep;
  private volatile @Nullable String message;

  /** Listens from now on, for the thread that calls this. */
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
    boolean stops = wanted;
    // What follows such an answer is that state is kept.
    busy = stops;
    return stops;
  }

  /** State is about to be kept, however long that takes. */
  void keeps() {
    busy = true;
  }

  /** State is kept; training goes on. */
  void goesOn() {
    lastAsked = System.nanoTime();
    busy = false;
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
    try {
      while (!over.await(20, TimeUnit.MILLISECONDS)) {
        long asked = lastAsked;
        long wait = Math.max(LEAST_WAIT, 4 * longestStep);
        if (!busy && (asked == 0 || System.nanoTime() - asked > wait)) {
          return;
        }
      }
      String text = message;
      if (text == null) {
        trainer.join(LAST_WORDS_MILLISECONDS);
      } else {
        System.err.println();
        System.err.println(text);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Listens no more. */
  @Override
  public void close() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and gives this thread a moment.
      busy = false;
    }
  }
}
