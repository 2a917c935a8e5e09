package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Generates the programs of the binary32 network of the same shape, for comparison: FMLA, batch
 * normalisation folded, activations and shortcuts fused, tensors with channels innermost.
 *
 * <p>What would favour the packed network is left out: the image is there as the first layer wants
 * it; changes of order or precision, stored functions and index maps cost nothing. Weights are
 * those of the packed network as numbers.
 */
public final class FloatProgrammer {
  private static final int COUNTER = 8;
  private static final int ROWS = 10;

  private final PackedNetwork network;
  private final Core core;
  private final int segments;
  private final Memory memory;
  private final Area[] areas;
  private final Map<List<Object>, Program> programs = new java.util.HashMap<>();

  private FloatProgrammer(PackedNetwork network, Core core, int segments) {
    this.network = network;
    this.core = core;
    this.segments = segments;
    memory = new Memory(segments);
    areas = areas();
  }

  /**
   * The programs of a network's binary32 twin for a core.
   *
   * @param segments of 128 bits of its vector registers
   */
  public static NetworkProgram of(PackedNetwork network, Core core, int segments) {
    return new FloatProgrammer(network, core, segments).program();
  }

  private Area[] areas() {
    int count = network.tensors().size();
    Area.Margin[] margins = new Area.Margin[count];
    Arrays.fill(margins, Area.Margin.NONE);
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c) {
        PackedTensor in = network.tensors().get(c.input());
        Window w = c.window();
        margins[c.input()] =
            margins[c.input()].and(
                new Area.Margin(
                    w.padTop(), w.padLeft(), w.padBottom(in.height()), w.padRight(in.width())));
      }
    }
    Area[] result = new Area[count];
    for (int t = 0; t < count; t++) {
      PackedTensor tensor = network.tensors().get(t);
      result[t] =
          Area.allocate(
              memory,
              tensor.height(),
              tensor.width(),
              4 * (t == 0 ? tensor.channels() : Math.max(4, tensor.channels())),
              margins[t],
              (byte) 0);
    }
    return result;
  }

  private NetworkProgram program() {
    List<StepProgram> steps = new ArrayList<>();
    for (Step step : network.steps()) {
      steps.add(step(step));
    }
    Area result = areas[network.steps().getLast().output()];
    return new NetworkProgram(
        memory.image(),
        areas[0].origin(),
        steps,
        result.origin(),
        result.pixelBytes(),
        result.rowBytes(),
        List.of());
  }

  private StepProgram step(Step step) {
    long[] products = new long[33];
    List<Call> calls =
        switch (step) {
          case Step.Convolution s -> {
            products[32] =
                (long) s.window().outputs()
                    * s.weights().outputs()
                    * s.weights().taps()
                    * s.weights().channelsPerOutput();
            yield convolution(s);
          }
          case Step.Requantise s -> {
            boolean free = s.affine() == null && s.clamp().isNone();
            if (free) {
              areas[s.output()] = areas[s.input()];
            }
            yield free
                ? List.of()
                : cells(s.name(), s.input(), -1, s.output(), s.clamp(), s.affine() != null);
          }
          case Step.Join s -> cells(s.name(), s.input(), s.right(), s.output(), s.clamp(), false);
          case Step.Scale s -> cells(s.name(), s.input(), -1, s.output(), s.clamp(), true);
          case Step.MaxPool s -> pool(s.name(), s.input(), s.output(), s.window(), true);
          case Step.AveragePool s -> pool(s.name(), s.input(), s.output(), s.window(), false);
          case Step.QuantiseImage _, Step.Table _, Step.Gather _ -> List.of();
        };
    return new StepProgram(step.name(), "binary32", calls, products);
  }

  private List<Call> convolution(Step.Convolution step) {
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
    int used = Blocks.segments(segments, perGroup);
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
    if (2 * weightBytes <= 1024L * core.l1().kib()) {
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

  private static void clamp(Program.Builder code, Clamp clamp, int[] values, int free) {
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

  /** A row of cells: a product and sum where scaled, a second operand, a clamp. */
  private List<Call> cells(
      String name, int input, int second, int output, Clamp clamp, boolean scaled) {
    PackedTensor tensor = network.tensors().get(output);
    Area from = areas[input];
    Area to = areas[output];
    int values = tensor.width() * to.pixelBytes() / 4;
    Program.Builder code = new Program.Builder(name, Blocks.segments(segments, values));
    int bytes = code.vectorBytes();
    code.immediate(Opcode.MOV_X, COUNTER, 0, Math.ceilDiv(4 * values, bytes));
    int start = code.here();
    code.immediate(Opcode.LDR_Q_POST, 0, 0, bytes);
    if (scaled) {
      code.immediate(Opcode.LDR_Q_POST, 1, 2, bytes);
      code.immediate(Opcode.LDR_Q_POST, 2, 5, bytes);
      code.op(Opcode.FMLA_V4S, 2, 0, 1);
    }
    int value = scaled ? 2 : 0;
    if (second >= 0) {
      code.immediate(Opcode.LDR_Q_POST, 3, 1, bytes);
      code.op(Opcode.FADD_4S, value, value, 3);
    }
    clamp(code, clamp, new int[] {value}, 4);
    code.immediate(Opcode.STR_Q, value, 3, 0);
    code.immediate(Opcode.ADD_X, 3, 3, bytes);
    code.loop(COUNTER, start);
    Program program = code.build();
    int parameters = memory.allocate(to.rowBytes() + 64L * segments);
    List<Call> calls = new ArrayList<>();
    for (int y = 0; y < tensor.height(); y++) {
      calls.add(
          new Call(
              program,
              new long[] {
                from.at(y, 0),
                second < 0 ? 0 : areas[second].at(y, 0),
                parameters,
                to.at(y, 0),
                0,
                parameters
              }));
    }
    return calls;
  }

  private List<Call> pool(String name, int input, int output, Window w, boolean maximum) {
    PackedTensor in = network.tensors().get(input);
    PackedTensor out = network.tensors().get(output);
    Area from = areas[input];
    Area to = areas[output];
    WindowRows rows = WindowRows.rows(w, in.height());
    WindowRows columns = WindowRows.columns(w, in.width());
    Map<String, Program> made = new TreeMap<>();
    List<Call> calls = new ArrayList<>();
    for (int y = 0; y < out.height(); y++) {
      for (int x = 0; x < out.width(); x++) {
        long insideY = rows.inside(y);
        long insideX = columns.inside(x);
        Program program =
            made.computeIfAbsent(
                insideY + " " + insideX,
                key -> cell(name, w, from, insideY, insideX, out.channels(), maximum));
        calls.add(
            new Call(program, new long[] {from.at(rows.first(y), columns.first(x)), to.at(y, x)}));
      }
    }
    return calls;
  }

  private Program cell(
      String name, Window w, Area from, long insideY, long insideX, int channels, boolean maximum) {
    int used = Blocks.segments(segments, channels);
    Program.Builder code = new Program.Builder(name, used);
    int[] fours = Blocks.fours(0, channels, used);
    for (int b = 0; b < fours.length; b += used) {
      int first = fours[b];
      int number = 0;
      for (int t = 0; t < w.taps(); t++) {
        int ky = t / w.kernelWidth();
        int kx = t % w.kernelWidth();
        if ((insideY >> ky & 1) == 0 || (insideX >> kx & 1) == 0) {
          continue;
        }
        int offset =
            ky * w.dilationY() * from.rowBytes()
                + kx * w.dilationX() * from.pixelBytes()
                + 4 * first;
        int v = number == 0 ? 0 : 1 + number % 3;
        code.immediate(Opcode.LDR_Q, v, 0, offset);
        if (number++ > 0) {
          code.op(maximum ? Opcode.FMAX_4S : Opcode.FADD_4S, 0, 0, v);
        }
      }
      if (!maximum) {
        code.op(Opcode.FMUL_4S, 0, 0, 4);
      }
      code.immediate(Opcode.STR_Q, 0, 1, 4 * first);
    }
    return code.build();
  }
}
