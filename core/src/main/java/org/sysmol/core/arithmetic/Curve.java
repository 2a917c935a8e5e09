package org.sysmol.core.arithmetic;

/**
 * A function of one number that is stored as a table of codes (docs/arithmetic.md §14), as the tree
 * of operations that a float network spells it with. Equal trees are equal.
 */
public sealed interface Curve {
  /** The value at {@code x}, each operation in double. */
  double at(double x);

  /**
   * True if no value can be negative.
   *
   * @param input whether that holds for the values it is applied to
   */
  boolean nonNegative(boolean input);

  /** Operations of the tree, each place where one occurs counted. */
  int operations();

  /** The number it is applied to. */
  record Input() implements Curve {
    @Override
    public double at(double x) {
      return x;
    }

    @Override
    public boolean nonNegative(boolean input) {
      return input;
    }

    @Override
    public int operations() {
      return 0;
    }
  }

  /**
   * One number.
   *
   * @param value which
   */
  record Constant(float value) implements Curve {
    @Override
    public double at(double x) {
      return value;
    }

    @Override
    public boolean nonNegative(boolean input) {
      return value >= 0f;
    }

    @Override
    public int operations() {
      return 0;
    }
  }

  /**
   * {@code a + b}.
   *
   * @param a first term
   * @param b second term
   */
  record Sum(Curve a, Curve b) implements Curve {
    @Override
    public double at(double x) {
      return a.at(x) + b.at(x);
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input) && b.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations() + b.operations();
    }
  }

  /**
   * {@code a - b}.
   *
   * @param a what is subtracted from
   * @param b what is subtracted
   */
  record Difference(Curve a, Curve b) implements Curve {
    @Override
    public double at(double x) {
      return a.at(x) - b.at(x);
    }

    @Override
    public boolean nonNegative(boolean input) {
      return false;
    }

    @Override
    public int operations() {
      return 1 + a.operations() + b.operations();
    }
  }

  /**
   * {@code a * b}.
   *
   * @param a first factor
   * @param b second factor
   */
  record Product(Curve a, Curve b) implements Curve {
    @Override
    public double at(double x) {
      return a.at(x) * b.at(x);
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input) && b.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations() + b.operations();
    }
  }

  /**
   * {@code a / b}.
   *
   * @param a numerator
   * @param b denominator
   */
  record Quotient(Curve a, Curve b) implements Curve {
    @Override
    public double at(double x) {
      return a.at(x) / b.at(x);
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input) && b.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations() + b.operations();
    }
  }

  /**
   * {@code a} between two bounds.
   *
   * @param a of what
   * @param clamp the bounds
   */
  record Clipped(Curve a, Clamp clamp) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      return value > clamp.low() ? (value < clamp.high() ? value : clamp.high()) : clamp.low();
    }

    @Override
    public boolean nonNegative(boolean input) {
      return clamp.nonNegative() || (a.nonNegative(input) && clamp.high() >= 0f);
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code 1 / (1 + exp(-a))}.
   *
   * @param a of what
   */
  record Sigmoid(Curve a) implements Curve {
    @Override
    public double at(double x) {
      return 1.0 / (1.0 + StrictMath.exp(-a.at(x)));
    }

    @Override
    public boolean nonNegative(boolean input) {
      return true;
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code max(0, min(1, slope * a + offset))}.
   *
   * @param a of what
   * @param slope factor
   * @param offset value at 0
   */
  record HardSigmoid(Curve a, float slope, float offset) implements Curve {
    @Override
    public double at(double x) {
      return Math.max(0.0, Math.min(1.0, slope * a.at(x) + offset));
    }

    @Override
    public boolean nonNegative(boolean input) {
      return true;
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code a * max(0, min(1, a / 6 + 1/2))}.
   *
   * @param a of what
   */
  record HardSwish(Curve a) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      return value * Math.max(0.0, Math.min(1.0, value / 6.0 + 0.5));
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code tanh(a)}.
   *
   * @param a of what
   */
  record Tanh(Curve a) implements Curve {
    @Override
    public double at(double x) {
      return StrictMath.tanh(a.at(x));
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code a} where it is positive, else {@code slope * a}.
   *
   * @param a of what
   * @param slope factor of negative values
   */
  record LeakyRelu(Curve a, float slope) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      return value > 0 ? value : slope * value;
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input) || slope <= 0f;
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code a} where it is positive, else {@code factor * (exp(a) - 1)}.
   *
   * @param a of what
   * @param factor of the exponential
   */
  record Elu(Curve a, float factor) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      return value > 0 ? value : factor * StrictMath.expm1(value);
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * {@code log(1 + exp(a))}.
   *
   * @param a of what
   */
  record Softplus(Curve a) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      return Math.max(value, 0.0) + StrictMath.log1p(StrictMath.exp(-Math.abs(value)));
    }

    @Override
    public boolean nonNegative(boolean input) {
      return true;
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }

  /**
   * The error function of {@code a}.
   *
   * @param a of what
   */
  record Erf(Curve a) implements Curve {
    @Override
    public double at(double x) {
      double value = a.at(x);
      double square = value * value;
      if (square > 36) {
        return Math.signum(value);
      }
      // 2 / sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)): no term cancels.
      double term = value;
      double sum = value;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term = term * 2 * square / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-square) * sum;
    }

    @Override
    public boolean nonNegative(boolean input) {
      return a.nonNegative(input);
    }

    @Override
    public int operations() {
      return 1 + a.operations();
    }
  }
}
