package org.sysmol.train;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;

/** Precisions that nobody learned, as controls for those that a search found. */
public final class RandomPrecisions {
  private RandomPrecisions() {}

  /**
   * The same counts in every layer, for other channels: what choosing channels is worth.
   *
   * @param precision by group id, then channel
   */
  public static int[][] amongChannels(Plan plan, int[][] precision, long seed) {
    int[][] result = new int[precision.length][];
    SplittableRandom random = new SplittableRandom(seed);
    for (InputGroup group : plan.groups()) {
      result[group.id()] = precision[group.id()].clone();
      if (group.searched()) {
        shuffle(result[group.id()], random);
      }
    }
    return result;
  }

  /**
   * Every layer with the mix that all searched weights have together, to the nearest channel, for
   * random channels: what choosing layers and channels is worth.
   *
   * @param precision by group id, then channel
   */
  public static int[][] amongLayers(Plan plan, int[][] precision, long seed) {
    double[] weights = new double[5];
    double all = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        for (int p : precision[group.id()]) {
          weights[p] += plan.weightsPerChannel(group);
          all += plan.weightsPerChannel(group);
        }
      }
    }
    int[][] result = new int[precision.length][];
    SplittableRandom random = new SplittableRandom(seed);
    for (InputGroup group : plan.groups()) {
      int[] channels = precision[group.id()].clone();
      if (group.searched()) {
        int fours = (int) Math.round(channels.length * weights[4] / all);
        int atLeastTwo = (int) Math.round(channels.length * (weights[4] + weights[2]) / all);
        Arrays.fill(channels, 1);
        Arrays.fill(channels, 0, atLeastTwo, 2);
        Arrays.fill(channels, 0, fours, 4);
        shuffle(channels, random);
      }
      result[group.id()] = channels;
    }
    return result;
  }

  private static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }
}
