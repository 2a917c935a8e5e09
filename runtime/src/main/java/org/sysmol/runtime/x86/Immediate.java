package org.sysmol.runtime.x86;

/**
 * A constant inside an instruction.
 *
 * @param value the constant; the form of the instruction decides which range it must be in
 */
public record Immediate(long value) implements Operand {
  /** The value in hexadecimal, negative values as 64-bit patterns. */
  @Override
  public String toString() {
    return "0x" + Long.toHexString(value);
  }
}
