package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** The program that turns planes of binary32 into pixels of signed bytes: a row of one colour. */
final class ImageProgram {
  private static final int COUNTER = 8;

  private ImageProgram() {}

  static List<List<Call>> of(
      Step.QuantiseImage step, TensorMemory tensors, Memory memory, int image) {
    PackedTensor out = tensors.tensor(step.output());
    Area to = tensors.plain(step.output());
    Encoding.Eight eight = (Encoding.Eight) out.encoding();
    int inverse = Vectors.floats(memory, 1f / eight.step());
    Program program = program(step.name(), out.width(), out.channels());
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < out.height(); y++) {
      List<Call> calls = new ArrayList<>();
      for (int c = 0; c < out.channels(); c++) {
        long plane = image + 4L * out.height() * out.width() * out.order()[c];
        calls.add(
            new Call(
                program,
                new long[] {plane + 4L * y * out.width(), inverse, to.at(y, 0) + (long) c}));
      }
      rows.add(calls);
    }
    return rows;
  }

  private static Program program(String name, int width, int channels) {
    Program.Builder code = new Program.Builder(name);
    code.immediate(Opcode.LDR_Q, 31, 1, 0);
    code.immediate(Opcode.MOVI, 30, 0, -127 & 0xFF);
    int groups = width / 4;
    if (groups > 0) {
      code.immediate(Opcode.MOV_X, COUNTER, 0, groups);
      int start = code.here();
      pixels(code, 4, channels);
      code.loop(COUNTER, start);
    }
    if (width % 4 > 0) {
      pixels(code, width % 4, channels);
    }
    return code.build();
  }

  private static void pixels(Program.Builder code, int count, int channels) {
    code.immediate(Opcode.LDR_Q, 0, 0, 0);
    code.op(Opcode.FMUL_4S, 0, 0, 31);
    code.op(Opcode.FCVTNS_4S, 0, 0, 0);
    code.op(Opcode.SQXTN_4H, 0, 0, 0);
    code.op(Opcode.SQXTN_8B, 0, 0, 0);
    code.op(Opcode.SMAX_16B, 0, 0, 30);
    for (int k = 0; k < count; k++) {
      int v = k == 0 ? 0 : k;
      if (k > 0) {
        code.add(new Instruction(Opcode.EXT_16B, v, 0, 0, k, 0));
      }
      code.immediate(Opcode.STR_B, v, 2, k * channels);
    }
    code.immediate(Opcode.ADD_X, 0, 0, 4 * count);
    code.immediate(Opcode.ADD_X, 2, 2, count * channels);
  }
}
