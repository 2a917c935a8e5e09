package org.sysmol.core.packed;

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
    int perOutput = channelsPerOutput();
    int[] codes = new int[outputs * taps * perOutput];
    int row = 0;
    int i = 0;
    for (int o = 0; o < outputs; o++) {
      int base = groupOf(o) * perOutput;
      int bit = row * 8;
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < perOutput; c++, i++) {
          int p = precision[base + c];
          int digits = digits(bit, p);
          codes[i] = p == 8 ? digits - 128 : Codes.oddCode(digits, p);
          bit += p;
        }
      }
      row += rowBytes(groupOf(o));
    }
    return codes;
  }

  /**
   * The integers to multiply with: {@code c << 2(4-p)} of searched layers, the plain code of edge
   * layers; the layout of {@link #codes}.
   */
  public int[] aligned() {
    int perOutput = channelsPerOutput();
    int[] values = codes();
    int i = 0;
    for (int o = 0; o < outputs; o++) {
      int base = groupOf(o) * perOutput;
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < perOutput; c++, i++) {
          int p = precision[base + c];
          values[i] = p == 8 ? values[i] : Codes.aligned(values[i], p);
        }
      }
    }
    return values;
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
