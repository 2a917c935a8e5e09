package org.sysmol.runtime.engine;

import java.util.Optional;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;

/**
 * Why a step runs as it does.
 *
 * @param kernel its name
 * @param reason why this kernel was chosen, in words
 * @param fallback what is slower than it could be, in words; empty where nothing is
 * @param macs multiply-accumulates, 0 for steps without
 * @param bitMacs those of them that count bits instead of multiplying
 * @param bytes that the step reads and writes, each once: tensors, weights, parameters
 */
public record Explanation(
    String kernel, String reason, Optional<String> fallback, long macs, long bitMacs, long bytes) {
  /** Multiply-accumulates of a step, 0 for steps without. */
  public static long macs(Step step) {
    return step instanceof Step.Convolution c
        ? (long) c.weights().outputs()
            * c.weights().channelsPerOutput()
            * c.window().taps()
            * c.window().outputs()
        : 0;
  }

  /** Bytes of a step's tensors without padding, codes being bytes, and of its packed weights. */
  static long plainBytes(PackedNetwork network, Step step) {
    long bytes = bytes(network, step.output());
    for (int input : step.reads()) {
      bytes += bytes(network, input);
    }
    switch (step) {
      case Step.QuantiseImage q -> bytes += 4L * network.tensors().get(q.output()).size();
      case Step.Convolution c -> bytes += c.weights().totalBytes();
      case Step.Table t -> bytes += 256L * t.codes().length;
      default -> {}
    }
    return bytes;
  }

  private static long bytes(PackedNetwork network, int index) {
    PackedTensor tensor = network.tensors().get(index);
    return (tensor.encoding() instanceof Encoding.Real ? 4L : 1L) * tensor.size();
  }
}
