package org.sysmol.runtime.x86;

/**
 * An AVX-512 mask register, one bit per lane.
 *
 * @param index 0..7; {@code k0} holds values but cannot mask, because its code means "no mask"
 */
public record MaskRegister(int index) implements Operand {
  /** Checks the index. */
  public MaskRegister {
    if (index < 0 || index > 7) {
      throw new IllegalArgumentException("No mask register has the index " + index + ".");
    }
  }

  @Override
  public int shape() {
    return 3 << 10;
  }

  /** The mask register {@code k<index>}. */
  public static MaskRegister k(int index) {
    return new MaskRegister(index);
  }

  /** As a destination of a comparison: bits whose mask bit is 0 become 0. */
  public Masked masked(MaskRegister mask) {
    return new Masked(this, mask, false);
  }

  /** The name as an assembler writes it. */
  @Override
  public String toString() {
    return "k" + index;
  }
}
