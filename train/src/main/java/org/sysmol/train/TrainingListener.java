package org.sysmol.train;

import java.util.List;

/** Hears how training goes. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** A phase of so many steps begins; {@code done} of them were done in an earlier run. */
  default void phase(Phase phase, long steps, long done) {}

  /** A step is done. */
  default void step(double loss, double imagesPerSecond, double bits) {}

  /**
   * A budget was tried without training.
   *
   * @param bits per weight over all layers
   * @param drop what it costs, in points of accuracy on held-out images
   */
  default void estimated(double bits, double drop) {}

  /** An epoch is done. */
  default void epoch(EpochRecord epoch) {}

  /**
   * A phase is over and has the weights of its best epoch on held-out images.
   *
   * @param epoch from 1
   */
  default void chosen(Phase phase, int epoch) {}

  /** All steps of an epoch are done; it is measured, and all state is kept next. */
  default void stepsDone() {}

  /**
   * Asked after each step and each epoch. True ends training: all state is kept in the checkpoint,
   * {@link #stopped} is called, and training fails with a sentence that says so.
   */
  default boolean stops() {
    return false;
  }

  /**
   * Training ends, because {@link #stops} wanted it to.
   *
   * @param message what was done and kept, a sentence for people
   */
  default void stopped(String message) {}

  /** All state is kept; these are the epochs so far, those of earlier runs included. */
  default void kept(List<EpochRecord> log) {}
}
