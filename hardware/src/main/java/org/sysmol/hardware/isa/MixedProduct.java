package org.sysmol.hardware.isa;

/**
 * The sum of products that the mixed unit makes of one lane of weights and one of activations: the
 * specification in code of VMUL and VMAC (docs/isa.md). The simulator executes it and the RTL is
 * tested equal to it.
 *
 * <p>A slot holds the digits {@code u} of its precision {@code p}, the first slot in the lane's
 * lowest bits. A weight's digits mean the odd code {@code 2u - (2^p - 1)}; an activation's mean
 * {@code u} itself, or, where signed, the same odd code (docs/arithmetic.md §2 and §4). Each
 * product is shifted left by {@code 2(4 - p)} (§5).
 */
public final class MixedProduct {
  private MixedProduct() {}

  /**
   * The sum over the slots of one lane, -1152 to 1152: exact, it fits 12 bits.
   *
   * @param weights 16 bits; what stands above them is ignored
   * @param activations 16 bits; what stands above them is ignored
   * @param mode what their slots are
   * @param signed whether activations are odd codes
   */
  public static int lane(int weights, int activations, LaneMode mode, boolean signed) {
    int p = mode.precision();
    int mask = (1 << p) - 1;
    int sum = 0;
    for (int slot = 0; slot < mode.slots(); slot++) {
      int w = 2 * ((weights >> (slot * p)) & mask) - mask;
      int u = (activations >> (slot * p)) & mask;
      sum += w * (signed ? 2 * u - mask : u);
    }
    return sum << (2 * (4 - p));
  }

  /**
   * VMAC over one 128-bit register: {@code lanes[l] = (short) (lanes[l] + sum of lane l)}; VMUL is
   * the same from lanes of 0.
   *
   * @param weights eight lanes, two 64-bit words, the lower first
   * @param activations as {@code weights}
   * @param modes a pattern register ({@link LaneMode#modes})
   * @param signed whether activations are odd codes
   * @param lanes eight accumulators, changed in place
   */
  public static void accumulate(
      long[] weights, long[] activations, int modes, boolean signed, short[] lanes) {
    for (int l = 0; l < lanes.length; l++) {
      int shift = 16 * (l & 3);
      int w = (int) (weights[l >> 2] >>> shift) & 0xFFFF;
      int a = (int) (activations[l >> 2] >>> shift) & 0xFFFF;
      int sum = LaneMode.in(modes, l).map(mode -> lane(w, a, mode, signed)).orElse(0);
      lanes[l] += (short) sum;
    }
  }
}
