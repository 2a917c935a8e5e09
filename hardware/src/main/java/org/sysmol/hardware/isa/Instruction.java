package org.sysmol.hardware.isa;

/**
 * One instruction.
 *
 * @param opcode what it does
 * @param d number of the register written (or stored)
 * @param n number of the first register read, or of the address
 * @param m number of the second register read
 * @param immediate number, offset in bytes, for branches the index of the target, for VMAC the
 *     number of the register that it adds to
 * @param lane element of {@code m}, or pattern register
 */
public record Instruction(Opcode opcode, int d, int n, int m, int immediate, int lane) {
  @Override
  public String toString() {
    return opcode
        .form()
        .replace("{d}", Integer.toString(d))
        .replace("{n}", Integer.toString(n))
        .replace("{m}", Integer.toString(m))
        .replace("{i}", Integer.toString(immediate))
        .replace("{l}", Integer.toString(lane))
        .replace(", #0]", "]");
  }
}
