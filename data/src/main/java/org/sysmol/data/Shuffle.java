package org.sysmol.data;

/** The order of images in an epoch. */
public final class Shuffle {
  private static final long PURPOSE = 1;

  private Shuffle() {}

  /**
   * A random order that depends only on the arguments (Fisher and Yates, from the end).
   *
   * @param count at least 0
   * @return each of 0 to {@code count - 1} once
   */
  public static int[] order(int count, long seed, int epoch) {
    int[] order = inOrder(count);
    SeededNumbers numbers = SeededNumbers.of(PURPOSE, seed, epoch);
    for (int i = count - 1; i > 0; i--) {
      int j = numbers.below(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** 0 to {@code count - 1}. */
  static int[] inOrder(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    return order;
  }
}
