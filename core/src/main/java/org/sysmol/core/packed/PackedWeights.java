package org.sysmol.core.packed;

import java.nio.ByteBuffer;
import org.sysmol.core.arithmetic.Codes;

/**
 * Weights of one layer as stored: per output channel a row of bits, most significant first, padded
 * to a whole byte; within a row the taps in order, within a tap the input channels in the order of
 * the input tensor, each with the digits of its own precision (docs/file-format.md). Eight-bit
 * weights of edge layers are stored as {@code code + 128}.
 *
 * @param outputs output channels, in the order of the output tensor
 * @param taps window cells, row by row
 * @param precision bits of each input channel of an output, by position within its channel group:
 *     for each group in turn, {@code groups * channelsPerOutput} entries
 * @param groups channel groups
 * @param bits the rows
 */
public record PackedWeights(int outputs, int taps, byte[] precision, int groups, byte[] bits) {
  /** Bits of weights that are read at once. */
  static final int WINDOW_BITS = 56;

  /** Input channels that one output reads. */
  public int channelsPerOutput() {
    return precision.length / groups;
  }

  /** Bits of the row of an output that reads channel group {@code group}, without padding. */
  public long rowBits(int group) {
    long sum = 0;
    for (int c = 0; c < channelsPerOutput(); c++) {
      sum += precision[group * channelsPerOutput() + c];
    }
    return sum * taps;
  }

  /** Bytes of the row of an output that reads channel group {@code group}. */
  public int rowBytes(int group) {
    return Math.toIntExact(Math.ceilDiv(rowBits(group), 8));
  }

  /** The channel group that an output reads. */
  public int groupOf(int output) {
    return output / (outputs / groups);
  }

  /** Bytes that the rows of all outputs need. */
  public long totalBytes() {
    long sum = 0;
    for (int g = 0; g < groups; g++) {
      sum += (long) rowBytes(g) * (outputs / groups);
    }
    return sum;
  }

  /**
   * Unpacks all codes: odd codes at 1, 2 and 4 bits, -127..127 at 8 bits.
   *
   * @return {@code [output][tap][channel position]} flattened
   */
  public int[] codes() {
    return unpack(false);
  }

  /**
   * The integers to multiply with: {@code c << 2(4-p)} of searched layers, the plain code of edge
   * layers; the layout of {@link #codes}.
   */
  public int[] aligned() {
    return unpack(true);
  }

  private int[] unpack(boolean align) {
    int perOutput = channelsPerOutput();
    int[] values = new int[outputs * taps * perOutput];
    // Digits u become 2u - (2^p - 1), aligned or not, or u - 128.
    int[] factor = new int[9];
    int[] less = new int[9];
    for (int p = 1; p <= 8; p++) {
      int one = align && p <= Codes.ALIGNMENT ? Codes.aligned(1, p) : 1;
      factor[p] = p == 8 ? 1 : 2 * one;
      less[p] = p == 8 ? 128 : ((1 << p) - 1) * one;
    }
    ByteBuffer rows = ByteBuffer.wrap(bits);
    int[] runEnds = runEnds();
    long row = 0;
    for (int o = 0; o < outputs; o++) {
      int base = groupOf(o) * perOutput;
      long bit = row * 8;
      for (int t = 0; t < taps; t++) {
        int from = (o * taps + t) * perOutput;
        for (int c = base; c < base + perOutput; c = runEnds[c]) {
          int p = precision[c];
          int count = runEnds[c] - c;
          unpack(rows, bit, p, values, from + c - base, count, factor[p], less[p]);
          bit += (long) p * count;
        }
      }
      row += rowBytes(groupOf(o));
    }
    return values;
  }

  /** Unpacks neighbouring weights of one precision, the first at {@code bit}. */
  private static void unpack(
      ByteBuffer rows, long bit, int p, int[] values, int from, int count, int factor, int less) {
    int perWindow = WINDOW_BITS / p;
    for (int done = 0; done < count; done += perWindow) {
      long window = window(rows, bit + (long) p * done);
      int end = Math.min(count, done + perWindow);
      for (int i = done; i < end; i++) {
        values[from + i] = (int) (window >>> (64 - p)) * factor - less;
        window <<= p;
      }
    }
  }

  /** The bits from {@code bit} on, of which {@link #WINDOW_BITS} are valid, from the left. */
  static long window(ByteBuffer rows, long bit) {
    int at = (int) (bit >> 3);
    int over = (int) (bit & 7);
    if (at + 8 <= rows.limit()) {
      return rows.getLong(at) << over;
    }
    long window = 0;
    for (int k = 0; k < 8; k++) {
      window = window << 8 | (at + k < rows.limit() ? rows.get(at + k) & 0xFF : 0);
    }
    return window << over;
  }

  /** For each entry of {@link #precision} where its run of equal ones ends, within its group. */
  int[] runEnds() {
    int perOutput = channelsPerOutput();
    int[] ends = new int[precision.length];
    for (int c = ends.length - 1; c >= 0; c--) {
      boolean last = (c + 1) % perOutput == 0 || precision[c + 1] != precision[c];
      ends[c] = last ? c + 1 : ends[c + 1];
    }
    return ends;
  }

  /**
   * The digits of one weight.
   *
   * @param bit its first bit, counted over all rows
   * @param count its precision, 1 to 8
   */
  public int digits(long bit, int count) {
    int at = (int) (bit >> 3);
    int end = (int) (bit & 7) + count;
    int two = (bits[at] & 0xFF) << 8 | (end > 8 ? bits[at + 1] & 0xFF : 0);
    return (two >> (16 - end)) & ((1 << count) - 1);
  }

  /**
   * Packs codes given in the layout of {@link #codes}.
   *
   * @param codes odd codes, or -127..127 at 8 bits
   */
  public static PackedWeights pack(
      int outputs, int taps, byte[] precision, int groups, int[] codes) {
    PackedWeights empty = new PackedWeights(outputs, taps, precision, groups, new byte[0]);
    byte[] bits = new byte[Math.toIntExact(empty.totalBytes())];
    int perOutput = empty.channelsPerOutput();
    int row = 0;
    int i = 0;
    for (int o = 0; o < outputs; o++) {
      int base = empty.groupOf(o) * perOutput;
      int bit = row * 8;
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < perOutput; c++, i++) {
          int p = precision[base + c];
          int digits = p == 8 ? codes[i] + 128 : Codes.digits(codes[i], p);
          for (int k = p - 1; k >= 0; k--, bit++) {
            bits[bit >> 3] |= (byte) ((digits >> k & 1) << (7 - (bit & 7)));
          }
        }
      }
      row += empty.rowBytes(empty.groupOf(o));
    }
    return new PackedWeights(outputs, taps, precision, groups, bits);
  }

  /**
   * The same weights but for one bit of {@link #bits}, to see that a difference is noticed.
   *
   * @param bit counted from the first byte's most significant one; beyond the last it starts anew
   */
  public PackedWeights withFlippedBit(int bit) {
    byte[] flipped = bits.clone();
    flipped[(bit >> 3) % flipped.length] ^= (byte) (0x80 >> (bit & 7));
    return new PackedWeights(outputs, taps, precision, groups, flipped);
  }
}
