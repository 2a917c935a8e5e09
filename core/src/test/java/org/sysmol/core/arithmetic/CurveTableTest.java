package org.sysmol.core.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Stored functions (docs/arithmetic.md §14). */
class CurveTableTest {
  private static final Curve X = new Curve.Input();
  private static final Curve SWISH = new Curve.Product(X, new Curve.Sigmoid(X));

  /** Hard-swish as exporters spell it. */
  private static final Curve SPELLED =
      new Curve.Quotient(
          new Curve.Product(
              X, new Curve.Clipped(new Curve.Sum(X, new Curve.Constant(3)), new Clamp(0, 6))),
          new Curve.Constant(6));

  @Test
  void theWorkedExampleHolds() {
    Curve curve = new Curve.HardSwish(X);
    int entry = CurveTable.entry(-24, true);
    assertThat(curve.at(-1.5)).isEqualTo(-0.375);
    assertThat(CurveTable.eight(curve, 1 / 16f, true, 1 / 32f, false)[entry]).isEqualTo((byte) 0);
    assertThat(CurveTable.mixed(curve, 1 / 16f, true, 1f, 2, true)[entry]).isEqualTo((byte) -1);
  }

  @Test
  void functionsHaveTheirValues() {
    assertThat(new Curve.Sigmoid(X).at(0)).isEqualTo(0.5);
    assertThat(new Curve.Sigmoid(X).at(-1000)).isZero();
    assertThat(new Curve.Sigmoid(X).at(1000)).isEqualTo(1.0);
    assertThat(SWISH.at(2)).isCloseTo(2 / (1 + Math.exp(-2)), within(1e-12));
    assertThat(new Curve.HardSigmoid(X, 0.2f, 0.5f).at(-9)).isZero();
    assertThat(new Curve.HardSigmoid(X, 0.25f, 0.5f).at(1)).isEqualTo(0.75);
    assertThat(new Curve.Difference(new Curve.Constant(1), X).at(0.25)).isEqualTo(0.75);
    for (double x = -8; x <= 8; x += 0.125) {
      assertThat(SPELLED.at(x)).isCloseTo(new Curve.HardSwish(X).at(x), within(1e-12));
    }
  }

  @Test
  void entriesAreTheCodesOfTheValues() {
    for (Curve curve : List.of(SWISH, SPELLED, new Curve.Sigmoid(X), X)) {
      for (boolean signed : new boolean[] {false, true}) {
        float step = 0.043f;
        byte[] eight = CurveTable.eight(curve, step, true, 0.021f, signed);
        byte[] two = CurveTable.mixed(curve, step, true, 0.7f, 2, signed);
        for (int k = -128; k < 128; k++) {
          float t = (float) curve.at(k * step);
          int entry = CurveTable.entry(k, true);
          assertThat(eight[entry]).isEqualTo((byte) Codes.eightBitCode(t, 1f / 0.021f, signed));
          float inverse = Codes.inverseStep(0.7f, 2);
          assertThat((int) two[entry])
              .isEqualTo(
                  signed
                      ? Codes.oddCode(Codes.signedDigits(t, inverse, 2), 2)
                      : Codes.unsignedCode(t, inverse, 2));
        }
      }
    }
  }

  @Test
  void onlyWhatCanBeNegativeIsSigned() {
    assertThat(new Curve.Sigmoid(X).nonNegative(false)).isTrue();
    assertThat(SWISH.nonNegative(false)).isFalse();
    assertThat(SWISH.nonNegative(true)).isTrue();
    assertThat(SPELLED.nonNegative(false)).isFalse();
    assertThat(new Curve.Clipped(SWISH, Clamp.RELU).nonNegative(false)).isTrue();
    assertThat(new Curve.Difference(X, new Curve.Constant(1)).nonNegative(true)).isFalse();
  }

  @Test
  void sharedOperandsCountEachTime() {
    Curve curve = X;
    for (int i = 0; i < 6; i++) {
      curve = new Curve.Product(curve, curve);
    }
    assertThat(curve.operations()).isEqualTo(63);
  }
}
