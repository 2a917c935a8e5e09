package org.sysmol.runtime.x86;

import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * binary32 arithmetic as the processor does it with MXCSR as a JVM leaves it: round to nearest,
 * ties to even, subnormal numbers kept, no exceptions taken.
 *
 * <p>Values travel as bit patterns, because the payload of a NaN is part of the result.
 */
final class FloatUnit {
  private static final int QUIET = 0x00400000;
  private static final int DEFAULT_NAN = 0xFFC00000;

  private FloatUnit() {}

  static void describe(VectorUnit unit) {
    binary(unit, Mnemonic.VADDPS, arithmetic((a, b) -> a + b));
    binary(unit, Mnemonic.VSUBPS, arithmetic((a, b) -> a - b));
    binary(unit, Mnemonic.VMULPS, arithmetic((a, b) -> a * b));
    binary(unit, Mnemonic.VDIVPS, arithmetic((a, b) -> a / b));
    // The second operand comes out where the two are equal or either is a NaN.
    binary(unit, Mnemonic.VMAXPS, (a, b) -> real(a) > real(b) ? a : b);
    binary(unit, Mnemonic.VMINPS, (a, b) -> real(a) < real(b) ? a : b);
    binary(unit, Mnemonic.VANDPS, (a, b) -> a & b);
    binary(unit, Mnemonic.VANDNPS, (a, b) -> ~a & b);
    binary(unit, Mnemonic.VORPS, (a, b) -> a | b);
    binary(unit, Mnemonic.VXORPS, (a, b) -> a ^ b);
    unary(unit, Mnemonic.VCVTDQ2PS, a -> Float.floatToRawIntBits((float) a));
    unary(unit, Mnemonic.VCVTUDQ2PS, a -> Float.floatToRawIntBits((float) (a & 0xFFFFFFFFL)));
    unary(unit, Mnemonic.VCVTPS2DQ, a -> toInteger(Math.rint(real(a))));
    unary(unit, Mnemonic.VCVTTPS2DQ, a -> toInteger(truncate(real(a))));
    unit.addLanewise(Mnemonic.VROUNDPS, step -> round(step, 0));
    unit.addLanewise(Mnemonic.VRNDSCALEPS, step -> round(step, step.constant() >> 4));
    unit.comparison(
        Mnemonic.VCMPPS,
        32,
        true,
        (a, b, constant) -> predicate(real((int) a), real((int) b), constant & 31));
  }

  private static float real(int bits) {
    return Float.intBitsToFloat(bits);
  }

  private static boolean isNan(int bits) {
    return (bits & 0x7FFFFFFF) > 0x7F800000;
  }

  /** An operation on floats. */
  @FunctionalInterface
  private interface Arithmetic {
    float apply(float a, float b);
  }

  /** A NaN among the operands comes out made quiet, the first one if both are. */
  private static IntBinaryOperator arithmetic(Arithmetic operation) {
    return (a, b) -> {
      if (isNan(a) || isNan(b)) {
        return (isNan(a) ? a : b) | QUIET;
      }
      float result = operation.apply(real(a), real(b));
      return Float.isNaN(result) ? DEFAULT_NAN : Float.floatToRawIntBits(result);
    };
  }

  private static void binary(VectorUnit unit, Mnemonic mnemonic, IntBinaryOperator operator) {
    unit.signed(mnemonic, 32, (a, b) -> operator.applyAsInt((int) a, (int) b));
  }

  private static void unary(VectorUnit unit, Mnemonic mnemonic, IntUnaryOperator operator) {
    unit.unary(mnemonic, 32, a -> operator.applyAsInt((int) a));
  }

  /** What fits no int, and a NaN, becomes the smallest int. */
  private static int toInteger(double whole) {
    return whole >= -0x1p31 && whole < 0x1p31 ? (int) whole : Integer.MIN_VALUE;
  }

  private static double truncate(double value) {
    return value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  /** Rounds to a multiple of {@code 2^-fraction}; the low bits of the constant say how. */
  private static void round(VectorStep step, int fraction) {
    byte[] a = step.source(1);
    for (int i = 0; i < step.bytes() / 4; i++) {
      int bits = Lanes.dword(a, i);
      if (isNan(bits)) {
        Lanes.set(step.out, 32, i, bits | QUIET);
        continue;
      }
      double scaled = Math.scalb((double) real(bits), fraction);
      double whole =
          switch ((step.constant() & 4) != 0 ? 0 : step.constant() & 3) {
            case 0 -> Math.rint(scaled);
            case 1 -> Math.floor(scaled);
            case 2 -> Math.ceil(scaled);
            default -> truncate(scaled);
          };
      float result = (float) Math.scalb(whole, -fraction);
      Lanes.set(step.out, 32, i, Float.floatToRawIntBits(Math.copySign(result, real(bits))));
    }
  }

  /** The 32 predicates; the upper 16 differ from the lower in the exceptions they signal only. */
  private static boolean predicate(float a, float b, int constant) {
    boolean unordered = Float.isNaN(a) || Float.isNaN(b);
    return switch (constant & 15) {
      case 0 -> a == b;
      case 1 -> a < b;
      case 2 -> a <= b;
      case 3 -> unordered;
      case 4 -> a != b;
      case 5 -> !(a < b);
      case 6 -> !(a <= b);
      case 7 -> !unordered;
      case 8 -> unordered || a == b;
      case 9 -> !(a >= b);
      case 10 -> !(a > b);
      case 11 -> false;
      case 12 -> !unordered && a != b;
      case 13 -> a >= b;
      case 14 -> a > b;
      default -> true;
    };
  }
}
