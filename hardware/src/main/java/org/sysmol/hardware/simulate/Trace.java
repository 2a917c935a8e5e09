package org.sysmol.hardware.simulate;

/**
 * What happened in one run of a program, in order: which instruction, and where its data were. It
 * is reused from run to run.
 */
final class Trace {
  private int[] instructions = new int[1 << 12];
  private byte[] levels = new byte[1 << 12];
  private int length;

  /** A trace of its own, for the next run goes over this one. */
  Trace copy() {
    Trace copy = new Trace();
    copy.instructions = java.util.Arrays.copyOf(instructions, length);
    copy.levels = java.util.Arrays.copyOf(levels, length);
    copy.length = length;
    return copy;
  }

  void clear() {
    length = 0;
  }

  /** Adds an instruction by its index; {@code level} is 0 where it has no data in memory. */
  void add(int instruction, int level) {
    if (length == instructions.length) {
      instructions = java.util.Arrays.copyOf(instructions, Math.max(16, 2 * length));
      levels = java.util.Arrays.copyOf(levels, Math.max(16, 2 * length));
    }
    instructions[length] = instruction;
    levels[length++] = (byte) level;
  }

  int length() {
    return length;
  }

  int instruction(int at) {
    return instructions[at];
  }

  int level(int at) {
    return levels[at];
  }
}
