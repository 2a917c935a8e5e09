package org.sysmol.runtime.x86;

import org.jspecify.annotations.Nullable;

/**
 * A place in memory: {@code base + index * scale + displacement}, or a constant of the program.
 *
 * @param base a 64-bit register; null only with {@code label}
 * @param index a 64-bit register other than rsp, or null
 * @param scale 1, 2, 4 or 8
 * @param displacement bytes added to the address
 * @param label a constant of the program or a place in it, addressed relative to the instruction
 * @param bits size of what lies there, 0 where the instruction settles it
 * @param repeated whether one element is repeated over all lanes (AVX-512)
 */
public record Memory(
    @Nullable GeneralRegister base,
    @Nullable GeneralRegister index,
    int scale,
    int displacement,
    @Nullable Label label,
    int bits,
    boolean repeated)
    implements Operand {
  /** Checks that the processor can form this address. */
  public Memory {
    if ((base == null) == (label == null)) {
      throw new IllegalArgumentException("An address needs a base register or a label, not both.");
    }
    if ((base != null && base.bits() != 64) || (index != null && index.bits() != 64)) {
      throw new IllegalArgumentException("Addresses are made of 64-bit registers.");
    }
    if (index != null && (index.index() == 4 || label != null)) {
      throw new IllegalArgumentException("rsp, and a label, allow no index register.");
    }
    if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
      throw new IllegalArgumentException("An index is scaled by 1, 2, 4 or 8, not " + scale + ".");
    }
  }

  @Override
  public int shape() {
    return 5 << 10
        | (bits == 0 ? 0 : Integer.numberOfTrailingZeros(bits)) << 2
        | (index == null ? 0 : 2)
        | (repeated ? 1 : 0);
  }

  /** Memory at {@code base}. */
  public static Memory mem(GeneralRegister base) {
    return mem(base, 0);
  }

  /** Memory at {@code base + displacement}. */
  public static Memory mem(GeneralRegister base, int displacement) {
    return new Memory(base, null, 1, displacement, null, 0, false);
  }

  /** Memory at {@code base + index * scale + displacement}. */
  public static Memory mem(
      GeneralRegister base, GeneralRegister index, int scale, int displacement) {
    return new Memory(base, index, scale, displacement, null, 0, false);
  }

  /** The constant at {@code label}. */
  public static Memory mem(Label label) {
    return mem(label, 0);
  }

  /** The constant {@code displacement} bytes behind {@code label}. */
  public static Memory mem(Label label, int displacement) {
    return new Memory(null, null, 1, displacement, label, 0, false);
  }

  /** The same address {@code bytes} further on. */
  public Memory plus(int bytes) {
    int moved = Math.addExact(displacement, bytes);
    return new Memory(base, index, scale, moved, label, bits, repeated);
  }

  /** One element at this address, repeated over all lanes. */
  public Memory broadcast() {
    return new Memory(base, index, scale, displacement, label, bits, true);
  }

  /** As a destination: lanes whose mask bit is 0 are not written and may be out of bounds. */
  public Masked masked(MaskRegister mask) {
    return new Masked(this, mask, false);
  }

  /** This place as one byte, for an instruction that leaves the size open. */
  public Memory ofByte() {
    return sized(8);
  }

  /** This place as 16 bits, for an instruction that leaves the size open. */
  public Memory ofWord() {
    return sized(16);
  }

  /** This place as 32 bits, for an instruction that leaves the size open. */
  public Memory ofDword() {
    return sized(32);
  }

  /** This place as 64 bits, for an instruction that leaves the size open. */
  public Memory ofQword() {
    return sized(64);
  }

  private Memory sized(int width) {
    return new Memory(base, index, scale, displacement, label, width, repeated);
  }

  /** The address as an assembler writes it, in brackets. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[").append(label == null ? base : label);
    if (index != null) {
      text.append('+').append(index).append('*').append(scale);
    }
    if (displacement != 0) {
      long magnitude = Math.abs((long) displacement);
      text.append(displacement < 0 ? "-0x" : "+0x").append(Long.toHexString(magnitude));
    }
    return text.append(']').toString();
  }
}
