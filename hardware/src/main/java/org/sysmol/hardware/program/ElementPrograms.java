package org.sysmol.hardware.program;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** Programs and calls of layers of bytes, which the base unit computes. */
final class ElementPrograms {
  private final LayerCalls layers;
  private final TensorMemory tensors;
  private final Memory memory;
  private final Core core;

  ElementPrograms(LayerCalls layers, Core core) {
    this.layers = layers;
    this.core = core;
    tensors = layers.tensors();
    memory = layers.memory();
  }

  ConvolutionPrograms.Rows of(Step.Convolution step) {
    Window w = step.window();
    Area biased = tensors.biased(step.input());
    Area in = biased == null ? tensors.plain(step.input()) : biased;
    SumCodec codec = layers.codec(step);
    int unit = layers.unit(step);
    int outputs = step.weights().outputs();
    int perGroup = outputs / step.groups();
    int perOutput = step.weights().channelsPerOutput();
    ElementWeights weights =
        new ElementWeights(
            step.weights(), w, step.groups() == 1 ? in.pixelBytes() : perOutput, biased != null);
    List<ElementKernel.Run> runs = weights.runs(in, w);
    int elements = runs.stream().mapToInt(ElementKernel.Run::elements).sum();
    int segments = Blocks.segments(layers.segments(), perGroup, 16L * elements, core);
    int most = segments * Blocks.vectors(16L * segments * elements, core);
    boolean matrix = core.baseUnit() == Core.BaseUnit.MATRIX;
    List<List<Call>> rows = LayerCalls.emptyRows(w);
    Map<String, Program> programs = new TreeMap<>();
    long weightBytes = 0;
    for (int group = 0; group < step.groups(); group++) {
      int[] fours = Blocks.fours(group * perGroup, (group + 1) * perGroup, segments);
      if (perGroup < 4 && step.groups() > 1) {
        throw SysmolException.badInput(
            "Layer %s has %d outputs for each of %d channel groups; programs compute at least four at once, so it can't be simulated."
                .formatted(step.name(), perGroup, step.groups()));
      }
      for (int from = 0; from < fours.length; from += most) {
        int[] firsts = Arrays.copyOfRange(fours, from, Math.min(fours.length, from + most));
        byte[] block = matrix ? weights.matrixBlock(firsts, segments) : weights.block(firsts);
        int weightAt = memory.constant(block);
        int starts =
            biased == null
                ? 0
                : memory.constant(
                    matrix ? weights.matrixStarts(firsts, segments) : weights.starts(firsts));
        int constants = codec.constants(memory, firsts, segments);
        weightBytes += block.length;
        // Where the last group of four reaches back, so does what it writes.
        int[] offsets = Blocks.offsets(firsts, segments);
        Program program =
            programs.computeIfAbsent(
                Arrays.toString(offsets),
                key -> {
                  ElementKernel.Geometry geometry =
                      new ElementKernel.Geometry(
                          step.name(),
                          segments,
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
          long[] arguments = layers.arguments(step, unit, input, weightAt, constants, y, firsts[0]);
          arguments = Arrays.copyOf(arguments, 7);
          arguments[6] = starts;
          rows.get(y).add(new Call(program, arguments));
        }
      }
    }
    return new ConvolutionPrograms.Rows(List.of(), rows, weightBytes);
  }
}
