package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** Programs of stored functions: each byte is looked up. A call does one row. */
final class TablePrograms {
  private static final int COUNTER = 8;

  private TablePrograms() {}

  static List<List<Call>> of(Step.Table step, TensorMemory tensors, Memory memory) {
    PackedTensor in = tensors.tensor(step.input());
    PackedTensor out = tensors.tensor(step.output());
    boolean signed = ((Encoding.Eight) in.encoding()).signed();
    boolean digits =
        out.encoding() instanceof Encoding.Mixed m
            && m.signed()
            && !tensors.plainIsRead(step.output());
    int[] tableOf = Step.Table.byChannel(out);
    Constants bytes = Memory.buffer(256 * step.codes().length);
    for (int t = 0; t < step.codes().length; t++) {
      int precision = precision(out, tableOf, t);
      for (int stored = 0; stored < 256; stored++) {
        int entry = CurveTable.entry(signed ? (byte) stored : stored, signed);
        int value = step.codes()[t][entry];
        bytes.put((byte) (digits ? (value + (1 << precision) - 1) / 2 : value));
      }
    }
    int at = memory.constant(bytes.bytes());
    Program.Builder code = new Program.Builder(step.name());
    for (int t = 0; t < step.codes().length; t++) {
      code.immediate(Opcode.ADD_X, 9 + t, 2, 256 * t);
    }
    code.immediate(Opcode.MOV_X, COUNTER, 0, out.width());
    int start = code.here();
    for (int c = 0; c < out.channels(); c++) {
      int register = 20 + c % 8;
      code.immediate(Opcode.LDRB_W, register, 0, c);
      code.op(Opcode.LDRB_WX, register, 9 + tableOf[c], register);
      code.immediate(Opcode.STRB_W, register, 1, c);
    }
    Area from = tensors.plain(step.input());
    Area to = tensors.plain(step.output());
    code.immediate(Opcode.ADD_X, 0, 0, from.pixelBytes());
    code.immediate(Opcode.ADD_X, 1, 1, to.pixelBytes());
    code.loop(COUNTER, start);
    Program program = code.build();
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < out.height(); y++) {
      rows.add(List.of(new Call(program, new long[] {from.at(y, 0), to.at(y, 0), at})));
    }
    return rows;
  }

  private static int precision(PackedTensor out, int[] tableOf, int table) {
    if (out.encoding() instanceof Encoding.Mixed mixed) {
      for (int c = 0; c < tableOf.length; c++) {
        if (tableOf[c] == table) {
          return mixed.precision()[c];
        }
      }
    }
    return 8;
  }
}
