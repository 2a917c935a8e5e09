package org.sysmol.runtime.x86;

import java.util.function.LongBinaryOperator;

/** Vector integer arithmetic lane by lane, logic, shifts and comparisons. */
final class IntegerUnit {
  private IntegerUnit() {}

  static void describe(VectorUnit unit) {
    sums(unit);
    extremes(unit);
    logic(unit);
    shifts(unit);
    comparisons(unit);
    unit.unary(Mnemonic.VPOPCNTD, 32, a -> Long.bitCount(a & 0xFFFFFFFFL));
    unit.unary(Mnemonic.VPOPCNTQ, 64, Long::bitCount);
    unit.add(Mnemonic.VGF2P8AFFINEQB, IntegerUnit::bitMatrix);
  }

  /**
   * Each byte of the first source times the 8x8 bits beside it in the second, whose byte 7 makes
   * bit 0 of the result, plus the constant, all modulo 2.
   */
  private static void bitMatrix(VectorStep step) {
    byte[] a = step.source(1);
    byte[] matrices = step.source(2);
    for (int i = 0; i < step.bytes(); i++) {
      int result = step.constant();
      for (int bit = 0; bit < 8; bit++) {
        result ^= (Integer.bitCount(a[i] & matrices[(i & ~7) + 7 - bit] & 0xFF) & 1) << bit;
      }
      step.out[i] = (byte) result;
    }
  }

  private static void sums(VectorUnit unit) {
    unit.signed(Mnemonic.VPADDB, 8, Long::sum);
    unit.signed(Mnemonic.VPADDW, 16, Long::sum);
    unit.signed(Mnemonic.VPADDD, 32, Long::sum);
    unit.signed(Mnemonic.VPADDQ, 64, Long::sum);
    unit.signed(Mnemonic.VPSUBB, 8, (a, b) -> a - b);
    unit.signed(Mnemonic.VPSUBW, 16, (a, b) -> a - b);
    unit.signed(Mnemonic.VPSUBD, 32, (a, b) -> a - b);
    unit.signed(Mnemonic.VPSUBQ, 64, (a, b) -> a - b);
    unit.signed(Mnemonic.VPADDSB, 8, (a, b) -> Lanes.saturateSigned(a + b, 8));
    unit.signed(Mnemonic.VPADDSW, 16, (a, b) -> Lanes.saturateSigned(a + b, 16));
    unit.unsigned(Mnemonic.VPADDUSB, 8, (a, b) -> Lanes.saturateUnsigned(a + b, 8));
    unit.unsigned(Mnemonic.VPADDUSW, 16, (a, b) -> Lanes.saturateUnsigned(a + b, 16));
    unit.signed(Mnemonic.VPSUBSB, 8, (a, b) -> Lanes.saturateSigned(a - b, 8));
    unit.signed(Mnemonic.VPSUBSW, 16, (a, b) -> Lanes.saturateSigned(a - b, 16));
    unit.unsigned(Mnemonic.VPSUBUSB, 8, (a, b) -> Lanes.saturateUnsigned(a - b, 8));
    unit.unsigned(Mnemonic.VPSUBUSW, 16, (a, b) -> Lanes.saturateUnsigned(a - b, 16));
    unit.signed(Mnemonic.VPMULLW, 16, (a, b) -> a * b);
    unit.signed(Mnemonic.VPMULHW, 16, (a, b) -> (a * b) >> 16);
    unit.unsigned(Mnemonic.VPMULHUW, 16, (a, b) -> (a * b) >> 16);
    unit.signed(Mnemonic.VPMULHRSW, 16, (a, b) -> (((a * b) >> 14) + 1) >> 1);
    unit.signed(Mnemonic.VPMULLD, 32, (a, b) -> a * b);
    unit.unsigned(Mnemonic.VPAVGB, 8, (a, b) -> (a + b + 1) >> 1);
  }

  private static void extremes(VectorUnit unit) {
    unit.signed(Mnemonic.VPMAXSB, 8, Math::max);
    unit.signed(Mnemonic.VPMAXSW, 16, Math::max);
    unit.signed(Mnemonic.VPMAXSD, 32, Math::max);
    unit.unsigned(Mnemonic.VPMAXUB, 8, Math::max);
    unit.unsigned(Mnemonic.VPMAXUW, 16, Math::max);
    unit.unsigned(Mnemonic.VPMAXUD, 32, Math::max);
    unit.signed(Mnemonic.VPMINSB, 8, Math::min);
    unit.signed(Mnemonic.VPMINSW, 16, Math::min);
    unit.signed(Mnemonic.VPMINSD, 32, Math::min);
    unit.unsigned(Mnemonic.VPMINUB, 8, Math::min);
    unit.unsigned(Mnemonic.VPMINUW, 16, Math::min);
    unit.unsigned(Mnemonic.VPMINUD, 32, Math::min);
    unit.unary(Mnemonic.VPABSB, 8, Math::abs);
    unit.unary(Mnemonic.VPABSW, 16, Math::abs);
    unit.unary(Mnemonic.VPABSD, 32, Math::abs);
    LongBinaryOperator sign = (a, b) -> a * Long.signum(b);
    unit.signed(Mnemonic.VPSIGNB, 8, sign);
    unit.signed(Mnemonic.VPSIGNW, 16, sign);
    unit.signed(Mnemonic.VPSIGND, 32, sign);
  }

  private static void logic(VectorUnit unit) {
    LongBinaryOperator and = (a, b) -> a & b;
    LongBinaryOperator andNot = (a, b) -> ~a & b;
    LongBinaryOperator or = (a, b) -> a | b;
    LongBinaryOperator xor = (a, b) -> a ^ b;
    unit.signed(Mnemonic.VPAND, 64, and);
    unit.signed(Mnemonic.VPANDD, 32, and);
    unit.signed(Mnemonic.VPANDQ, 64, and);
    unit.signed(Mnemonic.VPANDN, 64, andNot);
    unit.signed(Mnemonic.VPANDND, 32, andNot);
    unit.signed(Mnemonic.VPANDNQ, 64, andNot);
    unit.signed(Mnemonic.VPOR, 64, or);
    unit.signed(Mnemonic.VPORD, 32, or);
    unit.signed(Mnemonic.VPORQ, 64, or);
    unit.signed(Mnemonic.VPXOR, 64, xor);
    unit.signed(Mnemonic.VPXORD, 32, xor);
    unit.signed(Mnemonic.VPXORQ, 64, xor);
    unit.addLanewise(Mnemonic.VPTERNLOGD, IntegerUnit::ternaryLogic);
    unit.addLanewise(Mnemonic.VPTERNLOGQ, IntegerUnit::ternaryLogic);
  }

  /** The constant is the table of a function of three bits: destination, first, second source. */
  private static void ternaryLogic(VectorStep step) {
    byte[] a = step.source(0);
    byte[] b = step.source(1);
    byte[] c = step.source(2);
    for (int i = 0; i < step.bytes(); i++) {
      int result = 0;
      for (int row = 0; row < 8; row++) {
        if ((step.constant() >> row & 1) != 0) {
          result |=
              ((row & 4) != 0 ? a[i] : ~a[i])
                  & ((row & 2) != 0 ? b[i] : ~b[i])
                  & ((row & 1) != 0 ? c[i] : ~c[i]);
        }
      }
      step.out[i] = (byte) result;
    }
  }

  /** Shift left of {@code bits}; a count beyond the lane leaves nothing. */
  private static LongBinaryOperator left(int bits) {
    return (a, count) -> Long.compareUnsigned(count, bits) >= 0 ? 0 : a << count;
  }

  /** Shift right without a sign; a count beyond the lane leaves nothing. */
  private static LongBinaryOperator right(int bits) {
    return (a, count) -> Long.compareUnsigned(count, bits) >= 0 ? 0 : a >>> count;
  }

  /** Shift right with the sign; a count beyond the lane leaves the sign alone. */
  private static LongBinaryOperator arithmetic(int bits) {
    return (a, count) -> {
      long signed = a << (64 - bits) >> (64 - bits);
      return signed >> (Long.compareUnsigned(count, bits) >= 0 ? bits - 1 : count);
    };
  }

  private static void shifts(VectorUnit unit) {
    unit.withConstant(Mnemonic.VPSLLW, 16, left(16));
    unit.withConstant(Mnemonic.VPSLLD, 32, left(32));
    unit.withConstant(Mnemonic.VPSLLQ, 64, left(64));
    unit.withConstant(Mnemonic.VPSRLW, 16, right(16));
    unit.withConstant(Mnemonic.VPSRLD, 32, right(32));
    unit.withConstant(Mnemonic.VPSRLQ, 64, right(64));
    unit.withConstant(Mnemonic.VPSRAW, 16, arithmetic(16));
    unit.withConstant(Mnemonic.VPSRAD, 32, arithmetic(32));
    unit.withConstant(Mnemonic.VPSRAQ, 64, arithmetic(64));
    unit.unsigned(Mnemonic.VPSLLVW, 16, left(16));
    unit.unsigned(Mnemonic.VPSLLVD, 32, left(32));
    unit.unsigned(Mnemonic.VPSLLVQ, 64, left(64));
    unit.unsigned(Mnemonic.VPSRLVW, 16, right(16));
    unit.unsigned(Mnemonic.VPSRLVD, 32, right(32));
    unit.unsigned(Mnemonic.VPSRLVQ, 64, right(64));
    unit.unsigned(Mnemonic.VPSRAVW, 16, arithmetic(16));
    unit.unsigned(Mnemonic.VPSRAVD, 32, arithmetic(32));
    unit.add(Mnemonic.VPSLLDQ, step -> byteShift(step, -1));
    unit.add(Mnemonic.VPSRLDQ, step -> byteShift(step, 1));
  }

  /** Shifts each 128 bits by whole bytes. */
  private static void byteShift(VectorStep step, int direction) {
    byte[] a = step.source(1);
    for (int i = 0; i < step.bytes(); i++) {
      int from = (i & 15) + direction * step.constant();
      step.out[i] = from >= 0 && from < 16 ? a[(i & ~15) + from] : 0;
    }
  }

  private static void comparisons(VectorUnit unit) {
    unit.comparison(Mnemonic.VPCMPEQB, 8, true, (a, b, c) -> a == b);
    unit.comparison(Mnemonic.VPCMPEQW, 16, true, (a, b, c) -> a == b);
    unit.comparison(Mnemonic.VPCMPEQD, 32, true, (a, b, c) -> a == b);
    unit.comparison(Mnemonic.VPCMPGTB, 8, true, (a, b, c) -> a > b);
    unit.comparison(Mnemonic.VPCMPGTW, 16, true, (a, b, c) -> a > b);
    unit.comparison(Mnemonic.VPCMPGTD, 32, true, (a, b, c) -> a > b);
    unit.comparison(Mnemonic.VPCMPB, 8, true, IntegerUnit::predicate);
    unit.comparison(Mnemonic.VPCMPUB, 8, false, IntegerUnit::predicate);
    unit.comparison(Mnemonic.VPCMPW, 16, true, IntegerUnit::predicate);
    unit.comparison(Mnemonic.VPCMPUW, 16, false, IntegerUnit::predicate);
    unit.comparison(Mnemonic.VPCMPD, 32, true, IntegerUnit::predicate);
    unit.comparison(Mnemonic.VPCMPUD, 32, false, IntegerUnit::predicate);
    VectorUnit.Comparison meet = (a, b, c) -> (a & b) != 0;
    VectorUnit.Comparison part = (a, b, c) -> (a & b) == 0;
    unit.comparison(Mnemonic.VPTESTMB, 8, true, meet);
    unit.comparison(Mnemonic.VPTESTMW, 16, true, meet);
    unit.comparison(Mnemonic.VPTESTMD, 32, true, meet);
    unit.comparison(Mnemonic.VPTESTMQ, 64, true, meet);
    unit.comparison(Mnemonic.VPTESTNMB, 8, true, part);
    unit.comparison(Mnemonic.VPTESTNMW, 16, true, part);
    unit.comparison(Mnemonic.VPTESTNMD, 32, true, part);
    unit.comparison(Mnemonic.VPTESTNMQ, 64, true, part);
  }

  private static boolean predicate(long a, long b, int constant) {
    return switch (constant & 7) {
      case 0 -> a == b;
      case 1 -> a < b;
      case 2 -> a <= b;
      case 3 -> false;
      case 4 -> a != b;
      case 5 -> a >= b;
      case 6 -> a > b;
      default -> true;
    };
  }
}
