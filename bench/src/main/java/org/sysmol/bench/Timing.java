package org.sysmol.bench;

import java.util.Arrays;

/**
 * Times of one contestant.
 *
 * @param name of the contestant
 * @param medianMs median milliseconds of an inference over all rounds
 * @param lowMs tenth percentile
 * @param highMs ninetieth percentile
 * @param runs timed inferences
 */
public record Timing(String name, double medianMs, double lowMs, double highMs, int runs) {
  /** Statistics of times in nanoseconds; the array is sorted. */
  static Timing of(String name, long[] nanoseconds) {
    Arrays.sort(nanoseconds);
    int n = nanoseconds.length;
    double median = (nanoseconds[(n - 1) / 2] + nanoseconds[n / 2]) / 2e6;
    return new Timing(
        name,
        median,
        nanoseconds[(int) Math.floor(0.1 * (n - 1))] / 1e6,
        nanoseconds[(int) Math.ceil(0.9 * (n - 1))] / 1e6,
        n);
  }
}
