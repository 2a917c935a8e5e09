package org.sysmol.hardware.rtl.check;

import org.sysmol.hardware.rtl.Testbench;

/**
 * One line of a testbench's file.
 *
 * @param control as {@link Testbench} reads it
 * @param n operand, 64-bit words, the lowest first
 * @param m operand
 * @param d accumulator
 * @param q expected result
 */
record Vector(int control, long[] n, long[] m, long[] d, long[] q) {
  /** A VPSET of register {@code register} to pattern {@code k}. */
  static Vector vpset(int register, int k, int words) {
    long[] zero = new long[words];
    return new Vector(
        (1 << Testbench.VPSET) | (register << Testbench.PD) | (k << Testbench.K),
        zero,
        zero,
        zero,
        zero);
  }

  /** The line, without its end. */
  void append(StringBuilder line) {
    for (long[] operand : new long[][] {q, d, m, n}) {
      for (int i = operand.length - 1; i >= 0; i--) {
        hex(line, operand[i], 16);
      }
    }
    hex(line, control, 8);
  }

  private static void hex(StringBuilder line, long value, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
      line.append(Character.forDigit((int) ((value >>> (4 * i)) & 15), 16));
    }
  }
}
