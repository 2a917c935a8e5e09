package org.sysmol.runtime.engine;

import java.util.Arrays;

/** Statistics of the steps' times. */
public final class Profile {
  private Profile() {}

  /** The median of each row; the rows are sorted. */
  public static long[] medians(long[][] times) {
    long[] medians = new long[times.length];
    for (int i = 0; i < times.length; i++) {
      Arrays.sort(times[i]);
      medians[i] = times[i][times[i].length / 2];
    }
    return medians;
  }
}
