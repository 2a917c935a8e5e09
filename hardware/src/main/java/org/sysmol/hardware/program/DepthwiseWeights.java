package org.sysmol.hardware.program;

import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;

/** Weights of depthwise layers as halfwords, channels in lanes. */
final class DepthwiseWeights {
  private DepthwiseWeights() {}

  /** By tap, eight channels from {@code first}; 0 beyond the last. */
  static byte[] block(int[] aligned, int taps, int channels, int first) {
    Constants buffer = Memory.buffer(16 * taps);
    for (int t = 0; t < taps; t++) {
      for (int k = 0; k < 8; k++) {
        int channel = first + k;
        buffer.putShort((short) (channel < channels ? aligned[channel * taps + t] : 0));
      }
    }
    return buffer.bytes();
  }

  /** True if some output's sum may need more than 16 bits, by its own weights. */
  static boolean wide(Step.Convolution step, PackedTensor in) {
    int taps = step.weights().taps();
    int[] aligned = step.weights().aligned();
    for (int o = 0; o < step.weights().outputs(); o++) {
      long size = 0;
      for (int t = 0; t < taps; t++) {
        size += (long) Math.abs(aligned[o * taps + t]) * largest(in, step.weights().groupOf(o));
      }
      if (size > Short.MAX_VALUE) {
        return true;
      }
    }
    return false;
  }

  private static int largest(PackedTensor in, int channel) {
    return switch (in.encoding()) {
      case Encoding.Mixed mixed -> (1 << mixed.precision()[channel]) - 1;
      case Encoding.Eight eight -> eight.signed() ? 127 : 255;
      case Encoding.Real _ -> throw new IllegalArgumentException(in.name());
    };
  }
}
