package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program that puts a row of codes, a byte each, into the slots of registers: neighbours are
 * joined in pairs until a byte holds 8 / p codes. Codes above their precision's largest become that
 * one, and empty slots 0.
 *
 * <p>Arguments: x0 codes, x1 registers, x2 masks of {@link #masks}.
 */
final class PackKernel {
  private static final int COUNTER = 8;
  private static final int LARGEST = 29;
  private static final int MASK = 28;

  private final PackedLayout layout;
  private final Program.Builder code;

  PackKernel(Program.Builder code, PackedLayout layout) {
    this.layout = layout;
    this.code = code;
  }

  /** Vectors of 0 to 16 ones, from the lowest byte: what is filled of the last sixteen slots. */
  static int masks(Memory memory) {
    Constants buffer = Memory.buffer(17 * 16);
    for (int filled = 0; filled <= 16; filled++) {
      for (int k = 0; k < 16; k++) {
        buffer.put((byte) (k < filled ? 0xFF : 0));
      }
    }
    return memory.constant(buffer.bytes());
  }

  static Program of(String name, PackedLayout layout, int codeBytes, int width) {
    return new PackKernel(new Program.Builder(name + " packed"), layout).program(codeBytes, width);
  }

  private Program program(int codeBytes, int width) {
    largest();
    code.immediate(Opcode.MOV_X, COUNTER, 0, width);
    int start = code.here();
    pixel();
    code.immediate(Opcode.ADD_X, 0, 0, codeBytes);
    code.immediate(Opcode.ADD_X, 1, 1, layout.pixelBytes());
    code.loop(COUNTER, start);
    return code.build();
  }

  /** 15, 3 and 1 in registers 29, 30 and 31, where {@link #pixel} expects them. */
  void largest() {
    code.immediate(Opcode.MOVI, LARGEST, 0, 15);
    code.immediate(Opcode.MOVI, LARGEST + 1, 0, 3);
    code.immediate(Opcode.MOVI, LARGEST + 2, 0, 1);
  }

  /** Packs the codes at x0 into the registers at x1. */
  void pixel() {
    int first = 0;
    int register = 0;
    for (SlotMap map : layout.groups()) {
      for (int r = 0; r < map.registers(); r++) {
        register(map, r, first, 16 * register++);
      }
      first += map.channels();
    }
  }

  private void register(SlotMap map, int r, int firstChannel, int to) {
    Pattern pattern = map.pattern(r);
    int slot = 0;
    int at = to;
    for (int p : new int[] {4, 2, 1}) {
      int slots = pattern.slots(p);
      if (slots == 0) {
        continue;
      }
      int filled = 0;
      while (filled < slots && map.position(r, slot + filled) != SlotMap.EMPTY) {
        filled++;
      }
      int bytes = slots * p / 8;
      int from = filled == 0 ? 0 : firstChannel + map.position(r, slot);
      segment(p, slots, filled, from, at, bytes);
      slot += slots;
      at += bytes;
    }
  }

  private void segment(int p, int slots, int filled, int from, int to, int bytes) {
    List<Integer> vectors = new ArrayList<>();
    for (int k = 0; 16 * k < slots; k++) {
      int v = k;
      int left = Math.clamp(filled - 16L * k, 0, 16);
      if (left == 0) {
        code.immediate(Opcode.MOVI, v, 0, 0);
      } else {
        code.immediate(Opcode.LDR_Q, v, 0, from + 16 * k);
        code.op(Opcode.UMIN_16B, v, v, p == 4 ? LARGEST : p == 2 ? LARGEST + 1 : LARGEST + 2);
        if (left < Math.min(16, slots - 16 * k)) {
          code.immediate(Opcode.LDR_Q, MASK, 2, 16 * left);
          code.op(Opcode.AND, v, v, MASK);
        }
      }
      vectors.add(v);
    }
    int spare = vectors.size();
    for (int shift = p; shift < 8; shift *= 2) {
      List<Integer> joined = new ArrayList<>();
      for (int k = 0; k < vectors.size(); k += 2) {
        int a = vectors.get(k);
        int b = vectors.get(Math.min(k + 1, vectors.size() - 1));
        code.op(Opcode.UZP2_16B, spare, a, b);
        code.op(Opcode.UZP1_16B, a, a, b);
        code.immediate(Opcode.SLI_16B, a, spare, shift);
        joined.add(a);
      }
      vectors = joined;
    }
    Stores.exactly(code, vectors.getFirst(), spare, 1, to, bytes);
  }
}
