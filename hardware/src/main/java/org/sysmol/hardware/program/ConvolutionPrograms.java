package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** Programs and calls of convolutions: a call computes one row of a few channels. */
final class ConvolutionPrograms {
  private final TensorMemory tensors;
  private final Memory memory;
  private final List<Pattern> patterns;
  private final Core core;

  ConvolutionPrograms(TensorMemory tensors, Memory memory, List<Pattern> patterns, Core core) {
    this.tensors = tensors;
    this.memory = memory;
    this.patterns = patterns;
    this.core = core;
  }

  /**
   * What a layer runs.
   *
   * @param before calls that come first
   * @param calls of each output row
   * @param weightBytes bytes of weights that a row reads
   */
  record Rows(List<Call> before, List<List<Call>> calls, long weightBytes) {}

  Rows of(Step.Convolution step) {
    PackedTensor in = tensors.tensor(step.input());
    if (TensorMemory.depthwise(step, in)) {
      return depthwise(step, in);
    }
    return in.encoding() instanceof Encoding.Mixed mixed
        ? mixed(step, mixed.signed())
        : element(step);
  }

  private SumCodec codec(Step.Convolution step) {
    return new SumCodec(
        step.affine(),
        step.clamp(),
        tensors.tensor(step.output()),
        tensors.plainIsRead(step.output()),
        residual(step));
  }

  private Codec.@Nullable Residual residual(Step.Convolution step) {
    return step.residual() < 0
        ? null
        : new Codec.Residual(
            Codec.Stream.of(tensors.tensor(step.residual())),
            4,
            tensors.plain(step.residual()).pixelBytes());
  }

  /** Address of a vector of the residual's step, or 0. */
  private int unit(Step.Convolution step) {
    if (step.residual() < 0) {
      return 0;
    }
    return Vectors.floats(memory, tensors.tensor(step.residual()).step());
  }

  private long[] arguments(
      Step.Convolution step, int unit, int in, int weights, int constants, int y, int channel) {
    Area out = tensors.plain(step.output());
    int cell = tensors.tensor(step.output()).encoding() instanceof Encoding.Real ? 4 : 1;
    long residual =
        step.residual() < 0 ? 0 : tensors.plain(step.residual()).at(y, 0) + (long) channel;
    return new long[] {
      in, weights, constants, out.at(y, 0) + (long) cell * channel, residual, unit
    };
  }

  private Rows mixed(Step.Convolution step, boolean signed) {
    Window w = step.window();
    boolean spans = tensors.spans(step);
    SpannedWindow window = spans ? SpannedWindow.of(step, tensors, memory) : null;
    PackedLayout layout =
        window == null ? Objects.requireNonNull(tensors.layout(step.input())) : window.layout();
    Area in = window == null ? Objects.requireNonNull(tensors.packed(step.input())) : window.area();
    SumCodec codec = codec(step);
    int unit = unit(step);
    int perGroup = step.weights().outputs() / step.groups();
    if (perGroup < 4 && step.groups() > 1) {
      throw SysmolException.badInput(
          "Layer %s has %d outputs for each of %d channel groups; programs compute at least four at once, so it can't be simulated."
              .formatted(step.name(), perGroup, step.groups()));
    }
    List<List<Call>> rows = emptyRows(w);
    long weightBytes = 0;
    for (int group = 0; group < step.groups(); group++) {
      SlotMap slots = layout.groups().get(group);
      MixedWeights weights =
          spans
              ? MixedWeights.spanned(step.weights(), slots, signed)
              : MixedWeights.of(ofGroup(step.weights(), group), slots, signed);
      int before = group * perGroup;
      int[] firsts = Blocks.fours(before, before + perGroup);
      int[] local = Arrays.stream(firsts).map(f -> f - before).toArray();
      int weightAt = weights.constants(memory, local);
      int constants = codec.constants(memory, firsts);
      weightBytes += (long) firsts.length * weights.steps() * 64;
      List<Integer> used = new ArrayList<>();
      int[] index = new int[slots.registers()];
      for (int r = 0; r < index.length; r++) {
        int pattern = patterns.indexOf(slots.pattern(r));
        if (!used.contains(pattern)) {
          used.add(pattern);
        }
        index[r] = used.indexOf(pattern);
      }
      MixedKernel.Geometry geometry =
          new MixedKernel.Geometry(
              step.name(),
              spans ? new int[1] : offsets(w.kernelHeight(), w.dilationY() * in.rowBytes()),
              spans ? new int[1] : offsets(w.kernelWidth(), w.dilationX() * in.pixelBytes()),
              slots.registers(),
              (spans ? 1 : w.strideX()) * in.pixelBytes(),
              w.outputWidth(),
              tensors.plain(step.output()).pixelBytes(),
              index,
              used,
              signed,
              weights.drains());
      Program program = MixedKernel.of(geometry, codec);
      Corrections corrections = signed ? corrections(step, weights, local) : null;
      int skip = 16 * layout.registersBefore(group);
      for (int y = 0; y < w.outputHeight(); y++) {
        int input = spans ? in.at(y, 0) : in.at(y * w.strideY() - w.padTop(), -w.padLeft()) + skip;
        for (int b = 0; b < firsts.length; b++) {
          long[] arguments =
              arguments(
                  step,
                  unit,
                  input,
                  weightAt + 64 * weights.steps() * b,
                  constants + codec.blockBytes() * b,
                  y,
                  firsts[b]);
          if (corrections != null) {
            arguments = Arrays.copyOf(arguments, 8);
            arguments[6] = corrections.rowTable(y);
            arguments[7] = 16L * b;
          }
          rows.get(y).add(new Call(program, arguments));
        }
      }
    }
    return new Rows(window == null ? List.of() : window.calls(), rows, weightBytes);
  }

  /** For each output row the address of a table of addresses by column. */
  private record Corrections(int[] tables) {
    int rowTable(int y) {
      return tables[y];
    }
  }

  private Corrections corrections(Step.Convolution step, MixedWeights weights, int[] firsts) {
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
    return new Corrections(byRow);
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

  private static int[] offsets(int count, int distance) {
    int[] offsets = new int[count];
    Arrays.setAll(offsets, k -> k * distance);
    return offsets;
  }

  private static List<List<Call>> emptyRows(Window w) {
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < w.outputHeight(); y++) {
      rows.add(new ArrayList<>());
    }
    return rows;
  }

  private Rows element(Step.Convolution step) {
    Window w = step.window();
    Area biased = tensors.biased(step.input());
    Area in = biased == null ? tensors.plain(step.input()) : biased;
    SumCodec codec = codec(step);
    int unit = unit(step);
    int outputs = step.weights().outputs();
    int perGroup = outputs / step.groups();
    int perOutput = step.weights().channelsPerOutput();
    ElementWeights weights =
        new ElementWeights(
            step.weights(), w, step.groups() == 1 ? in.pixelBytes() : perOutput, biased != null);
    List<ElementKernel.Run> runs = weights.runs(in, w);
    int most =
        Blocks.vectors(16L * runs.stream().mapToInt(ElementKernel.Run::elements).sum(), core);
    boolean matrix = core.baseUnit() == Core.BaseUnit.MATRIX;
    List<List<Call>> rows = emptyRows(w);
    Map<String, Program> programs = new TreeMap<>();
    long weightBytes = 0;
    for (int group = 0; group < step.groups(); group++) {
      int[] fours = Blocks.fours(group * perGroup, (group + 1) * perGroup);
      if (perGroup < 4 && step.groups() > 1) {
        throw SysmolException.badInput(
            "Layer %s has %d outputs for each of %d channel groups; programs compute at least four at once, so it can't be simulated."
                .formatted(step.name(), perGroup, step.groups()));
      }
      for (int from = 0; from < fours.length; from += most) {
        int[] firsts = Arrays.copyOfRange(fours, from, Math.min(fours.length, from + most));
        byte[] block = matrix ? weights.matrixBlock(firsts) : weights.block(firsts);
        int weightAt = memory.constant(block);
        int starts =
            biased == null
                ? 0
                : memory.constant(matrix ? weights.matrixStarts(firsts) : weights.starts(firsts));
        int constants = codec.constants(memory, firsts);
        weightBytes += block.length;
        // Where the last group of four reaches back, so does what it writes.
        int[] offsets = Arrays.stream(firsts).map(f -> f - firsts[0]).toArray();
        Program program =
            programs.computeIfAbsent(
                Arrays.toString(offsets),
                key -> {
                  ElementKernel.Geometry geometry =
                      new ElementKernel.Geometry(
                          step.name(),
                          Opcode.SDOT_4S,
                          runs,
                          w.strideX() * in.pixelBytes(),
                          w.outputWidth(),
                          tensors.plain(step.output()).pixelBytes(),
                          codec.residualBytes(),
                          offsets.length,
                          biased != null);
                  ElementKernel.Finish finish =
                      (code, sums, free, v) ->
                          codec.emit(
                              code,
                              sums,
                              free,
                              v,
                              offsets[v],
                              tensors.plain(step.output()).pixelBytes());
                  return matrix
                      ? MatrixKernel.of(geometry, finish)
                      : ElementKernel.of(geometry, finish);
                });
        for (int y = 0; y < w.outputHeight(); y++) {
          int input = in.at(y * w.strideY() - w.padTop(), -w.padLeft()) + group * perOutput;
          long[] arguments = arguments(step, unit, input, weightAt, constants, y, firsts[0]);
          arguments = Arrays.copyOf(arguments, 7);
          arguments[6] = starts;
          rows.get(y).add(new Call(program, arguments));
        }
      }
    }
    return new Rows(List.of(), rows, weightBytes);
  }

  private Rows depthwise(Step.Convolution step, PackedTensor tensor) {
    Window w = step.window();
    int channels = step.weights().outputs();
    List<Call> before = new ArrayList<>();
    Area in =
        channels == tensor.channels()
            ? tensors.plain(step.input())
            : repeated(step, tensor, before);
    SumCodec codec = codec(step);
    int unit = unit(step);
    boolean signed =
        (tensor.encoding() instanceof Encoding.Mixed m && m.signed())
            || (tensor.encoding() instanceof Encoding.Eight e && e.signed());
    boolean wide = DepthwiseWeights.wide(step, tensor);
    int width = channels >= 8 ? 8 : 4;
    int count = Math.ceilDiv(channels, width);
    int[] aligned = step.weights().aligned();
    Program program =
        DepthwiseKernel.of(
            new DepthwiseKernel.Geometry(
                step.name(),
                offsets(w.kernelHeight(), w.dilationY() * in.rowBytes()),
                offsets(w.kernelWidth(), w.dilationX() * in.pixelBytes()),
                w.strideX() * in.pixelBytes(),
                w.outputWidth(),
                tensors.plain(step.output()).pixelBytes(),
                width,
                signed,
                wide),
            codec);
    List<List<Call>> rows = emptyRows(w);
    for (int b = 0; b < count; b++) {
      int first = b == count - 1 ? Math.max(0, channels - width) : b * width;
      int[] fours = width == 8 ? new int[] {first, first + 4} : new int[] {first};
      int constants = codec.constants(memory, fours);
      int weightAt = memory.constant(DepthwiseWeights.block(aligned, w.taps(), channels, first));
      for (int y = 0; y < w.outputHeight(); y++) {
        int input = in.at(y * w.strideY() - w.padTop(), -w.padLeft()) + first;
        rows.get(y)
            .add(new Call(program, arguments(step, unit, input, weightAt, constants, y, first)));
      }
    }
    return new Rows(before, rows, (long) count * w.taps() * 16);
  }

  /** A copy of the input in which each channel stands as often as the layer has outputs of it. */
  private Area repeated(Step.Convolution step, PackedTensor tensor, List<Call> calls) {
    int outputs = step.weights().outputs();
    Area from = tensors.plain(step.input());
    Area to =
        Area.allocate(
            memory,
            tensor.height(),
            tensor.width(),
            Math.max(4, outputs),
            TensorMemory.margin(step, tensor),
            (byte) 0);
    int[] channels = new int[outputs];
    Arrays.setAll(channels, step.weights()::groupOf);
    Program move = PointwisePrograms.move(step.name(), channels, from, to, tensor.width());
    for (int y = 0; y < tensor.height(); y++) {
      calls.add(new Call(move, new long[] {from.at(y, 0), to.at(y, 0)}));
    }
    return to;
  }
}
