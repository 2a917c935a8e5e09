package org.sysmol.hardware.program;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Rows of codes made in binary32 of one or two maps of stream codes, four channels at once.
 *
 * <p>Arguments of the programs: x0 and x1 the maps, x2 constants of the codec, x3 output, x4 and x5
 * constants of the maps.
 *
 * @param name of the step
 * @param codec from numbers to codes
 * @param combination how the numbers of a cell are made of what is read
 * @param left the first map
 * @param right the second one, or null
 * @param oneCell whether the second map is a single cell, for all of the first
 */
record PointwiseRows(
    String name,
    Codec codec,
    Combination combination,
    StreamSource left,
    @Nullable StreamSource right,
    boolean oneCell) {
  /** Groups of four channels in one program. */
  private static final int GROUPS = 32;

  private static final int COUNTER = 8;

  /** How the numbers of a cell are made of what is read. */
  enum Combination {
    /** Of one map. */
    ALONE,
    /** Sums of two. */
    SUM,
    /** Products of two. */
    PRODUCT
  }

  /** Adds the calls that write a tensor. */
  void write(int output, TensorMemory tensors, Memory memory, List<List<Call>> rows) {
    PackedTensor tensor = tensors.tensor(output);
    Area out = tensors.plain(output);
    int[] fours = Blocks.fours(0, tensor.channels());
    int constants = codec.constants(memory, fours);
    int leftConstants = left.constants(memory, fours);
    int rightConstants = right == null ? 0 : right.constants(memory, fours);
    Map<String, Program> programs = new TreeMap<>();
    for (int from = 0; from < fours.length; from += GROUPS) {
      int[] offsets = new int[Math.min(GROUPS, fours.length - from)];
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] = fours[from + k] - fours[from];
      }
      Program program =
          programs.computeIfAbsent(
              Arrays.toString(offsets), k -> program(offsets, out.pixelBytes(), tensor.width()));
      int cell = tensor.encoding() instanceof Encoding.Real ? 4 : 1;
      for (int y = 0; y < tensor.height(); y++) {
        long second = right == null ? 0 : right.area().at(oneCell ? 0 : y, 0) + (long) fours[from];
        rows.get(y)
            .add(
                new Call(
                    program,
                    new long[] {
                      left.area().at(y, 0) + (long) fours[from],
                      second,
                      constants + (long) codec.blockBytes() * from,
                      out.at(y, 0) + (long) cell * fours[from],
                      leftConstants + (long) left.constantBytes() * from,
                      right == null ? 0 : rightConstants + (long) right.constantBytes() * from
                    }));
      }
    }
  }

  private Program program(int[] offsets, int pixelBytes, int width) {
    Program.Builder code = new Program.Builder(name);
    code.immediate(Opcode.MOV_X, COUNTER, 0, width);
    int start = code.here();
    for (int k = 0; k < offsets.length; k++) {
      // Neighbouring groups use other registers, so that their work can overlap.
      int t = 6 * (k & 3);
      left.load(code, t, t + 1, 0, offsets[k], 4, k * left.constantBytes());
      if (right != null) {
        right.load(code, t + 2, t + 3, 1, offsets[k], 5, k * right.constantBytes());
        code.op(combination == Combination.SUM ? Opcode.FADD_4S : Opcode.FMUL_4S, t, t, t + 2);
      }
      codec.emit(
          code,
          new int[] {t},
          new int[] {t + 4, t + 5},
          2,
          k * codec.blockBytes(),
          null,
          0,
          3,
          offsets[k],
          pixelBytes);
    }
    code.immediate(Opcode.ADD_X, 0, 0, left.area().pixelBytes());
    if (right != null && !oneCell) {
      code.immediate(Opcode.ADD_X, 1, 1, right.area().pixelBytes());
    }
    code.immediate(Opcode.ADD_X, 3, 3, pixelBytes);
    code.loop(COUNTER, start);
    return code.build();
  }
}
