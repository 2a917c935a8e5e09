package org.sysmol.hardware.program;

/** Constants that fill a register. */
final class Vectors {
  private Vectors() {}

  /** Address of four equal binary32. */
  static int floats(Memory memory, float value) {
    Constants buffer = Memory.buffer(16);
    for (int k = 0; k < 4; k++) {
      buffer.putFloat(value);
    }
    return memory.constant(buffer.bytes());
  }
}
