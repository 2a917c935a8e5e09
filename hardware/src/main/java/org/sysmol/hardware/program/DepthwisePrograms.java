package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.hardware.isa.Program;

/** Programs and calls of depthwise layers, which the base unit computes. */
final class DepthwisePrograms {
  private final LayerCalls layers;
  private final TensorMemory tensors;
  private final Memory memory;

  DepthwisePrograms(LayerCalls layers) {
    this.layers = layers;
    tensors = layers.tensors();
    memory = layers.memory();
  }

  ConvolutionPrograms.Rows of(Step.Convolution step, PackedTensor tensor) {
    Window w = step.window();
    int channels = step.weights().outputs();
    List<Call> before = new ArrayList<>();
    Area in =
        channels == tensor.channels()
            ? tensors.plain(step.input())
            : repeated(step, tensor, before);
    SumCodec codec = layers.codec(step);
    int unit = layers.unit(step);
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
                LayerCalls.offsets(w.kernelHeight(), w.dilationY() * in.rowBytes()),
                LayerCalls.offsets(w.kernelWidth(), w.dilationX() * in.pixelBytes()),
                w.strideX() * in.pixelBytes(),
                w.outputWidth(),
                tensors.plain(step.output()).pixelBytes(),
                width,
                signed,
                wide),
            codec);
    List<List<Call>> rows = LayerCalls.emptyRows(w);
    for (int b = 0; b < count; b++) {
      int first = b == count - 1 ? Math.max(0, channels - width) : b * width;
      int[] fours = width == 8 ? new int[] {first, first + 4} : new int[] {first};
      int constants = codec.constants(memory, fours, 1);
      int weightAt = memory.constant(DepthwiseWeights.block(aligned, w.taps(), channels, first));
      for (int y = 0; y < w.outputHeight(); y++) {
        int input = in.at(y * w.strideY() - w.padTop(), -w.padLeft()) + first;
        rows.get(y)
            .add(
                new Call(
                    program, layers.arguments(step, unit, input, weightAt, constants, y, first)));
      }
    }
    return new ConvolutionPrograms.Rows(before, rows, (long) count * w.taps() * 16);
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
    ChannelMoves moves =
        new ChannelMoves(
            step.name(), channels, from.pixelBytes(), to.pixelBytes(), tensor.width(), memory);
    for (int y = 0; y < tensor.height(); y++) {
      calls.add(moves.row(from.at(y, 0), to.at(y, 0)));
    }
    return to;
  }
}
