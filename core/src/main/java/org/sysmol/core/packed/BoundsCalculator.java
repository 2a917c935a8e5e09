package org.sysmol.core.packed;

import java.nio.ByteBuffer;
import java.util.Arrays;
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
  /** Codes are so few that a byte of them is summed by a look at a table. */
  private static final long[][] BYTES = bytes();

  /** Bits of neighbours of equal precision that are worth the table. */
  private static final int LONG_RUN = 64;

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
    ByteBuffer rows = ByteBuffer.wrap(weights.bits());
    int[] ends = weights.runEnds();
    long bit = 0;
    for (int o = 0; o < weights.outputs(); o++) {
      Arrays.fill(negative, 0);
      Arrays.fill(positive, 0);
      sums(weights, rows, ends, o, bit, column, negative, positive);
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
      ByteBuffer rows,
      int[] ends,
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
      long window = 0;
      int left = 0;
      for (int c = base; c < base + channels; ) {
        int p = precision[c];
        int bits = (ends[c] - c) * p;
        if (bits >= LONG_RUN) {
          long both = both(rows, bit, p, bits);
          negative[column[p]] -= both & 0xFFFFFFFFL;
          positive[column[p]] += both >>> 32;
          bit += bits;
          c = ends[c];
          left = 0;
          continue;
        }
        if (left < p) {
          window = PackedWeights.window(rows, bit);
          left = PackedWeights.WINDOW_BITS;
        }
        int digits = (int) (window >>> (64 - p));
        int code = p == 8 ? digits - 128 : Codes.oddCode(digits, p);
        if (code < 0) {
          negative[column[p]] += code;
        } else {
          positive[column[p]] += code;
        }
        window <<= p;
        left -= p;
        bit += p;
        c++;
      }
    }
  }

  /** The sum of positive codes, times 2^32, and the magnitude of that of negative ones. */
  private static long both(ByteBuffer rows, long bit, int p, int bits) {
    long sum = 0;
    int done = 0;
    if (8 % p == 0) {
      long[] ofByte = BYTES[p];
      while (bits - done >= 8) {
        long window = PackedWeights.window(rows, bit + done);
        int now = Math.min(PackedWeights.WINDOW_BITS, bits - done) / 8;
        for (int k = 0; k < now; k++) {
          sum += ofByte[(int) (window >>> 56)];
          window <<= 8;
        }
        done += 8 * now;
      }
    }
    for (; done < bits; done += p) {
      sum += one((int) (PackedWeights.window(rows, bit + done) >>> (64 - p)), p);
    }
    return sum;
  }

  /** The same of the code of {@code digits}. */
  private static long one(int digits, int p) {
    int code = p == 8 ? digits - 128 : Codes.oddCode(digits, p);
    return code < 0 ? -code : (long) code << 32;
  }

  /** The same of all bytes, by precision where whole codes fill a byte. */
  private static long[][] bytes() {
    long[][] all = new long[9][256];
    for (int p = 1; p <= 8; p *= 2) {
      for (int b = 0; b < 256; b++) {
        for (int at = 8 - p; at >= 0; at -= p) {
          all[p][b] += one(b >> at & ((1 << p) - 1), p);
        }
      }
    }
    return all;
  }
}
