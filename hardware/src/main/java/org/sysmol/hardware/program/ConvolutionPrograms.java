package org.sysmol.hardware.program;

import java.util.List;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Pattern;

/** Programs and calls of convolutions: a call computes one row of a few channels. */
final class ConvolutionPrograms {
  private final LayerCalls layers;
  private final List<Pattern> patterns;
  private final Core core;

  ConvolutionPrograms(
      TensorMemory tensors, Memory memory, List<Pattern> patterns, Architecture architecture) {
    layers = new LayerCalls(tensors, memory, architecture.repeats());
    this.patterns = patterns;
    core = architecture.core();
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
    PackedTensor in = layers.tensors().tensor(step.input());
    if (TensorMemory.depthwise(step, in)) {
      return new DepthwisePrograms(layers).of(step, in);
    }
    return in.encoding() instanceof Encoding.Mixed mixed
        ? new MixedPrograms(layers, patterns, core).of(step, mixed.signed())
        : new ElementPrograms(layers, core).of(step);
  }
}
