package org.sysmol.runtime.x86;

/**
 * A constant inside an instruction.
 *
 * @param value the constant; the form of the instruction decides which range it must be in
 */
public record Immediate(long value) implements Operand {
  /** The ranges that the value is in. */
  @Override
  public int shape() {
    return 6 << 10
        | (value >= -128 && value <= 255 ? 1 : 0)
        | (value == (byte) value ? 2 : 0)
        | (value == (int) value ? 4 : 0)
        | (value >>> 32 == 0 ? 8 : 0);
  }

  /** The value in hexadecimal, negative values as 64-bit patterns. */
  @Override
  public String toString() {
    return "0x" + Long.toHexString(value);
  }
}
