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

  private final PackedNetwork network;
  private final int segments;
  private final Memory memory;
  private final Area[] areas;
  private final FloatConvolutions convolutions;

  private FloatProgrammer(PackedNetwork network, Core core, int segments) {
    this.network = network;
    this.segments = segments;
    memory = new Memory(segments);
    areas = areas();
    convolutions = new FloatConvolutions(network, core, segments, memory, areas);
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
            yield convolutions.calls(s);
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
    FloatConvolutions.clamp(code, clamp, new int[] {value}, 4);
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
