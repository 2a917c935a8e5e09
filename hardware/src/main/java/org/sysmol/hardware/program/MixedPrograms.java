package org.sysmol.hardware.program;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Program;

/** Programs and calls of searched layers, which the mixed unit computes. */
final class MixedPrograms {
  private final LayerCalls layers;
  private final TensorMemory tensors;
  private final Memory memory;
  private final List<Pattern> patterns;
  private final Core core;

  MixedPrograms(LayerCalls layers, List<Pattern> patterns, Core core) {
    this.layers = layers;
    this.patterns = patterns;
    this.core = core;
    tensors = layers.tensors();
    memory = layers.memory();
  }

  ConvolutionPrograms.Rows of(Step.Convolution step, boolean signed) {
    Window w = step.window();
    boolean spans = tensors.spans(step);
    SpannedWindow window = spans ? SpannedWindow.of(step, tensors, memory) : null;
    PackedLayout layout =
        window == null ? Objects.requireNonNull(tensors.layout(step.input())) : window.layout();
    Area in = window == null ? Objects.requireNonNull(tensors.packed(step.input())) : window.area();
    SumCodec codec = layers.codec(step);
    int unit = layers.unit(step);
    int perGroup = step.weights().outputs() / step.groups();
    if (perGroup < 4 && step.groups() > 1) {
      throw SysmolException.badInput(
          "Layer %s has %d outputs for each of %d channel groups; programs compute at least four at once, so it can't be simulated."
              .formatted(step.name(), perGroup, step.groups()));
    }
    if (!spans && w.kernelHeight() > MixedKernel.MOST_ROWS) {
      throw SysmolException.badInput(
          "Layer %s has windows of %d rows; programs compute at most %d, so it can't be simulated."
              .formatted(step.name(), w.kernelHeight(), MixedKernel.MOST_ROWS));
    }
    List<List<Call>> rows = LayerCalls.emptyRows(w);
    int segments = Blocks.segments(layers.segments(), perGroup);
    long weightBytes = weightBytes(step, layout, segments, spans);
    // A row's sums are done with when the next one begins, if rows follow each other.
    boolean kept = !Blocks.rowByRow(weightBytes, core);
    for (int group = 0; group < step.groups(); group++) {
      SlotMap slots = layout.groups().get(group);
      MixedWeights weights =
          spans
              ? MixedWeights.spanned(step.weights(), slots)
              : MixedWeights.of(ofGroup(step.weights(), group), slots);
      int before = group * perGroup;
      int[] firsts = Blocks.fours(before, before + perGroup, segments);
      int[] local = Arrays.stream(firsts).map(f -> f - before).toArray();
      int weightAt = weights.constants(memory, local, segments);
      int constants = codec.constants(memory, firsts, segments);
      MixedKernel.Geometry geometry =
          new MixedKernel.Geometry(
              step.name(),
              segments,
              spans
                  ? new int[1]
                  : LayerCalls.offsets(w.kernelHeight(), w.dilationY() * in.rowBytes()),
              spans
                  ? new int[1]
                  : LayerCalls.offsets(w.kernelWidth(), w.dilationX() * in.pixelBytes()),
              (spans ? 1 : w.strideX()) * in.pixelBytes(),
              w.outputWidth(),
              tensors.plain(step.output()).pixelBytes(),
              LayerPatterns.of(slots, patterns),
              signed,
              weights.drains());
      Program program = MixedKernel.of(geometry, codec);
      int[] corrections = signed ? corrections(step, weights, local) : null;
      Program sumProgram = ActivationSums.of(geometry);
      long rowOfSums = (long) w.outputWidth() * geometry.sumBytes();
      int sums = memory.scratch((kept ? w.outputHeight() : 1) * rowOfSums);
      int skip = 16 * layout.registersBefore(group);
      for (int y = 0; y < w.outputHeight(); y++) {
        int input = spans ? in.at(y, 0) : in.at(y * w.strideY() - w.padTop(), -w.padLeft()) + skip;
        long sumsAt = sums + (kept ? y * rowOfSums : 0);
        rows.get(y).add(new Call(sumProgram, new long[] {input, sumsAt}));
        for (int b = 0; b < firsts.length; b += segments) {
          long[] arguments =
              layers.arguments(
                  step,
                  unit,
                  input,
                  weightAt + 64 * weights.steps() * b,
                  constants + codec.blockBytes() * b,
                  y,
                  firsts[b]);
          arguments = Arrays.copyOf(arguments, 9);
          arguments[8] = sumsAt;
          if (corrections != null) {
            arguments[6] = corrections[y];
            arguments[7] = 16L * b;
          }
          rows.get(y).add(new Call(program, arguments));
        }
      }
    }
    return new ConvolutionPrograms.Rows(
        window == null ? List.of() : window.calls(), rows, weightBytes);
  }

  private static long weightBytes(
      Step.Convolution step, PackedLayout layout, int segments, boolean spans) {
    int perGroup = step.weights().outputs() / step.groups();
    int fours = Blocks.fours(0, perGroup, segments).length;
    int taps = spans ? 1 : step.window().taps();
    long registers = layout.registersBefore(step.groups());
    return 64 * fours * taps * registers;
  }

  /** For each output row the address of a table of addresses by column. */
  private int[] corrections(Step.Convolution step, MixedWeights weights, int[] firsts) {
    Window w = step.window();
    PackedTensor in = tensors.tensor(step.input());
    WindowRows rows = WindowRows.rows(w, in.height());
    WindowRows columns = WindowRows.columns(w, in.width());
    Map<String, Integer> vectors = new TreeMap<>();
    Map<Long, Integer> tables = new TreeMap<>();
    int[] byRow = new int[w.outputHeight()];
    for (int y = 0; y < byRow.length; y++) {
      long insideY = rows.inside(y);
      byRow[y] =
          tables.computeIfAbsent(
              insideY,
              set -> {
                Constants table = Memory.buffer(8 * w.outputWidth());
                for (int x = 0; x < w.outputWidth(); x++) {
                  long insideX = columns.inside(x);
                  table.putLong(
                      vectors.computeIfAbsent(
                          set + " " + insideX, k -> correction(weights, firsts, w, set, insideX)));
                }
                return memory.constant(table.bytes());
              });
    }
    return byRow;
  }

  private int correction(MixedWeights weights, int[] firsts, Window w, long insideY, long insideX) {
    boolean[] inside = new boolean[w.taps()];
    for (int t = 0; t < inside.length; t++) {
      inside[t] =
          ((insideY >> (t / w.kernelWidth())) & 1) != 0
              && ((insideX >> (t % w.kernelWidth())) & 1) != 0;
    }
    Constants buffer = Memory.buffer(16 * firsts.length);
    for (int first : firsts) {
      for (int k = 0; k < 4; k++) {
        buffer.putInt(weights.correction(Math.min(first + k, weights.outputs() - 1), inside));
      }
    }
    return memory.constant(buffer.bytes());
  }

  private static PackedWeights ofGroup(PackedWeights all, int group) {
    if (all.groups() == 1) {
      return all;
    }
    int outputs = all.outputs() / all.groups();
    int perOutput = all.channelsPerOutput();
    int row = all.taps() * perOutput;
    return PackedWeights.pack(
        outputs,
        all.taps(),
        Arrays.copyOfRange(all.precision(), group * perOutput, (group + 1) * perOutput),
        1,
        Arrays.copyOfRange(all.codes(), group * outputs * row, (group + 1) * outputs * row));
  }
}
