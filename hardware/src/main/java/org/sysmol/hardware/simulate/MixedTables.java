package org.sysmol.hardware.simulate;

import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.MixedProduct;

/**
 * {@link MixedProduct} by table: a lane's sum is that of its two bytes, for no slot crosses a byte.
 */
final class MixedTables {
  private static final short[][] SUMS = new short[3][];

  static {
    for (LaneMode mode : LaneMode.values()) {
      short[] sums = new short[1 << 16];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = (short) MixedProduct.lane(i >> 8, i & 0xFF, mode);
      }
      SUMS[mode.field()] = sums;
    }
  }

  private MixedTables() {}

  /** Four lanes of one 64-bit word, added to accumulators in {@code sum}. */
  static long accumulate(long weights, long activations, int modes, long sum) {
    long result = 0;
    for (int l = 0; l < 4; l++) {
      short[] sums = SUMS[(modes >> (2 * l)) & 3];
      int w = (int) (weights >>> (16 * l)) & 0xFFFF;
      int a = (int) (activations >>> (16 * l)) & 0xFFFF;
      int lane =
          sums[((w & 0xFF) << 8) | (a & 0xFF)]
              + sums[(w & 0xFF00) | (a >> 8)]
              + (int) (sum >>> (16 * l));
      result |= (long) (lane & 0xFFFF) << (16 * l);
    }
    return result;
  }
}
