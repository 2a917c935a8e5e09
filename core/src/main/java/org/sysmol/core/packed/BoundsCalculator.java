package org.sysmol.core.packed;

import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Codes;

/**
 * The extremes that a layer's sums can take, from its weights (docs/arithmetic.md §8).
 *
 * <p>A segment is one precision: the columns are the distinct precisions of the layer's input
 * channels in descending order. In each, every weight meets the input code that makes the sum
 * smallest or largest: an unsigned code of {@code p} bits is 0 to {@code 2^p - 1} (255 at eight
 * bits), a signed one is {@code -(2^p - 1)} to {@code 2^p - 1} (127 at eight bits), and padding is
 * worth 0.
 */
public final class BoundsCalculator {
  private BoundsCalculator() {}

  /** The distinct precisions of a layer's input channels, in descending order. */
  public static byte[] segments(byte[] precision) {
    int present = 0;
    for (byte p : precision) {
      present |= 1 << p;
    }
    byte[] segments = new byte[Integer.bitCount(present)];
    int count = 0;
    for (int p = 8; p >= 0; p--) {
      if (((present >> p) & 1) != 0) {
        segments[count++] = (byte) p;
      }
    }
    return segments;
  }

  /** The largest input code of a precision; the smallest is its negative if signed, or 0. */
  public static int largestCode(int precision, boolean signed) {
    return precision == 8 ? (signed ? 127 : 255) : (1 << precision) - 1;
  }

  /** What every extreme of a segment is a multiple of: the largest code, aligned. */
  public static int unit(int precision, boolean signed) {
    int code = largestCode(precision, signed);
    return precision == 8 ? code : Codes.aligned(code, precision);
  }

  /**
   * The bounds of one layer.
   *
   * @param layer its name, for messages
   * @param weights as packed
   * @param signed whether its input's codes are signed
   * @throws SysmolException (bad input) if a sum could overflow 32 bits
   */
  public static Bounds of(String layer, PackedWeights weights, boolean signed) {
    byte[] segments = segments(weights.precision());
    int[] column = new int[9];
    for (int s = 0; s < segments.length; s++) {
      column[segments[s]] = s;
    }
    int[] low = new int[weights.outputs() * segments.length];
    int[] high = new int[low.length];
    long[] negative = new long[segments.length];
    long[] positive = new long[segments.length];
    long bit = 0;
    for (int o = 0; o < weights.outputs(); o++) {
      java.util.Arrays.fill(negative, 0);
      java.util.Arrays.fill(positive, 0);
      sums(weights, o, bit, column, negative, positive);
      bit += 8L * weights.rowBytes(weights.groupOf(o));
      long allLow = 0;
      long allHigh = 0;
      for (int s = 0; s < segments.length; s++) {
        long code = unit(segments[s], signed);
        long least = (signed ? negative[s] - positive[s] : negative[s]) * code;
        long most = (signed ? positive[s] - negative[s] : positive[s]) * code;
        allLow += least;
        allHigh += most;
        low[o * segments.length + s] = (int) least;
        high[o * segments.length + s] = (int) most;
      }
      if (allLow < Integer.MIN_VALUE || allHigh > Integer.MAX_VALUE) {
        throw SysmolException.badInput(
            "The sum of output "
                + o
                + " of layer "
                + layer
                + " could reach "
                + Math.max(-allLow, allHigh)
                + ", which overflows 32 bits; give the layer fewer inputs or fewer bits.");
      }
    }
    return new Bounds(segments, low, high);
  }

  /** Adds the negative and the positive codes of one row, by segment. */
  private static void sums(
      PackedWeights weights,
      int output,
      long rowStart,
      int[] column,
      long[] negative,
      long[] positive) {
    byte[] precision = weights.precision();
    int channels = weights.channelsPerOutput();
    int base = weights.groupOf(output) * channels;
    long bit = rowStart;
    for (int t = 0; t < weights.taps(); t++) {
      for (int c = base; c < base + channels; c++) {
        int p = precision[c];
        int digits = weights.digits(bit, p);
        int code = p == 8 ? digits - 128 : Codes.oddCode(digits, p);
        if (code < 0) {
          negative[column[p]] += code;
        } else {
          positive[column[p]] += code;
        }
        bit += p;
      }
    }
  }
}
