package org.sysmol.train;

import org.sysmol.core.SysmolException;
import org.sysmol.core.file.Checkpoint;

/**
 * Where an epoch was when training was stopped in it, beside what {@link PhaseState} holds.
 *
 * @param steps that are done
 * @param lossSum of the images seen
 * @param right images that were classified rightly
 * @param seen images
 * @param seconds that the steps took
 * @param bits per weight after the last step
 * @param lastError of the control, in bits
 * @param promotion bits that the patterns add, by the last run of the solver
 * @param noise state of the noise's numbers; empty in other phases than the search
 */
record EpochPart(
    long steps,
    double lossSum,
    long right,
    long seen,
    double seconds,
    double bits,
    double lastError,
    double promotion,
    long[] noise) {
  private static final String COUNTS = "part/counts";
  private static final String FIGURES = "part/figures";
  private static final String NOISE = "part/noise";

  /** Puts it into a checkpoint. */
  void save(Checkpoint checkpoint) {
    checkpoint.put(COUNTS, new long[] {steps, right, seen});
    checkpoint.put(FIGURES, new double[] {lossSum, seconds, bits, lastError, promotion});
    checkpoint.put(NOISE, noise);
  }

  /** Takes it from a checkpoint. */
  static EpochPart load(Checkpoint checkpoint) {
    long[] counts = checkpoint.longs(COUNTS);
    double[] figures = checkpoint.doubles(FIGURES);
    if (counts.length != 3 || figures.length != 5 || counts[0] < 1) {
      throw SysmolException.badInput(
          "The checkpoint's unfinished epoch is damaged; delete the checkpoint to start anew.");
    }
    return new EpochPart(
        counts[0],
        figures[0],
        counts[1],
        counts[2],
        figures[1],
        figures[2],
        figures[3],
        figures[4],
        checkpoint.longs(NOISE));
  }
}
