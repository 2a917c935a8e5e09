package org.sysmol.bench;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Times contestants in one process in interleaved rounds, so that a machine whose speed drifts
 * treats them alike. Medians, never means.
 */
public final class SideBySide {
  private SideBySide() {}

  /**
   * Times all contestants on the same images.
   *
   * @param contestants who is timed
   * @param images real images, in turn; at least one
   * @param rounds interleaved rounds, at least 1
   * @param perRound inferences of each contestant in a round, at least 1
   * @param warmUpMs milliseconds that each contestant runs untimed first
   * @return timings in the order of the contestants
   */
  public static List<Timing> run(
      List<Contestant> contestants, List<float[]> images, int rounds, int perRound, int warmUpMs) {
    if (images.isEmpty() || rounds < 1 || perRound < 1) {
      throw SysmolException.badInput(
          "Timing needs at least one image, one round and one inference a round.");
    }
    long[][] times = new long[contestants.size()][rounds * perRound];
    for (Contestant contestant : contestants) {
      long end = System.nanoTime() + warmUpMs * 1_000_000L;
      int i = 0;
      do {
        contestant.body().run(images.get(i++ % images.size()));
      } while (System.nanoTime() < end);
    }
    for (int round = 0; round < rounds; round++) {
      for (int c = 0; c < times.length; c++) {
        Contestant.Body body = contestants.get(c).body();
        for (int i = 0; i < perRound; i++) {
          float[] image = images.get((round * perRound + i) % images.size());
          long before = System.nanoTime();
          body.run(image);
          times[c][round * perRound + i] = System.nanoTime() - before;
        }
      }
    }
    List<Timing> timings = new ArrayList<>();
    for (int c = 0; c < times.length; c++) {
      timings.add(Timing.of(contestants.get(c).name(), times[c]));
    }
    return timings;
  }
}
