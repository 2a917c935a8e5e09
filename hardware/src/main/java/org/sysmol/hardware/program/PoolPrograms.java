package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Programs of pools. Pixels of a row whose windows have the same cells inside the map are one call,
 * for what is outside does not take part.
 */
final class PoolPrograms {
  private static final int COUNTER = 8;

  private final TensorMemory tensors;
  private final Memory memory;

  PoolPrograms(TensorMemory tensors, Memory memory) {
    this.tensors = tensors;
    this.memory = memory;
  }

  /** Neighbouring pixels of a row with the same cells. */
  private record Span(int x, int count, long insideY, long insideX) {}

  private static List<Span> spans(Window w, PackedTensor in, int y) {
    WindowRows columns = WindowRows.columns(w, in.width());
    long insideY = WindowRows.rows(w, in.height()).inside(y);
    List<Span> spans = new ArrayList<>();
    int x = 0;
    while (x < w.outputWidth()) {
      long inside = columns.inside(x);
      int end = x + 1;
      while (end < w.outputWidth() && columns.inside(end) == inside) {
        end++;
      }
      spans.add(new Span(x, end - x, insideY, inside));
      x = end;
    }
    return spans;
  }

  private static List<Integer> offsets(Window w, Area in, Span span) {
    List<Integer> offsets = new ArrayList<>();
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      for (int kx = 0; kx < w.kernelWidth(); kx++) {
        if ((span.insideY() >> ky & 1) != 0 && (span.insideX() >> kx & 1) != 0) {
          offsets.add(ky * w.dilationY() * in.rowBytes() + kx * w.dilationX() * in.pixelBytes());
        }
      }
    }
    return offsets;
  }

  /** First channels of groups of a size that cover all; the last reaches back. */
  private static int[] groups(int channels, int size) {
    int count = Math.ceilDiv(channels, size);
    int[] firsts = new int[count];
    for (int k = 0; k < count; k++) {
      firsts[k] = k == count - 1 ? Math.max(0, channels - size) : k * size;
    }
    return firsts;
  }

  List<List<Call>> maximum(Step.MaxPool step) {
    PackedTensor in = tensors.tensor(step.input());
    PackedTensor out = tensors.tensor(step.output());
    Window w = step.window();
    Area from = tensors.plain(step.input());
    Area to = tensors.plain(step.output());
    boolean signed = ((Encoding.Eight) in.encoding()).signed();
    int size = in.channels() >= 16 ? 16 : in.channels() >= 8 ? 8 : 4;
    List<List<Call>> rows = new ArrayList<>();
    java.util.Map<List<Object>, Program> programs = new java.util.HashMap<>();
    for (int y = 0; y < out.height(); y++) {
      List<Call> calls = new ArrayList<>();
      for (Span span : spans(w, in, y)) {
        List<Integer> offsets = offsets(w, from, span);
        Program program =
            programs.computeIfAbsent(
                List.of(offsets, span.count()),
                key -> maximum(step, offsets, span.count(), from, to, size, signed));
        calls.add(
            new Call(
                program,
                new long[] {
                  from.at(y * w.strideY() - w.padTop(), span.x() * w.strideX() - w.padLeft()),
                  to.at(y, span.x())
                }));
      }
      rows.add(calls);
    }
    return rows;
  }

  private Program maximum(
      Step.MaxPool step,
      List<Integer> offsets,
      int count,
      Area from,
      Area to,
      int size,
      boolean signed) {
    Opcode load = size == 16 ? Opcode.LDR_Q : size == 8 ? Opcode.LDR_D : Opcode.LDR_S;
    Opcode store = size == 16 ? Opcode.STR_Q : size == 8 ? Opcode.STR_D : Opcode.STR_S;
    Program.Builder code = new Program.Builder(step.name());
    code.immediate(Opcode.MOV_X, COUNTER, 0, count);
    int start = code.here();
    int number = 0;
    for (int first : groups(tensors.tensor(step.input()).channels(), size)) {
      int best = 4 * (number++ & 7);
      code.immediate(load, best, 0, offsets.getFirst() + first);
      for (int k = 1; k < offsets.size(); k++) {
        int other = best + 1 + k % 3;
        code.immediate(load, other, 0, offsets.get(k) + first);
        code.op(signed ? Opcode.SMAX_16B : Opcode.UMAX_16B, best, best, other);
      }
      code.immediate(store, best, 1, first);
    }
    code.immediate(Opcode.ADD_X, 0, 0, step.window().strideX() * from.pixelBytes());
    code.immediate(Opcode.ADD_X, 1, 1, to.pixelBytes());
    code.loop(COUNTER, start);
    return code.build();
  }

  List<List<Call>> average(Step.AveragePool step) {
    PackedTensor in = tensors.tensor(step.input());
    PackedTensor out = tensors.tensor(step.output());
    Window w = step.window();
    Area from = tensors.plain(step.input());
    Area to = tensors.plain(step.output());
    boolean plain = tensors.plainIsRead(step.output());
    Codec codec = new Codec(null, Clamp.NONE, out, plain, !plain);
    int[] fours = Blocks.fours(0, in.channels());
    int constants = codec.constants(memory, fours);
    int cell = out.encoding() instanceof Encoding.Real ? 4 : 1;
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < out.height(); y++) {
      List<Call> calls = new ArrayList<>();
      for (int x = 0; x < w.outputWidth(); x++) {
        Span span = new Span(x, 1, rowsInside(w, in, y), columnsInside(w, in, x));
        List<Integer> offsets = offsets(w, from, span);
        int factor = Vectors.floats(memory, step.factor()[cells(step, in, y, x) - 1]);
        for (int k = 0; k < fours.length; k++) {
          Program program = average(step, codec, offsets, to);
          calls.add(
              new Call(
                  program,
                  new long[] {
                    from.at(y * w.strideY() - w.padTop(), x * w.strideX() - w.padLeft())
                        + (long) fours[k],
                    0,
                    constants + (long) codec.blockBytes() * k,
                    to.at(y, x) + (long) cell * fours[k],
                    factor
                  }));
        }
      }
      rows.add(calls);
    }
    return rows;
  }

  private static long rowsInside(Window w, PackedTensor in, int y) {
    return WindowRows.rows(w, in.height()).inside(y);
  }

  private static long columnsInside(Window w, PackedTensor in, int x) {
    return WindowRows.columns(w, in.width()).inside(x);
  }

  /** Cells that count: those inside, and declared padding where it counts. */
  private static int cells(Step.AveragePool step, PackedTensor in, int y, int x) {
    Window w = step.window();
    int top = step.countPadding() ? -w.padTop() : 0;
    int left = step.countPadding() ? -w.padLeft() : 0;
    int bottom = in.height() + (step.countPadding() ? step.padBottom() : 0);
    int right = in.width() + (step.countPadding() ? step.padRight() : 0);
    int cells = 0;
    for (int k = 0; k < w.taps(); k++) {
      int iy = y * w.strideY() - w.padTop() + k / w.kernelWidth() * w.dilationY();
      int ix = x * w.strideX() - w.padLeft() + k % w.kernelWidth() * w.dilationX();
      cells += iy >= top && iy < bottom && ix >= left && ix < right ? 1 : 0;
    }
    return cells;
  }

  private final java.util.Map<List<Object>, Program> averages = new java.util.HashMap<>();

  private Program average(Step.AveragePool step, Codec codec, List<Integer> offsets, Area to) {
    return averages.computeIfAbsent(
        List.of(step.name(), offsets),
        key -> {
          boolean signed = ((Encoding.Eight) tensors.tensor(step.input()).encoding()).signed();
          Program.Builder code = new Program.Builder(step.name());
          code.immediate(Opcode.MOVI, 0, 0, 0);
          int number = 0;
          for (int offset : offsets) {
            int v = 1 + (number++ & 7);
            code.immediate(Opcode.LDR_S, v, 0, offset);
            code.op(signed ? Opcode.SXTL_8H : Opcode.UXTL_8H, v, v, 0);
            code.op(signed ? Opcode.SXTL_4S : Opcode.UXTL_4S, v, v, 0);
            code.op(Opcode.ADD_4S, 0, 0, v);
          }
          code.op(Opcode.SCVTF_4S, 0, 0, 0);
          code.immediate(Opcode.LDR_Q, 1, 4, 0);
          code.op(Opcode.FMUL_4S, 0, 0, 1);
          codec.emit(code, new int[] {0}, new int[] {2, 3}, 2, 0, null, 0, 3, 0, to.pixelBytes());
          return code.build();
        });
  }
}
