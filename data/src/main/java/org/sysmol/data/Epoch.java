package org.sysmol.data;

import org.sysmol.core.SysmolException;

/**
 * How one pass over a set is cut into batches.
 *
 * @param batchSize at least 1
 * @param shuffled whether the order is random, or that of the set
 * @param seed with {@code number} decides the order and the augmentation
 * @param number which epoch this is, from 0
 * @param augmentation what happens to each image
 * @param dropLast leaves out a last batch that is not full, unless it is the only one
 * @param prefetch how many batches are prepared ahead, in a thread of their own, 0 to 64; 0
 *     prepares each when it is asked for
 */
public record Epoch(
    int batchSize,
    boolean shuffled,
    long seed,
    int number,
    Augmentation augmentation,
    boolean dropLast,
    int prefetch) {

  private static final int PREFETCH = 4;

  /** Checks the ranges. */
  public Epoch {
    if (batchSize < 1) {
      throw SysmolException.badInput(
          "A batch needs at least 1 image, but " + batchSize + " were asked for.");
    }
    if (prefetch < 0 || prefetch > 64) {
      throw SysmolException.badInput(
          "0 to 64 batches can be prepared ahead, but " + prefetch + " were asked for.");
    }
  }

  /** Every image once, in order, unchanged: for measuring. */
  public static Epoch inOrder(int batchSize) {
    return new Epoch(batchSize, false, 0, 0, Augmentation.NONE, false, PREFETCH);
  }

  /** A training epoch: shuffled, augmented, full batches only. */
  public static Epoch training(int batchSize, long seed, int number, Augmentation augmentation) {
    return new Epoch(batchSize, true, seed, number, augmentation, true, PREFETCH);
  }

  /** The same with another number of batches prepared ahead. */
  public Epoch withPrefetch(int prefetch) {
    return new Epoch(batchSize, shuffled, seed, number, augmentation, dropLast, prefetch);
  }

  /** How many batches a set of {@code count} images gives. */
  public int batches(int count) {
    int full = count / batchSize;
    boolean whole = full * batchSize == count || (dropLast && full > 0);
    return whole ? full : full + 1;
  }
}
