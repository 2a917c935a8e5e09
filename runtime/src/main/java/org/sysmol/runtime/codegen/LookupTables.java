package org.sysmol.runtime.codegen;

/**
 * The constant tables of 16 bytes that the activations of four channels choose. The index is one
 * bit of each channel's weight; an entry is the sum of {@code bit ? u : (2^p - 1) - u}, which is
 * the product of {@code u} with ±1 and a constant that does not depend on {@code u}: never
 * negative, and right for cells outside of the map, where {@code u = 0}.
 */
final class LookupTables {
  /** Bytes of a table. */
  static final int BYTES = 16;

  /** The largest sum that four channels, or one channel of four bits, have in a table. */
  static final int LARGEST = 12;

  private LookupTables() {}

  /**
   * Tables of one bit for two pixels at once: the first pixel's activations, one bit each, plus 16
   * times the second's choose a table; entries are the first's sum plus 16 times the second's.
   */
  static byte[] onesOfTwoPixels() {
    byte[] tables = new byte[256 * BYTES];
    for (int i = 0; i < tables.length; i++) {
      int codes = i / BYTES;
      tables[i] = (byte) (matches(i % BYTES, codes & 15) + 16 * matches(i % BYTES, codes >> 4));
    }
    return tables;
  }

  /** Tables of one bit for one pixel. */
  static byte[] ones() {
    byte[] tables = new byte[16 * BYTES];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = (byte) matches(i % BYTES, i / BYTES);
    }
    return tables;
  }

  private static int matches(int weights, int activations) {
    return LookupSegments.STEP - Integer.bitCount(weights ^ activations);
  }

  /** Tables of two bits: the activations, two bits each, the first channel's lowest, choose one. */
  static byte[] twos() {
    byte[] tables = new byte[256 * BYTES];
    for (int i = 0; i < tables.length; i++) {
      int codes = i / BYTES;
      for (int channel = 0; channel < LookupSegments.STEP; channel++) {
        int u = (codes >> (2 * channel)) & 3;
        tables[i] += (byte) (((i >> channel) & 1) != 0 ? u : 3 - u);
      }
    }
    return tables;
  }
}
