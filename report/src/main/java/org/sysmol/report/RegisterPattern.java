package org.sysmol.report;

/**
 * Registers of a layer that are filled alike.
 *
 * @param n1 slots of 1 bit in a register
 * @param n2 slots of 2 bits
 * @param n4 slots of 4 bits
 * @param registers how many registers of the layer hold this pattern
 */
public record RegisterPattern(int n1, int n2, int n4, int registers) {
  /** Bits in one register: {@code n1 + 2 n2 + 4 n4}. */
  public int bits() {
    return n1 + 2 * n2 + 4 * n4;
  }
}
