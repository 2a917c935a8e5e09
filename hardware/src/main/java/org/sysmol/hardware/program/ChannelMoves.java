package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The channels of a map in another order, or some of them several times: sixteen bytes are looked
 * up at once (TBL, TBX), in as few windows of sixteen bytes as hold them.
 *
 * <p>Arguments of the program: x0 from, x1 to, x2 indexes.
 */
final class ChannelMoves {
  private static final int COUNTER = 8;
  private static final int BLOCK = 16;

  /** Looked up nowhere: TBL makes it 0, TBX leaves it as it was. */
  private static final byte NONE = (byte) 0xFF;

  /** Registers that hold indexes for a whole row: the upper ones. */
  private static final int MOST_KEPT = 24;

  private static final int FIRST_KEPT = 32 - MOST_KEPT;
  private static final int ROUNDS = 2;

  private final int[] from;
  private final List<Lookup> lookups = new ArrayList<>();
  private final Program program;
  private final int indexes;

  /**
   * Bytes of one window that belong to a block.
   *
   * @param block of sixteen bytes written
   * @param window where the sixteen bytes read begin
   */
  private record Lookup(int block, int window) {}

  /**
   * The moves of a map.
   *
   * @param from which channel each channel written is
   * @param fromBytes from one pixel read to the next
   * @param toBytes from one pixel written to the next
   * @param width pixels of a row
   */
  ChannelMoves(String name, int[] from, int fromBytes, int toBytes, int width, Memory memory) {
    this.from = from.clone();
    Constants buffer = Memory.buffer(BLOCK * count());
    for (Lookup lookup : lookups) {
      for (int k = 0; k < BLOCK; k++) {
        int at = BLOCK * lookup.block() + k;
        int index = at < from.length ? from[at] - lookup.window() : -1;
        buffer.put(index >= 0 && index < BLOCK ? (byte) index : NONE);
      }
    }
    indexes = memory.constant(buffer.bytes());
    program = program(name + " moved", fromBytes, toBytes, width);
  }

  private int count() {
    for (int block = 0; BLOCK * block < from.length; block++) {
      int[] read =
          Arrays.copyOfRange(from, BLOCK * block, Math.min(from.length, BLOCK * (block + 1)));
      Arrays.sort(read);
      int end = -1;
      for (int channel : read) {
        if (channel >= end) {
          lookups.add(new Lookup(block, channel));
          end = channel + BLOCK;
        }
      }
    }
    return lookups.size();
  }

  /** The call for a row. */
  Call row(int fromAddress, int toAddress) {
    return new Call(program, new long[] {fromAddress, toAddress, indexes});
  }

  private Program program(String name, int fromBytes, int toBytes, int width) {
    Program.Builder code = new Program.Builder(name);
    code.comment("%d channels in %d lookups".formatted(from.length, lookups.size()));
    boolean kept = lookups.size() <= MOST_KEPT;
    for (int l = 0; kept && l < lookups.size(); l++) {
      code.immediate(Opcode.LDR_Q, FIRST_KEPT + l, 2, BLOCK * l);
    }
    code.immediate(Opcode.MOV_X, COUNTER, 0, width);
    int start = code.here();
    for (int l = 0; l < lookups.size(); l++) {
      Lookup lookup = lookups.get(l);
      // Neighbouring blocks use other registers, so that their work can overlap.
      int result = 4 * (lookup.block() % ROUNDS);
      int data = result + 1;
      int index = kept ? FIRST_KEPT + l : result + 2;
      if (!kept) {
        code.immediate(Opcode.LDR_Q, index, 2, BLOCK * l);
      }
      code.immediate(Opcode.LDR_Q, data, 0, lookup.window());
      boolean first = l == 0 || lookups.get(l - 1).block() != lookup.block();
      code.op(first ? Opcode.TBL : Opcode.TBX, result, data, index);
      if (l + 1 == lookups.size() || lookups.get(l + 1).block() != lookup.block()) {
        int at = BLOCK * lookup.block();
        Stores.exactly(code, result, data, 1, at, Math.min(BLOCK, from.length - at));
      }
    }
    code.immediate(Opcode.ADD_X, 0, 0, fromBytes);
    code.immediate(Opcode.ADD_X, 1, 1, toBytes);
    code.loop(COUNTER, start);
    return code.build();
  }
}
