package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** Programs and calls of binary32 convolutions ({@link FloatProgrammer}), depthwise ones too. */
final class FloatConvolutions {
  private static final int COUNTER = 8;
  private static final int ROWS = 10;

  private final PackedNetwork network;
  private final Core core;
  private final int segments;
  private final Memory memory;
  private final Area[] areas;
  private final Map<List<Object>, Program> programs = new HashMap<>();

  /**
   * The convolutions of a network.
   *
   * @param segments of 128 bits of the core's vector registers
   * @param areas of all tensors; may change until a layer is asked for
   */
  FloatConvolutions(PackedNetwork network, Core core, int segments, Memory memory, Area[] areas) {
    this.network = network;
    this.core = core;
    this.segments = segments;
    this.memory = memory;
    this.areas = areas;
  }

  /** The calls of a convolution, in the order in which they run. */
  List<Call> calls(Step.Convolution step) {
    PackedTensor in = network.tensors().get(step.input());
    Window w = step.window();
    if (TensorMemory.depthwise(step, in)) {
      return depthwise(step);
    }
    Area from = areas[step.input()];
    Area to = areas[step.output()];
    int perGroup = step.weights().outputs() / step.groups();
    int perOutput = step.weights().channelsPerOutput();
    int cell = step.groups() == 1 ? from.pixelBytes() / 4 : perOutput;
    boolean joined = step.groups() == 1 && w.dilationX() == 1;
    List<ElementKernel.Run> runs = new ArrayList<>();
    for (int t = 0; t < w.taps(); t += joined ? w.kernelWidth() : 1) {
      int offset =
          t / w.kernelWidth() * w.dilationY() * from.rowBytes()
              + t % w.kernelWidth() * w.dilationX() * from.pixelBytes();
      runs.add(new ElementKernel.Run(offset, joined ? cell * w.kernelWidth() : cell));
    }
    int elements = runs.stream().mapToInt(ElementKernel.Run::elements).sum();
    int used = Blocks.segments(segments, perGroup, 16L * elements, core);
    int most = used * Blocks.vectors(16L * used * elements, core);
    List<List<Call>> blocks = new ArrayList<>();
    long weightBytes = 0;
    for (int g = 0; g < step.groups(); g++) {
      int[] fours = Blocks.fours(g * perGroup, (g + 1) * perGroup, used);
      for (int at = 0; at < fours.length; at += most) {
        int[] firsts = Arrays.copyOfRange(fours, at, Math.min(fours.length, at + most));
        int[] offsets = Blocks.offsets(firsts, used);
        // Any numbers will do: only cycles and energy are asked for.
        int weights = memory.allocate(16L * elements * firsts.length);
        weightBytes += 16L * elements * firsts.length;
        int bias = memory.allocate(16L * firsts.length);
        Program program =
            programs.computeIfAbsent(
                List.of(step.name(), Arrays.toString(offsets)),
                key -> kernel(step, used, runs, offsets, from, to));
        List<Call> rows = new ArrayList<>();
        for (int y = 0; y < w.outputHeight(); y++) {
          long residual =
              step.residual() < 0 ? 0 : areas[step.residual()].at(y, 0) + 4L * firsts[0];
          rows.add(
              new Call(
                  program,
                  new long[] {
                    from.at(y * w.strideY() - w.padTop(), -w.padLeft()) + 4L * g * perOutput,
                    weights,
                    0,
                    to.at(y, 0) + 4L * firsts[0],
                    residual,
                    0,
                    bias
                  }));
        }
        blocks.add(rows);
      }
    }
    return ordered(blocks, weightBytes);
  }

  private List<Call> ordered(List<List<Call>> blocks, long weightBytes) {
    List<Call> calls = new ArrayList<>();
    if (Blocks.rowByRow(weightBytes, core)) {
      for (int y = 0; y < blocks.getFirst().size(); y++) {
        for (List<Call> rows : blocks) {
          calls.add(rows.get(y));
        }
      }
    } else {
      blocks.forEach(calls::addAll);
    }
    return calls;
  }

  private Program kernel(
      Step.Convolution step,
      int used,
      List<ElementKernel.Run> runs,
      int[] offsets,
      Area from,
      Area to) {
    Area residual = step.residual() < 0 ? null : areas[step.residual()];
    return ElementKernel.of(
        new ElementKernel.Geometry(
            step.name(),
            used,
            Opcode.FMLA_4S,
            runs,
            step.window().strideX() * from.pixelBytes(),
            step.window().outputWidth(),
            to.pixelBytes(),
            residual == null ? 0 : residual.pixelBytes(),
            offsets.length,
            true),
        (code, sums, free, v) -> {
          if (residual != null) {
            for (int i = 0; i < sums.length; i++) {
              int r = free[i % free.length];
              code.immediate(Opcode.LDR_Q, r, 4, i * residual.pixelBytes() + 4 * offsets[v]);
              code.op(Opcode.FADD_4S, sums[i], sums[i], r);
            }
          }
          clamp(code, step.clamp(), sums, free[0]);
          for (int i = 0; i < sums.length; i++) {
            code.immediate(Opcode.STR_Q, sums[i], 3, i * to.pixelBytes() + 4 * offsets[v]);
          }
        });
  }

  /** A clamp of binary32 in registers; {@code free} is changed. */
  static void clamp(Program.Builder code, Clamp clamp, int[] values, int free) {
    if (clamp.low() != Float.NEGATIVE_INFINITY) {
      code.immediate(Opcode.MOVI, free, 0, 0);
      for (int v : values) {
        code.op(Opcode.FMAX_4S, v, v, free);
      }
    }
    if (clamp.high() != Float.POSITIVE_INFINITY) {
      code.immediate(Opcode.MOVI, free, 0, 0x40);
      for (int v : values) {
        code.op(Opcode.FMIN_4S, v, v, free);
      }
    }
  }

  private List<Call> depthwise(Step.Convolution step) {
    Window w = step.window();
    Area from = areas[step.input()];
    Area to = areas[step.output()];
    int taps = w.taps();
    List<List<Call>> blocks = new ArrayList<>();
    int channels = network.tensors().get(step.output()).channels();
    int used = Blocks.segments(segments, channels);
    Program.Builder code = new Program.Builder(step.name(), used);
    int cached = Math.min(taps, 24);
    for (int t = 0; t < cached; t++) {
      code.immediate(Opcode.LDR_Q, 8 + t, 1, code.vectorBytes() * t);
    }
    // A pointer for each row of the window: other rows are out of a load's reach.
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, 0, ky * w.dilationY() * from.rowBytes());
    }
    code.immediate(Opcode.MOV_X, COUNTER, 0, w.outputWidth());
    int start = code.here();
    code.immediate(Opcode.LDR_Q, 0, 6, 0);
    for (int t = 0; t < taps; t++) {
      int a = 1 + t % 4;
      int offset = t % w.kernelWidth() * w.dilationX() * from.pixelBytes();
      code.immediate(Opcode.LDR_Q, a, ROWS + t / w.kernelWidth(), offset);
      int weight = t < cached ? 8 + t : 5;
      if (t >= cached) {
        code.immediate(Opcode.LDR_Q, weight, 1, code.vectorBytes() * t);
      }
      code.op(Opcode.FMLA_V4S, 0, a, weight);
    }
    clamp(code, step.clamp(), new int[] {0}, 5);
    code.immediate(Opcode.STR_Q, 0, 3, 0);
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, ROWS + ky, w.strideX() * from.pixelBytes());
    }
    code.immediate(Opcode.ADD_X, 3, 3, to.pixelBytes());
    code.loop(COUNTER, start);
    Program program = code.build();
    int[] fours = Blocks.fours(0, channels, used);
    for (int b = 0; b < fours.length; b += used) {
      int first = fours[b];
      int weights = memory.allocate(16L * used * taps);
      int bias = memory.allocate(16L * used);
      List<Call> rows = new ArrayList<>();
      for (int y = 0; y < w.outputHeight(); y++) {
        rows.add(
            new Call(
                program,
                new long[] {
                  from.at(y * w.strideY() - w.padTop(), -w.padLeft()) + 4L * first,
                  weights,
                  0,
                  to.at(y, 0) + 4L * first,
                  0,
                  0,
                  bias
                }));
      }
      blocks.add(rows);
    }
    return ordered(blocks, 16L * taps * fours.length);
  }
}
