package org.sysmol.core.pattern;

import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * A searched layer as {@link BudgetSolver} sees it: how sensitive each input channel is, and what a
 * bit of it costs. Layers that share an input and its channel order are one such layer, with the
 * sum of their weights per channel.
 *
 * <h2>Sensitivity</h2>
 *
 * <p>Training ends where the noise on a channel, of half-width {@code sigma = 2^(1 - p^)} (PAPER
 * section 1), is worth its cost: channels tolerate equal losses at their own {@code sigma}. A
 * quantiser of {@code p} bits has the half-width {@code q = 2^(1 - p)}, and the loss grows with the
 * square of the disturbance, so a weight of the channel loses {@code (q / sigma)^2 = 4^(p^ - p)},
 * and {@code 4^p^} is the channel's sensitivity.
 *
 * @param name how messages and results call the layer
 * @param sensitivities one finite number, at least 0, per channel
 * @param vectors its vectors of weights, which say how they fill registers
 */
public record BudgetLayer(String name, double[] sensitivities, List<WeightVectors> vectors) {

  /** Checks and copies the sensitivities. */
  public BudgetLayer {
    sensitivities = sensitivities.clone();
    vectors = List.copyOf(vectors);
    if (sensitivities.length == 0 || sensitivities.length > Demand.MAX_CHANNELS) {
      throw SysmolException.badInput(
          "Layer %s has %d channels: a layer has 1 to %d."
              .formatted(name, sensitivities.length, Demand.MAX_CHANNELS));
    }
    long weights = vectors.stream().mapToLong(WeightVectors::weightsPerChannel).sum();
    if (weights < 1 || weights > 1L << 32) {
      throw tooMany(name, weights);
    }
    for (int c = 0; c < sensitivities.length; c++) {
      if (!(sensitivities[c] >= 0 && sensitivities[c] <= 1e100)) {
        throw SysmolException.badInput(
            "Channel %d of layer %s has the sensitivity %s, which is not a number from 0 to 1e100: the search diverged, so train again with a lower learning rate."
                .formatted(c, name, sensitivities[c]));
      }
      sensitivities[c] += 0.0; // -0.0 ranks as 0.0
    }
  }

  /**
   * A layer whose registers keep to one tap.
   *
   * @param weightsPerChannel weights that read one channel, 1 to 2^32
   */
  public BudgetLayer(String name, double[] sensitivities, long weightsPerChannel) {
    this(name, sensitivities, single(name, weightsPerChannel));
  }

  private static List<WeightVectors> single(String name, long weightsPerChannel) {
    if (weightsPerChannel < 1 || weightsPerChannel > 1L << 32) {
      throw tooMany(name, weightsPerChannel);
    }
    return WeightVectors.single(weightsPerChannel);
  }

  private static SysmolException tooMany(String name, long weights) {
    return SysmolException.badInput(
        "Layer %s has %d weights per channel: a layer has 1 to 2^32.".formatted(name, weights));
  }

  /** The layer whose channels have these continuous precisions {@code p^} (PAPER section 1). */
  public static BudgetLayer ofPHat(String name, double[] pHat, long weightsPerChannel) {
    return ofPHat(name, pHat, single(name, weightsPerChannel));
  }

  /** The layer whose channels have these continuous precisions {@code p^} (PAPER section 1). */
  public static BudgetLayer ofPHat(String name, double[] pHat, List<WeightVectors> vectors) {
    double[] sensitivities = new double[pHat.length];
    for (int c = 0; c < pHat.length; c++) {
      sensitivities[c] = Math.pow(4, pHat[c]);
    }
    return new BudgetLayer(name, sensitivities, vectors);
  }

  /**
   * Weights that read one channel: a channel of {@code p} bits costs {@code p} times so many bits.
   */
  public long weightsPerChannel() {
    return vectors.stream().mapToLong(WeightVectors::weightsPerChannel).sum();
  }

  /** Number of channels. */
  public int channels() {
    return sensitivities.length;
  }

  /** A copy. */
  @Override
  public double[] sensitivities() {
    return sensitivities.clone();
  }

  /** The sensitivities, highest first. */
  double[] descending() {
    double[] sorted = sensitivities.clone();
    Arrays.sort(sorted);
    for (int i = 0, j = sorted.length - 1; i < j; i++, j--) {
      double t = sorted[i];
      sorted[i] = sorted[j];
      sorted[j] = t;
    }
    return sorted;
  }

  /**
   * For each place in the ranking the sum of the sensitivities from there on; 0 behind the last.
   */
  static double[] tail(double[] ranked) {
    double[] tail = new double[ranked.length + 1];
    for (int c = ranked.length - 1; c >= 0; c--) {
      tail[c] = tail[c + 1] + ranked[c];
    }
    return tail;
  }
}
