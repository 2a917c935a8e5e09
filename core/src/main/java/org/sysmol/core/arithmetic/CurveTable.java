package org.sysmol.core.arithmetic;

/**
 * The codes that a {@link Curve} of a stream gives, one for each byte that a code can be
 * (docs/arithmetic.md §14).
 */
public final class CurveTable {
  /** Entries of a table. */
  public static final int SIZE = 256;

  private CurveTable() {}

  /**
   * The entry of a code.
   *
   * @param code -128..127 if {@code signed}, else 0..255
   */
  public static int entry(int code, boolean signed) {
    return signed ? code + 128 : code;
  }

  /**
   * Codes of a searched layer's input at one precision: 0 to {@code 2^p - 1}, or odd codes.
   *
   * @param curve the function
   * @param step of the stream
   * @param signedInput whether the stream's codes are signed
   * @param alpha step parameter of the codes
   * @param precision bits of the codes, 1 to 8
   * @param signed whether they are signed
   */
  public static byte[] mixed(
      Curve curve, float step, boolean signedInput, float alpha, int precision, boolean signed) {
    float inverse = Codes.inverseStep(alpha, precision);
    byte[] table = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float t = value(curve, step, signedInput, i);
      table[i] =
          (byte)
              (signed
                  ? Codes.oddCode(Codes.signedDigits(t, inverse, precision), precision)
                  : Codes.unsignedCode(t, inverse, precision));
    }
    return table;
  }

  /**
   * Eight-bit codes with a zero.
   *
   * @param curve the function
   * @param step of the stream
   * @param signedInput whether the stream's codes are signed
   * @param outputStep step of the codes
   * @param signed whether they are signed
   */
  public static byte[] eight(
      Curve curve, float step, boolean signedInput, float outputStep, boolean signed) {
    byte[] table = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float t = value(curve, step, signedInput, i);
      table[i] = (byte) Codes.eightBitCode(t, 1f / outputStep, signed);
    }
    return table;
  }

  private static float value(Curve curve, float step, boolean signedInput, int entry) {
    int code = signedInput ? entry - 128 : entry;
    float x = (float) code * step;
    return (float) curve.at(x);
  }
}
