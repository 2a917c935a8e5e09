package org.sysmol.runtime.x86;

/**
 * A vector register seen at one width; the three widths share their low bits.
 *
 * <p>A generator that is to work at several widths takes {@code bits} as a parameter and builds its
 * registers with {@link #VectorRegister(int, int)}.
 *
 * @param index 0..31; 16..31 and 512 bits exist only with AVX-512
 * @param bits 128 ({@code xmm}), 256 ({@code ymm}) or 512 ({@code zmm})
 */
public record VectorRegister(int index, int bits) implements Operand {
  /** Checks the index and the width. */
  public VectorRegister {
    if (index < 0 || index > 31) {
      throw new IllegalArgumentException("No vector register has the index " + index + ".");
    }
    if (bits != 128 && bits != 256 && bits != 512) {
      throw new IllegalArgumentException("A vector register cannot be " + bits + " bits wide.");
    }
  }

  @Override
  public int shape() {
    return 2 << 10 | bits >> 1 | (index < 16 ? 1 : 0);
  }

  /** The 128-bit register {@code xmm<index>}. */
  public static VectorRegister xmm(int index) {
    return new VectorRegister(index, 128);
  }

  /** The 256-bit register {@code ymm<index>}. */
  public static VectorRegister ymm(int index) {
    return new VectorRegister(index, 256);
  }

  /** The 512-bit register {@code zmm<index>}. */
  public static VectorRegister zmm(int index) {
    return new VectorRegister(index, 512);
  }

  /** The same register seen at another width in bits. */
  public VectorRegister as(int width) {
    return new VectorRegister(index, width);
  }

  /** As a destination: lanes whose mask bit is 0 keep what they held. */
  public Masked merged(MaskRegister mask) {
    return new Masked(this, mask, false);
  }

  /** As a destination: lanes whose mask bit is 0 become 0. */
  public Masked zeroed(MaskRegister mask) {
    return new Masked(this, mask, true);
  }

  /** Width in bytes. */
  public int bytes() {
    return bits / 8;
  }

  /** The name as an assembler writes it. */
  @Override
  public String toString() {
    return (bits == 128 ? "xmm" : bits == 256 ? "ymm" : "zmm") + index;
  }
}
