package org.sysmol.core.pattern;

import java.util.Arrays;
import org.sysmol.core.SysmolException;

/**
 * What the layers that share an input take, by how many of its channels have each precision: the
 * sum of a part for each precision. Parts need not be linear. Where a processor counts single bits,
 * for instance, 32 channels at a time, the channels of one bit that do not fill a word take as long
 * as if they had two.
 *
 * @param one picoseconds of 0, 1, 2, ... channels of 1 bit, up to all of them; 0 for none
 * @param two the same for 2 bits
 * @param four the same for 4 bits
 */
public record LayerTime(long[] one, long[] two, long[] four) {
  /** The longest time of a part, in picoseconds: an hour. So no sum overflows. */
  public static final long LONGEST = 3_600_000_000_000_000L;

  /** Copies the arrays and checks them. */
  public LayerTime {
    one = one.clone();
    two = two.clone();
    four = four.clone();
    if (one.length < 2 || two.length != one.length || four.length != one.length) {
      throw SysmolException.badInput(
          "Times of a layer are of 0 to all channels for each precision, not of %d, %d and %d."
              .formatted(one.length, two.length, four.length));
    }
    for (long[] part : new long[][] {one, two, four}) {
      if (part[0] != 0 || Arrays.stream(part).anyMatch(t -> t < 0 || t > LONGEST)) {
        throw SysmolException.badInput(
            "No channels take no time, and some take from 0 ps to an hour; a layer's times are not so.");
      }
    }
  }

  /** Channels of the input. */
  public int channels() {
    return one.length - 1;
  }

  /** Picoseconds where so many channels have each precision. */
  public long picoseconds(Demand counts) {
    return one[counts.n1()] + two[counts.n2()] + four[counts.n4()];
  }

  /**
   * Picoseconds where all channels have one precision.
   *
   * @param precision 1, 2 or 4
   */
  public long uniform(int precision) {
    return part(precision)[channels()];
  }

  /** The part of a precision, not copied. */
  long[] part(int precision) {
    return switch (precision) {
      case 1 -> one;
      case 2 -> two;
      case 4 -> four;
      default -> throw new IllegalArgumentException("No channel has " + precision + " bits.");
    };
  }

  /** The time of these layers and of others that read the same input. */
  public LayerTime plus(LayerTime other) {
    return new LayerTime(sum(one, other.one), sum(two, other.two), sum(four, other.four));
  }

  private static long[] sum(long[] a, long[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException("Layers of one input have equally many channels.");
    }
    long[] sum = new long[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  /** A copy. */
  @Override
  public long[] one() {
    return one.clone();
  }

  /** A copy. */
  @Override
  public long[] two() {
    return two.clone();
  }

  /** A copy. */
  @Override
  public long[] four() {
    return four.clone();
  }
}
