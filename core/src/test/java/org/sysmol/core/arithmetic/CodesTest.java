package org.sysmol.core.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodesTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void weightCodesAreTheNearestOddCodeAndZeroIsPlusOne(int p) {
    assertThat(Codes.oddCode(Codes.weightDigits(0f, 0.37f, p), p)).isEqualTo(1);
    int top = (1 << p) - 1;
    SplittableRandom random = new SplittableRandom(p);
    for (int i = 0; i < 20_000; i++) {
      float delta = (float) Math.exp(random.nextDouble(-20, 5));
      float w = (float) (random.nextDouble(-3, 3) * delta);
      int digits = Codes.weightDigits(w, delta, p);
      int c = Codes.oddCode(digits, p);
      assertThat(digits).isBetween(0, top);
      assertThat(Codes.digits(c, p)).isEqualTo(digits);
      // No other code is nearer, but for rounding at the border of two cells.
      double value = Codes.weightValue(c, delta, p);
      for (int other : new int[] {c - 2, c + 2}) {
        if (Math.abs(other) <= top) {
          double distance = Math.abs((double) delta * other / (1 << (p - 1)) - w);
          assertThat(Math.abs(value - w)).isLessThanOrEqualTo(distance + 1e-6 * delta);
        }
      }
    }
  }

  @Test
  void extremesOfWeightsClampInsteadOfWrapping() {
    for (int p = 1; p <= 8; p++) {
      int top = (1 << p) - 1;
      assertThat(Codes.weightDigits(Float.MAX_VALUE, Float.MIN_NORMAL, p)).isEqualTo(top);
      assertThat(Codes.weightDigits(-Float.MAX_VALUE, Float.MIN_NORMAL, p)).isZero();
      assertThat(Codes.weightDigits(Float.MIN_VALUE, 1f, p)).isEqualTo(1 << (p - 1));
    }
  }

  @Test
  void alignedWeightsAreThoseOfTheTable() {
    assertThat(Codes.aligned(1, 1)).isEqualTo(64);
    assertThat(Codes.aligned(-1, 1)).isEqualTo(-64);
    assertThat(Codes.aligned(3, 2)).isEqualTo(48);
    assertThat(Codes.aligned(-1, 2)).isEqualTo(-16);
    assertThat(Codes.aligned(-15, 4)).isEqualTo(-15);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void unsignedCodesRoundHalfToEvenWithinTheClip(int p) {
    int top = (1 << p) - 1;
    float inv = Codes.inverseStep(1f, p);
    assertThat(inv).isEqualTo((float) Math.pow(2, p - 2));
    for (int u = 0; u <= top; u++) {
      float value = Codes.unsignedValue(u, 1f, p);
      assertThat(Codes.unsignedCode(value, inv, p)).isEqualTo(u);
      float tie = value + 0.5f / inv;
      int expected = u == top ? top : (u % 2 == 0 ? u : u + 1);
      assertThat(Codes.unsignedCode(tie, inv, p)).isEqualTo(expected);
    }
    assertThat(Codes.unsignedCode(-1f, inv, p)).isZero();
    assertThat(Codes.unsignedCode(Float.POSITIVE_INFINITY, inv, p)).isEqualTo(top);
    assertThat(Codes.unsignedCode(Float.NaN, inv, p)).isZero();
    assertThat(Codes.unsignedValue(top, 1f, p)).isEqualTo(4f - Codes.powerOfTwo(2 - p));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void signedDigitsFloorIntoCellsOfOddCodes(int p) {
    float inv = Codes.inverseStep(1f, p);
    for (int u = 0; u < 1 << p; u++) {
      float value = Codes.signedValue(Codes.oddCode(u, p), 1f, p);
      assertThat(Codes.signedDigits(value, inv, p)).isEqualTo(u);
    }
    assertThat(Codes.signedDigits(0f, inv, p)).isEqualTo(1 << (p - 1));
    assertThat(Codes.signedDigits(Float.NEGATIVE_INFINITY, inv, p)).isZero();
    assertThat(Codes.signedDigits(Float.POSITIVE_INFINITY, inv, p)).isEqualTo((1 << p) - 1);
  }

  @Test
  void eightBitCodesAreSymmetricAndRoundHalfToEven() {
    assertThat(Codes.eightBitCode(-1000f, 1f, true)).isEqualTo(-127);
    assertThat(Codes.eightBitCode(1000f, 1f, true)).isEqualTo(127);
    assertThat(Codes.eightBitCode(1000f, 1f, false)).isEqualTo(255);
    assertThat(Codes.eightBitCode(2.5f, 1f, false)).isEqualTo(2);
    assertThat(Codes.eightBitCode(3.5f, 1f, false)).isEqualTo(4);
    assertThat(Codes.eightBitCode(-0.5f, 1f, true)).isZero();
  }

  @Test
  void theSumOfMixedPrecisionsEqualsTheRealProduct() {
    SplittableRandom random = new SplittableRandom(7);
    int[] precisions = {1, 2, 4};
    for (int run = 0; run < 2_000; run++) {
      boolean signed = random.nextBoolean();
      long acc = 0;
      double real = 0;
      for (int i = 0; i < 33; i++) {
        int p = precisions[random.nextInt(3)];
        int cw = Codes.oddCode(random.nextInt(1 << p), p);
        int u = random.nextInt(1 << p);
        int a = signed ? Codes.oddCode(u, p) : u;
        acc += (long) Codes.aligned(cw, p) * a;
        double value = signed ? Codes.signedValue(a, 1f, p) : Codes.unsignedValue(a, 1f, p);
        real += Codes.weightValue(cw, 1f, p) * value;
      }
      double unit = Affine.searchedUnit(new float[] {1f}, 1f, signed)[0];
      assertThat(acc * unit).isEqualTo(real);
    }
  }

  @Test
  void workedExampleOfTheResidualBlock() {
    assertThat(Codes.oddCode(Codes.weightDigits(-0.3f, 0.5f, 4), 4)).isEqualTo(-5);
    assertThat(Codes.oddCode(Codes.weightDigits(-0.3f, 0.5f, 2), 2)).isEqualTo(-1);
    assertThat(Codes.oddCode(Codes.weightDigits(-0.3f, 0.5f, 1), 1)).isEqualTo(-1);
    assertThat(Codes.oddCode(Codes.weightDigits(0.2f, 0.5f, 1), 1)).isEqualTo(1);
    int u0 = Codes.unsignedCode(1.9f, Codes.inverseStep(1f, 4), 4);
    int u1 = Codes.unsignedCode(1.2f, Codes.inverseStep(1f, 1), 1);
    int acc = Codes.aligned(-5, 4) * u0 + Codes.aligned(1, 1) * u1;
    assertThat(acc).isEqualTo(24);
    Affine affine =
        Affine.fold(Affine.searchedUnit(new float[] {0.5f}, 1f, false), new float[] {0.25f}, null);
    float t = (float) acc;
    t = t * affine.scale()[0];
    t = t + affine.offset()[0];
    t = t + (float) 40 * 0.0625f;
    assertThat(Codes.eightBitCode(Clamp.RELU.apply(t), 32f, false)).isEqualTo(100);
  }

  @Test
  void workedExampleOfTheDepthwiseBlock() {
    float[] weights = {0.4f, -1.2f, 1.0f};
    int[] expected = {16, -48, 48};
    int[] activations = {0, 0, 0};
    float inv = Codes.inverseStep(0.8f, 2);
    activations[1] = Codes.oddCode(Codes.signedDigits(-1.0f, inv, 2), 2);
    activations[2] = Codes.oddCode(Codes.signedDigits(0.5f, inv, 2), 2);
    int acc = 0;
    for (int i = 0; i < 3; i++) {
      int aligned = Codes.aligned(Codes.oddCode(Codes.weightDigits(weights[i], 1f, 2), 2), 2);
      assertThat(aligned).isEqualTo(expected[i]);
      acc += aligned * activations[i];
    }
    assertThat(acc).isEqualTo(192);
    assertThat(acc * Affine.searchedUnit(new float[] {1f}, 0.8f, true)[0])
        .isCloseTo(2.4, org.assertj.core.data.Offset.offset(1e-6));
  }

  @Test
  void clampGivesThePositiveZeroOfItsBound() {
    assertThat(Float.floatToRawIntBits(Clamp.RELU.apply(-0f))).isZero();
    assertThat(Clamp.RELU.apply(Float.NaN)).isZero();
    assertThat(new Clamp(0f, 6f).apply(7f)).isEqualTo(6f);
    assertThat(Clamp.NONE.apply(-3f)).isEqualTo(-3f);
  }

  @Test
  void edgeWeightsOfADeadChannelAreZero() {
    float step = EdgeWeights.step(new float[4], 0, 4);
    assertThat(step).isEqualTo(1f);
    assertThat(EdgeWeights.code(0f, step)).isZero();
    float[] tiny = {1e-44f, -1e-44f};
    assertThat(EdgeWeights.code(tiny[0], EdgeWeights.step(tiny, 0, 2))).isBetween(-127, 127);
  }

  @Test
  void batchNormalisationFoldsInDoubleAndRoundsOnce() {
    BatchNorm norm =
        new BatchNorm(
            new float[] {1.7f}, new float[] {-0.3f}, new float[] {0.11f}, new float[] {0f}, 1e-5f);
    Affine affine = Affine.fold(new double[] {0.001}, new float[] {0.5f}, norm);
    double factor = (double) 1.7f / Math.sqrt((double) 1e-5f);
    assertThat(affine.scale()[0]).isEqualTo((float) (0.001 * factor));
    assertThat(affine.offset()[0])
        .isEqualTo((float) ((0.5 - (double) 0.11f) * factor + (double) -0.3f));
  }
}
