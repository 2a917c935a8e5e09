package org.sysmol.hardware.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.pattern.Pattern;

/** The unit's products against the codes of the contract, and the bounds that docs/isa.md gives. */
class MixedProductTest {
  /** What VMAC adds, begun from the activations' sum, is the sum of products of odd codes. */
  @Test
  void laneAndActivationsAreTheSumOfAlignedProducts() {
    Random random = new Random(1);
    for (LaneMode mode : LaneMode.values()) {
      int p = mode.precision();
      int mask = (1 << p) - 1;
      for (int n = 0; n < 20_000; n++) {
        int weights = random.nextInt(1 << 16);
        int activations = random.nextInt(1 << 16);
        int begin = 0;
        int unsigned = 0;
        int signed = 0;
        int ofWeights = 0;
        for (int i = 0; i < mode.slots(); i++) {
          // In two's complement the highest digit is inverted.
          int digits = (weights >> p * i & mask) ^ 1 << (p - 1);
          int code = Codes.oddCode(digits, p);
          assertThat(MixedProduct.slot(code, p)).isEqualTo(weights >> p * i & mask);
          int w = Codes.aligned(code, p);
          int u = activations >> p * i & mask;
          begin += u << 2 * (4 - p);
          unsigned += w * u;
          signed += w * Codes.oddCode(u, p);
          ofWeights += w * mask;
        }
        int sum = begin + MixedProduct.lane(weights, activations, mode);
        assertThat(MixedProduct.activations(activations, mode)).isEqualTo(begin);
        assertThat(sum).isEqualTo(unsigned);
        assertThat(2 * sum - ofWeights).isEqualTo(signed);
      }
    }
  }

  @Test
  void boundsAreAttainedAndNothingPassesThem() {
    int[] fit = {36, 28, 31};
    int[] lowest = {-960, -1536, -2048};
    int[] highest = {840, 768, 0};
    // All weights as low, and as high, as they can be.
    int[] low = {0x8888, 0xAAAA, 0xFFFF};
    int[] high = {0x7777, 0x5555, 0};
    for (LaneMode mode : LaneMode.values()) {
      int i = mode.ordinal();
      assertThat(MixedProduct.lane(low[i], 0xFFFF, mode)).isEqualTo(lowest[i]);
      assertThat(MixedProduct.lane(high[i], 0xFFFF, mode)).isEqualTo(highest[i]);
      // Begun from the activations' sum, the bounds of odd codes.
      int begin = mode.slots() * ((1 << mode.precision()) - 1) << 2 * (4 - mode.precision());
      assertThat(lowest[i] + begin).isEqualTo(-mode.bound());
      assertThat(highest[i] + begin).isEqualTo(mode.bound());
      assertThat(Short.MAX_VALUE / mode.bound()).isEqualTo(fit[i]);
    }
  }

  /** How programs sum up activations: a weight of all ones is -1 at every precision. */
  @Test
  void allOnesGiveMinusTwiceTheActivations() {
    for (LaneMode mode : LaneMode.values()) {
      int one = 1 << 2 * (4 - mode.precision());
      assertThat(MixedProduct.lane(0xFFFF, 1, mode)).isEqualTo(-2 * one);
    }
  }

  @Test
  void patternsPutWideLanesFirst() {
    Pattern mixed = new Pattern(32, 32, 8);
    assertThat(LaneMode.modes(mixed)).isEqualTo(0b10_10_01_01_01_01_00_00);
    short[] lanes = {1, 2, 3, 4, 5, 6, 7, -8};
    MixedProduct.accumulate(new long[] {-1, -1}, new long[] {-1, -1}, LaneMode.modes(mixed), lanes);
    assertThat(lanes).containsExactly(-119, -118, -765, -764, -763, -762, -2041, -2056);
  }
}
