package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Equal vectors of weights that start registers of their own: of each channel of a layer, such a
 * vector holds one weight for each of its taps.
 *
 * <p>Where registers keep to one tap of a filter, an output of a convolution of {@code k} taps is
 * {@code k} vectors of one tap; where they span taps, it is one vector of {@code k}.
 *
 * @param taps weights of one channel in a vector, at least 1
 * @param count how many such vectors, at least 1
 */
public record WeightVectors(int taps, long count) {
  /** Checks the ranges. */
  public WeightVectors {
    if (taps < 1 || count < 1 || count > (1L << 32) / taps) {
      throw SysmolException.badInput(
          "A layer cannot have %d vectors of %d taps: both are at least 1, and at most 2^32 weights read a channel."
              .formatted(count, taps));
    }
  }

  /** Vectors of one tap, as registers that keep to one tap hold them. */
  public static List<WeightVectors> single(long weightsPerChannel) {
    return List.of(new WeightVectors(1, weightsPerChannel));
  }

  /** Weights that read one channel: {@code taps * count}. */
  public long weightsPerChannel() {
    return taps * count;
  }
}
