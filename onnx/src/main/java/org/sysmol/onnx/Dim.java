package org.sysmol.onnx;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A whole number of the file's shape arithmetic: known, or an expression of sizes that only a run
 * fixes (a free batch or picture size). Two equal expressions are the same number.
 *
 * @param value the number; meaningless if an expression stands for it
 * @param expression empty if the number is known
 */
record Dim(long value, String expression) {
  private static final int LONGEST_EXPRESSION = 200;

  /** A known number. */
  static Dim of(long value) {
    return new Dim(value, "");
  }

  /** A number that only a run fixes. */
  static Dim free(String expression) {
    if (expression.length() <= LONGEST_EXPRESSION) {
      return new Dim(-1, expression);
    }
    // Nested expressions can double at each step; a digest keeps equality and bounds the length.
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(expression.getBytes(StandardCharsets.UTF_8));
      return new Dim(-1, "#" + HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  /** True if the number is known now. */
  boolean known() {
    return expression.isEmpty();
  }

  /** True if the number is known to be {@code number}. */
  boolean is(long number) {
    return known() && value == number;
  }

  /** The sum. */
  Dim plus(Dim other) {
    if (known() && other.known()) {
      return of(Math.addExact(value, other.value));
    }
    return is(0) ? other : other.is(0) ? this : free("(" + this + "+" + other + ")");
  }

  /** The difference. */
  Dim minus(Dim other) {
    if (known() && other.known()) {
      return of(Math.subtractExact(value, other.value));
    }
    return equals(other) ? of(0) : other.is(0) ? this : free("(" + this + "-" + other + ")");
  }

  /** The product. */
  Dim times(Dim other) {
    if (known() && other.known()) {
      return of(Math.multiplyExact(value, other.value));
    }
    if (is(0) || other.is(0)) {
      return of(0);
    }
    return is(1) ? other : other.is(1) ? this : free("(" + this + "*" + other + ")");
  }

  /** The quotient as ONNX divides integers: towards zero. The divisor is not known to be 0. */
  Dim dividedBy(Dim other) {
    if (known() && other.known()) {
      return of(value / other.value);
    }
    return other.is(1) ? this : equals(other) ? of(1) : free("(" + this + "/" + other + ")");
  }

  @Override
  public String toString() {
    return known() ? Long.toString(value) : expression;
  }
}
