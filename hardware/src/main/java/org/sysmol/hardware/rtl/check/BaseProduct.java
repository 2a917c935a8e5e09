package org.sysmol.hardware.rtl.check;

/**
 * What the base unit's instructions and VSUMQ do to 128 bits (Arm's definitions, docs/isa.md);
 * registers are two 64-bit words, the lower first.
 */
final class BaseProduct {
  private BaseProduct() {}

  /** MLA Vd.16B: bytes modulo 2^8. */
  static void mlaBytes(long[] n, long[] m, long[] d) {
    for (int i = 0; i < 16; i++) {
      put(d, i, 8, element(d, i, 8) + element(n, i, 8) * element(m, i, 8));
    }
  }

  /** MLA Vd.8H: lanes modulo 2^16. */
  static void mlaLanes(long[] n, long[] m, long[] d) {
    for (int i = 0; i < 8; i++) {
      put(d, i, 16, element(d, i, 16) + element(n, i, 16) * element(m, i, 16));
    }
  }

  /** SDOT Vd.4S: each word plus four products of signed bytes, modulo 2^32. */
  static void dot(long[] n, long[] m, long[] d) {
    for (int i = 0; i < 4; i++) {
      long sum = element(d, i, 32);
      for (int b = 4 * i; b < 4 * i + 4; b++) {
        sum += (long) (byte) element(n, b, 8) * (byte) element(m, b, 8);
      }
      put(d, i, 32, sum);
    }
  }

  /** VSUMQ Vd.4S: exact sums of lanes 0-3 and 4-7 of n, then of m. */
  static void sumLanes(long[] n, long[] m, long[] d) {
    for (int i = 0; i < 4; i++) {
      long[] from = i < 2 ? n : m;
      int sum = 0;
      for (int l = 4 * (i % 2); l < 4 * (i % 2) + 4; l++) {
        sum += (short) element(from, l, 16);
      }
      put(d, i, 32, sum);
    }
  }

  /** Element {@code i} of {@code bits} bits, unsigned. */
  static long element(long[] register, int i, int bits) {
    int at = i * bits;
    return (register[at >> 6] >>> (at & 63)) & ((1L << bits) - 1);
  }

  /** Puts the lowest {@code bits} bits of {@code value} in place of element {@code i}. */
  static void put(long[] register, int i, int bits, long value) {
    int at = i * bits;
    long mask = ((1L << bits) - 1) << (at & 63);
    register[at >> 6] = (register[at >> 6] & ~mask) | ((value << (at & 63)) & mask);
  }
}
