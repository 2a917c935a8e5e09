package org.sysmol.runtime.engine;

import java.util.Arrays;

/** Times of a network's steps. */
public final class Profile {
  private Profile() {}

  /**
   * Runs all steps one by one, again and again.
   *
   * @param context that has run an image
   * @param steps of its network
   * @param runs how often, at least once
   * @return median nanoseconds of each step, in order
   */
  public static long[] of(Engine.Context context, int steps, int runs) {
    long[][] times = new long[steps][runs];
    for (int r = 0; r < runs; r++) {
      for (int s = 0; s < steps; s++) {
        long before = System.nanoTime();
        context.runStep(s);
        times[s][r] = System.nanoTime() - before;
      }
    }
    long[] medians = new long[steps];
    for (int s = 0; s < steps; s++) {
      Arrays.sort(times[s]);
      medians[s] = times[s][runs / 2];
    }
    return medians;
  }
}
