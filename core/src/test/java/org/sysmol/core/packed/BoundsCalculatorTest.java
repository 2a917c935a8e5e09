package org.sysmol.core.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class BoundsCalculatorTest {
  private static final byte[] PRECISIONS = {1, 2, 4};

  private static PackedWeights random(
      Random random, int outputs, int taps, int channels, int groups, boolean edge) {
    byte[] precision = new byte[channels];
    for (int c = 0; c < channels; c++) {
      precision[c] = edge ? 8 : PRECISIONS[random.nextInt(3)];
    }
    int perOutput = channels / groups;
    int[] codes = new int[outputs * taps * perOutput];
    for (int i = 0; i < codes.length; i++) {
      int group = i / (taps * perOutput) / (outputs / groups);
      int p = precision[group * perOutput + i % perOutput];
      codes[i] = p == 8 ? random.nextInt(255) - 127 : 2 * random.nextInt(1 << p) - (1 << p) + 1;
    }
    return PackedWeights.pack(outputs, taps, precision, groups, codes);
  }

  /** Sums with the codes that attain the extreme, by output and segment. */
  private static long attained(
      PackedWeights w, byte[] segments, int output, int segment, boolean signed, boolean high) {
    int[] aligned = w.aligned();
    int perOutput = w.channelsPerOutput();
    int base = w.groupOf(output) * perOutput;
    long sum = 0;
    for (int t = 0; t < w.taps(); t++) {
      for (int c = 0; c < perOutput; c++) {
        int p = w.precision()[base + c];
        if (p != segments[segment]) {
          continue;
        }
        int weight = aligned[(output * w.taps() + t) * perOutput + c];
        int most = p == 8 ? (signed ? 127 : 255) : (1 << p) - 1;
        int least = signed ? -most : 0;
        long a = (long) weight * most;
        long b = (long) weight * least;
        sum += high ? Math.max(a, b) : Math.min(a, b);
      }
    }
    return sum;
  }

  @Test
  void boundsAreWhatTheWorstCodesAttain() {
    Random random = new Random(11);
    int[] sizes = {1, 3, 5, 31, 33, 37, 65};
    for (int i = 0; i < 60; i++) {
      int groups = i % 3 == 0 ? 3 : 1;
      int channels = sizes[i % sizes.length] * groups;
      boolean signed = random.nextBoolean();
      PackedWeights w =
          random(random, groups * (1 + i % 4), 1 + i % 9, channels, groups, i % 5 == 0);
      Bounds bounds = BoundsCalculator.of("layer", w, signed);
      byte[] segments = bounds.segments();
      for (int o = 0; o < w.outputs(); o++) {
        for (int s = 0; s < segments.length; s++) {
          int at = o * segments.length + s;
          assertThat((long) bounds.low()[at]).isEqualTo(attained(w, segments, o, s, signed, false));
          assertThat((long) bounds.high()[at]).isEqualTo(attained(w, segments, o, s, signed, true));
        }
      }
    }
  }

  @Test
  void segmentsDescend() {
    assertThat(BoundsCalculator.segments(new byte[] {1, 4, 1, 2, 4})).containsExactly(4, 2, 1);
    assertThat(BoundsCalculator.segments(new byte[] {2, 2})).containsExactly(2);
    assertThat(BoundsCalculator.segments(new byte[] {8})).containsExactly(8);
  }

  @Test
  void unitsAreTheAlignedLargestProducts() {
    assertThat(BoundsCalculator.unit(1, false)).isEqualTo(64);
    assertThat(BoundsCalculator.unit(2, true)).isEqualTo(48);
    assertThat(BoundsCalculator.unit(4, true)).isEqualTo(15);
    assertThat(BoundsCalculator.unit(8, false)).isEqualTo(255);
    assertThat(BoundsCalculator.unit(8, true)).isEqualTo(127);
  }

  @Test
  void theLargestSumThatFitsIsKeptAndOneMoreIsRefused() {
    // 127 * 255 * n stays below 2^31 up to n = 66311.
    assertThat(full(66311, 127).high(0)).isEqualTo(127L * 255 * 66311);
    assertThat(full(66311, -127).low(0)).isEqualTo(-127L * 255 * 66311);
    assertThatThrownBy(() -> full(66312, 127))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "The sum of output 0 of layer wide could reach 2147514120, which overflows 32 bits;"
                + " give the layer fewer inputs or fewer bits.");
    assertThatThrownBy(() -> full(66312, -127)).isInstanceOf(SysmolException.class);
  }

  private static Bounds full(int channels, int code) {
    byte[] precision = new byte[channels];
    java.util.Arrays.fill(precision, (byte) 8);
    int[] codes = new int[channels];
    java.util.Arrays.fill(codes, code);
    PackedWeights weights = PackedWeights.pack(1, 1, precision, 1, codes);
    return BoundsCalculator.of("wide", weights, false);
  }

  @Test
  void packedCodesAndSingleDigitsAgree() {
    Random random = new Random(5);
    for (int i = 0; i < 20; i++) {
      PackedWeights w = random(random, 4, 3, 33, 1, i % 4 == 0);
      int[] codes = w.codes();
      assertThat(PackedWeights.pack(4, 3, w.precision(), 1, codes).bits()).isEqualTo(w.bits());
      long bit = 0;
      for (int k = 0; k < 33; k++) {
        int p = w.precision()[k];
        int digits = w.digits(bit, p);
        assertThat(p == 8 ? digits - 128 : 2 * digits - (1 << p) + 1).isEqualTo(codes[k]);
        bit += p;
      }
    }
  }
}
