package org.sysmol.hardware.isa;

/**
 * The sum of products that the mixed unit makes of one lane of weights and one of activations: the
 * specification in code of VMUL and VMAC (docs/isa.md). The simulator executes it and the RTL is
 * tested equal to it.
 *
 * <p>A slot holds {@code p} bits, the first slot in the lane's lowest bits: of an activation its
 * digits {@code u}, of a weight {@code s = (c - 1) / 2} in two's complement, {@code c} being its
 * odd code (docs/arithmetic.md §2 and §4). Each product {@code 2 s u} is shifted left by {@code 2(4
 * - p)} (§5). What is missing to {@code c u}, the activation itself, is the same for all outputs
 * and is in the register that a sum begins from.
 */
public final class MixedProduct {
  private MixedProduct() {}

  /**
   * The sum over the slots of one lane, -2048 to 840: exact, it fits 12 bits.
   *
   * @param weights 16 bits; what stands above them is ignored
   * @param activations 16 bits; what stands above them is ignored
   * @param mode what their slots are
   */
  public static int lane(int weights, int activations, LaneMode mode) {
    int p = mode.precision();
    int mask = (1 << p) - 1;
    int sum = 0;
    for (int slot = 0; slot < mode.slots(); slot++) {
      int s = weights << (32 - p * (slot + 1)) >> (32 - p);
      sum += s * ((activations >> (slot * p)) & mask);
    }
    return (2 * sum) << (2 * (4 - p));
  }

  /**
   * The bits of a weight's slot: {@code (c - 1) / 2} in two's complement.
   *
   * @param code the weight's odd code {@code c}
   * @param precision bits of the slot
   */
  public static int slot(int code, int precision) {
    return (code >> 1) & ((1 << precision) - 1);
  }

  /**
   * What is missing in {@link #lane} to products of odd codes: the sum of a lane's activations,
   * each shifted left by {@code 2(4 - p)}. Sums begin from it.
   *
   * @param activations 16 bits; what stands above them is ignored
   * @param mode what their slots are
   */
  public static int activations(int activations, LaneMode mode) {
    return lane(-1, activations, mode) / -2;
  }

  /**
   * VMAC over one 128-bit register: {@code lanes[l] = (short) (lanes[l] + sum of lane l)}; VMUL is
   * the same from lanes of 0.
   *
   * @param weights eight lanes, two 64-bit words, the lower first
   * @param activations as {@code weights}
   * @param modes a pattern register ({@link LaneMode#modes})
   * @param lanes eight accumulators, changed in place
   */
  public static void accumulate(long[] weights, long[] activations, int modes, short[] lanes) {
    for (int l = 0; l < lanes.length; l++) {
      int shift = 16 * (l & 3);
      int w = (int) (weights[l >> 2] >>> shift) & 0xFFFF;
      int a = (int) (activations[l >> 2] >>> shift) & 0xFFFF;
      int sum = LaneMode.in(modes, l).map(mode -> lane(w, a, mode)).orElse(0);
      lanes[l] += (short) sum;
    }
  }
}
