package org.sysmol.hardware.program;

import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** Stores of a number of bytes that no single instruction stores. */
final class Stores {
  private Stores() {}

  /**
   * Stores the lowest {@code bytes} of a register and nothing else.
   *
   * @param spare register that may be changed
   * @param pointer general register with the address
   * @param offset bytes from there
   * @param bytes 1 to 16
   */
  static void exactly(
      Program.Builder code, int register, int spare, int pointer, int offset, int bytes) {
    int done = 0;
    int from = register;
    for (int size = 16; size > 0; size /= 2) {
      if ((bytes & size) == 0) {
        continue;
      }
      code.immediate(store(size), from, pointer, offset + done);
      done += size;
      if (done < bytes) {
        code.add(new Instruction(Opcode.EXT_16B, spare, from, from, size, 0));
        from = spare;
      }
    }
  }

  private static Opcode store(int size) {
    return switch (size) {
      case 16 -> Opcode.STR_Q;
      case 8 -> Opcode.STR_D;
      case 4 -> Opcode.STR_S;
      case 2 -> Opcode.STR_H;
      default -> Opcode.STR_B;
    };
  }
}
