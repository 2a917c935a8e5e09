package org.sysmol.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Times contestants in interleaved rounds, so that a machine whose speed drifts treats them alike.
 * Medians, never means.
 */
public final class SideBySide {
  /** What one contestant's part of a round takes at most where {@link #run} chooses. */
  private static final double ROUND_NS = 1e8;

  /** Most rounds; all times are kept until the end. */
  public static final int ROUNDS_LIMIT = 10_000;

  /** Most timed inferences of a contestant in a round. */
  public static final int PER_ROUND_LIMIT = 1_000;

  private static final int LEAST_PER_ROUND = 2;
  private static final int MOST_PER_ROUND = 50;

  private SideBySide() {}

  /**
   * Times all contestants on the same images.
   *
   * @param contestants who is timed
   * @param images real images, in turn; at least one
   * @param rounds interleaved rounds, 1 to {@link #ROUNDS_LIMIT}
   * @param perRound timed inferences of each contestant in a round, after one that is not: it finds
   *     the caches full of another contestant's weights; 0 chooses as many as the slowest
   *     contestant does in a tenth of a second; at most {@link #PER_ROUND_LIMIT}
   * @param warmUpMs milliseconds that each contestant runs untimed first
   * @return timings in the order of the contestants
   */
  public static List<Timing> run(
      List<Contestant> contestants, List<float[]> images, int rounds, int perRound, int warmUpMs) {
    if (images.isEmpty() || rounds < 1 || perRound < 0) {
      throw SysmolException.badInput(
          "Timing needs at least one image, one round and one inference a round.");
    }
    if (rounds > ROUNDS_LIMIT || perRound > PER_ROUND_LIMIT) {
      throw SysmolException.badInput(
          "Timing takes at most %d rounds and %d inferences a round but got %d and %d."
              .formatted(ROUNDS_LIMIT, PER_ROUND_LIMIT, rounds, perRound));
    }
    double slowest = 0;
    for (Contestant contestant : contestants) {
      slowest = Math.max(slowest, warmUp(contestant, images, warmUpMs));
    }
    int each =
        perRound > 0
            ? perRound
            : (int) Math.clamp(ROUND_NS / Math.max(1, slowest), LEAST_PER_ROUND, MOST_PER_ROUND);
    long[][] times = new long[contestants.size()][rounds * each];
    for (int round = 0; round < rounds; round++) {
      for (int c = 0; c < times.length; c++) {
        long[] part = new long[each + 1];
        contestants.get(c).stopwatch().time(images, round * each % images.size(), part);
        System.arraycopy(part, 1, times[c], round * each, each);
      }
    }
    List<Timing> timings = new ArrayList<>();
    for (int c = 0; c < times.length; c++) {
      timings.add(Timing.of(contestants.get(c).name(), times[c]));
    }
    return timings;
  }

  /** Runs untimed; nanoseconds of its fastest inference. */
  private static double warmUp(Contestant contestant, List<float[]> images, int warmUpMs) {
    long end = System.nanoTime() + warmUpMs * 1_000_000L;
    long fastest = Long.MAX_VALUE;
    int i = 0;
    do {
      long[] one = new long[1];
      contestant.stopwatch().time(images, i++ % images.size(), one);
      fastest = Math.min(fastest, Arrays.stream(one).min().orElseThrow());
    } while (System.nanoTime() < end);
    return fastest;
  }
}
