package org.sysmol.hardware.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.pattern.Pattern;

/** The unit's products against the codes of the contract, and the bounds that docs/isa.md gives. */
class MixedProductTest {
  @Test
  void laneIsTheSumOfAlignedProducts() {
    Random random = new Random(1);
    for (LaneMode mode : LaneMode.values()) {
      int p = mode.precision();
      for (int n = 0; n < 20_000; n++) {
        int weights = random.nextInt(1 << 16);
        int activations = random.nextInt(1 << 16);
        int unsigned = 0;
        int signed = 0;
        for (int i = 0; i < mode.slots(); i++) {
          int w = Codes.aligned(Codes.oddCode(weights >> p * i & (1 << p) - 1, p), p);
          int u = activations >> p * i & (1 << p) - 1;
          unsigned += w * u;
          signed += w * Codes.oddCode(u, p);
        }
        assertThat(MixedProduct.lane(weights, activations, mode, false)).isEqualTo(unsigned);
        assertThat(MixedProduct.lane(weights, activations, mode, true)).isEqualTo(signed);
      }
    }
  }

  @Test
  void boundsAreAttainedAndNothingPassesThem() {
    int[] fit = {36, 28, 31};
    for (LaneMode mode : LaneMode.values()) {
      assertThat(MixedProduct.lane(0xFFFF, 0xFFFF, mode, false)).isEqualTo(mode.bound());
      assertThat(MixedProduct.lane(0, 0xFFFF, mode, false)).isEqualTo(-mode.bound());
      assertThat(MixedProduct.lane(0, 0, mode, true)).isEqualTo(mode.bound());
      assertThat(MixedProduct.lane(0, 0xFFFF, mode, true)).isEqualTo(-mode.bound());
      assertThat(Short.MAX_VALUE / mode.bound()).isEqualTo(fit[mode.ordinal()]);
    }
  }

  @Test
  void patternsPutWideLanesFirst() {
    Pattern mixed = new Pattern(32, 32, 8);
    assertThat(LaneMode.modes(mixed)).isEqualTo(0b10_10_01_01_01_01_00_00);
    short[] lanes = {1, 2, 3, 4, 5, 6, 7, -8};
    MixedProduct.accumulate(
        new long[] {-1, -1}, new long[] {-1, -1}, LaneMode.modes(mixed), false, lanes);
    assertThat(lanes).containsExactly(901, 902, 1155, 1156, 1157, 1158, 1031, 1016);
  }
}
