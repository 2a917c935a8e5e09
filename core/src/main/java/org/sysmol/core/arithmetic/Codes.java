package org.sysmol.core.arithmetic;

/**
 * Codes of weights and activations at precisions of 1 to 8 bits (docs/arithmetic.md §2 to §4).
 *
 * <p>All floating-point steps are single IEEE 754 binary32 operations in the order written, so that
 * any engine that follows them gets the same bits. Searched layers use 1, 2 and 4 bits; the code
 * and shift rules hold for every precision from 1 to 8.
 */
public final class Codes {
  /** The precision to which products are aligned: {@code P} of docs/arithmetic.md §5. */
  public static final int ALIGNMENT = 4;

  private Codes() {}

  /**
   * Stored digits of a weight: {@code clamp(floor((w/delta + 2) * 2^(p-2)), 0, 2^p - 1)}.
   *
   * @param weight any finite float
   * @param delta step of the output channel, positive
   * @param precision bits, 1 to 8
   * @return 0 to {@code 2^p - 1}; a weight of 0 gives {@code 2^(p-1)}, which is the code +1
   */
  public static int weightDigits(float weight, float delta, int precision) {
    float shifted = weight / delta + 2.0f;
    float scaled = shifted * powerOfTwo(precision - 2);
    float floor = (float) Math.floor(scaled);
    int top = (1 << precision) - 1;
    return floor <= 0f ? 0 : floor >= top ? top : (int) floor;
  }

  /** The odd code of stored digits: {@code c = 2u - (2^p - 1)}. */
  public static int oddCode(int digits, int precision) {
    return 2 * digits - ((1 << precision) - 1);
  }

  /** The stored digits of an odd code: {@code u = (c + 2^p - 1) / 2}. */
  public static int digits(int oddCode, int precision) {
    return (oddCode + (1 << precision) - 1) >> 1;
  }

  /** An odd code aligned to {@link #ALIGNMENT}: {@code c * 2^(2(4-p))}, at most 64 in magnitude. */
  public static int aligned(int oddCode, int precision) {
    return oddCode << (2 * (ALIGNMENT - precision));
  }

  /** Value of a weight code: {@code delta * c / 2^(p-1)}. */
  public static float weightValue(int oddCode, float delta, int precision) {
    return delta * (oddCode * powerOfTwo(1 - precision));
  }

  /**
   * The factor from a real value to an unsigned activation code: {@code 2^(p-2) / alpha}.
   *
   * @param alpha step parameter, positive
   * @param precision bits
   */
  public static float inverseStep(float alpha, int precision) {
    return powerOfTwo(precision - 2) / alpha;
  }

  /**
   * Unsigned activation code: {@code roundHalfEven(clamp(t * inv, 0, 2^p - 1))}.
   *
   * @param t real value; NaN is not allowed and gives 0
   * @param inverse {@link #inverseStep}
   * @param precision bits
   */
  public static int unsignedCode(float t, float inverse, int precision) {
    return clampAndRound(t * inverse, 0f, (1 << precision) - 1);
  }

  /** Value of an unsigned activation code: {@code alpha * u * 2^(2-p)}. */
  public static float unsignedValue(int code, float alpha, int precision) {
    return alpha * (code * powerOfTwo(2 - precision));
  }

  /**
   * Stored digits of a signed activation: {@code clamp(floor(t * inv), -2^(p-1), 2^(p-1) - 1) +
   * 2^(p-1)}.
   */
  public static int signedDigits(float t, float inverse, int precision) {
    int half = 1 << (precision - 1);
    float floor = (float) Math.floor(t * inverse);
    int clamped = floor >= half - 1 ? half - 1 : floor > -half ? (int) floor : -half;
    return clamped + half;
  }

  /** Value of a signed activation's odd code: {@code alpha * c / 2^(p-1)}. */
  public static float signedValue(int oddCode, float alpha, int precision) {
    return alpha * (oddCode * powerOfTwo(1 - precision));
  }

  /**
   * Eight-bit code with a zero, of streams and edge layers: {@code roundHalfEven(clamp(t * inv,
   * low, 255 or 127))}.
   *
   * @param t real value
   * @param inverse {@code 1 / step}
   * @param signed codes -127..127 if true, 0..255 otherwise
   */
  public static int eightBitCode(float t, float inverse, boolean signed) {
    return signed ? clampAndRound(t * inverse, -127f, 127f) : clampAndRound(t * inverse, 0f, 255f);
  }

  /** Clamps in float, then rounds half to even; NaN gives the lower bound. */
  static int clampAndRound(float q, float low, float high) {
    float clamped = q > low ? (q < high ? q : high) : low;
    return (int) Math.rint(clamped);
  }

  /** Exact {@code 2^exponent} for small exponents. */
  static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }
}
