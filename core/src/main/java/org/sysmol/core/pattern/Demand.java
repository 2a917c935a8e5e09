package org.sysmol.core.pattern;

import org.sysmol.core.SysmolException;

/**
 * How many channels of a layer ask for each precision, before registers have their say (PAPER
 * section 2).
 *
 * @param n1 channels that ask for 1 bit
 * @param n2 channels that ask for 2 bits
 * @param n4 channels that ask for 4 bits
 */
public record Demand(int n1, int n2, int n4) {
  /** The most channels a layer may have: far above any network, so that no sum overflows. */
  public static final int MAX_CHANNELS = 1 << 22;

  /** Checks that no count is negative and that there are at most {@link #MAX_CHANNELS}. */
  public Demand {
    long sum = (long) n1 + n2 + n4;
    if (n1 < 0 || n2 < 0 || n4 < 0 || sum > MAX_CHANNELS) {
      throw SysmolException.badInput(
          "A layer cannot ask for (%d,%d,%d) channels of 1, 2 and 4 bits: counts are at least 0 and at most %d in all."
              .formatted(n1, n2, n4, MAX_CHANNELS));
    }
  }

  /**
   * The demand of a layer whose channels have these continuous precisions (PAPER section 1): above
   * 3 asks for 4 bits, above 1.5 for 2, the rest for 1.
   *
   * @throws SysmolException if a value is not a number
   */
  public static Demand of(float[] pHat) {
    int[] count = new int[5];
    for (int c = 0; c < pHat.length; c++) {
      count[precisionOf(pHat[c], c)]++;
    }
    return new Demand(count[1], count[2], count[4]);
  }

  private static int precisionOf(float pHat, int channel) {
    if (Float.isNaN(pHat)) {
      throw SysmolException.badInput(
          "The precision of channel %d is not a number: the search diverged, so train again with a lower learning rate."
              .formatted(channel));
    }
    return pHat > 3 ? 4 : pHat > 1.5f ? 2 : 1;
  }

  /**
   * The precision of each channel where these are the counts to be assigned: ranked by {@code
   * pHat}, highest first and equal ones by index, channels get 4 bits, then 2, then 1.
   *
   * @param pHat one value per channel of the layer
   * @throws SysmolException if there are not {@link #channels()} values or one is not a number
   */
  public int[] assign(float[] pHat) {
    if (pHat.length != channels()) {
      throw SysmolException.badInput(
          "A placement of %d channels cannot be given %d precisions: give one per channel."
              .formatted(channels(), pHat.length));
    }
    of(pHat); // refuses what is not a number
    double[] value = new double[pHat.length];
    for (int c = 0; c < value.length; c++) {
      value[c] = pHat[c] + 0.0; // -0.0 ranks as 0.0
    }
    return ChannelRanking.assign(value, n4, n2);
  }

  /** Channels of the layer. */
  public int channels() {
    return n1 + n2 + n4;
  }

  /** Sum of the asked-for precisions over the channels, in bits. */
  public long bits() {
    return n1 + 2L * n2 + 4L * n4;
  }

  /**
   * This demand with every channel that asks for more than the set can give lowered to the set's
   * highest precision. For U2 this makes every demand one that can be met; for a set with 4-bit
   * slots it changes nothing. Lowering loses what training asked for, so nothing does it unasked.
   */
  public Demand clampToSet(PatternSet set) {
    return switch (set.highestPrecision()) {
      case 1 -> new Demand(channels(), 0, 0);
      case 2 -> new Demand(n1, n2 + n4, 0);
      default -> this;
    };
  }
}
