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
    switch (step) {
      case Step.QuantiseImage q -> bytes += 4L * network.tensors().get(q.output()).size();
      case Step.Convolution c -> {
        bytes += bytes(network, c.input()) + c.weights().totalBytes();
        bytes += c.residual() < 0 ? 0 : bytes(network, c.residual());
      }
      case Step.Join j -> bytes += bytes(network, j.input()) + bytes(network, j.right());
      case Step.Scale x -> bytes += bytes(network, x.input()) + bytes(network, x.gate());
      case Step.Table t -> bytes += bytes(network, t.input()) + 256L * t.codes().length;
      case Step.Requantise r -> bytes += bytes(network, r.input());
      case Step.MaxPool p -> bytes += bytes(network, p.input());
      case Step.AveragePool p -> bytes += bytes(network, p.input());
    }
    return bytes;
  }

  private static long bytes(PackedNetwork network, int index) {
    PackedTensor tensor = network.tensors().get(index);
    return (tensor.encoding() instanceof Encoding.Real ? 4L : 1L) * tensor.size();
  }
}
