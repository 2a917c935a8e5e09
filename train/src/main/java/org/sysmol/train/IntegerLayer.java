package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.FoldedLayer;

/** One convolution on integers and its epilogue, exactly (docs/arithmetic.md §5, §6). */
final class IntegerLayer {
  /** Sums below this are exact in binary32, whatever the order. */
  static final long EXACT_FLOATS = 1L << 24;

  private static final Logger LOG = LoggerFactory.getLogger(IntegerLayer.class);

  private final Stage.Convolution layer;
  private ScalarType type;

  /** The batch size for which a first batch gave the same sums in floats as in double. */
  private long provenFor = -1;

  private final Tensor kernel;
  private final Tensor scale;
  private final Tensor offset;

  /**
   * Copies what it needs.
   *
   * @param layer the convolution
   * @param folded its integers
   * @param largest largest magnitude of the codes of each input channel
   */
  IntegerLayer(Stage.Convolution layer, FoldedLayer folded, int[] largest) {
    this.layer = layer;
    this.type = bound(layer, folded, largest) < EXACT_FLOATS ? ScalarType.Float : ScalarType.Double;
    int[] aligned = folded.aligned();
    float[] values = new float[aligned.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = aligned[i];
    }
    // Weights are small integers: exact in floats whatever their sums need.
    kernel =
        Tensors.of(
            values,
            layer.outputChannels(),
            layer.channelsPerOutput(),
            layer.window().kernelHeight(),
            layer.window().kernelWidth());
    scale = Tensors.perChannel(folded.affine().scale());
    offset = Tensors.perChannel(folded.affine().offset());
  }

  /** The largest magnitude that any partial sum of any output can reach. */
  static long bound(Stage.Convolution layer, FoldedLayer folded, int[] largest) {
    int taps = layer.window().taps();
    int perOutput = layer.weightsPerOutput();
    int outputsPerGroup = layer.outputChannels() / layer.groups();
    long bound = 0;
    for (int o = 0; o < layer.outputChannels(); o++) {
      int first = o / outputsPerGroup * layer.channelsPerOutput();
      long sum = 0;
      for (int i = 0; i < perOutput; i++) {
        sum += (long) Math.abs(folded.aligned()[o * perOutput + i]) * largest[first + i / taps];
      }
      bound = Math.max(bound, sum);
    }
    return bound;
  }

  /**
   * Runs it.
   *
   * @param codes {@code [N, C, H, W]}
   * @param residual values to add after the affine, or null
   * @return binary32 values before any encoding
   */
  Tensor run(Tensor codes, @Nullable Tensor residual) {
    Tensor t = sum(codes).mul(scale).add(offset);
    if (residual != null) {
      t = t.add(residual);
    }
    return ExactFloats.clamp(t, layer.clamp());
  }

  /** The sums, in floats where they have been seen to be the same as in double. */
  private Tensor sum(Tensor codes) {
    if (type == ScalarType.Float && codes.size(0) == provenFor) {
      return convolve(codes, kernel);
    }
    Tensor sure =
        convolve(codes.to(ScalarType.Double), kernel.to(ScalarType.Double)).to(ScalarType.Float);
    if (type == ScalarType.Float) {
      if (convolve(codes, kernel).equal(sure)) {
        provenFor = codes.size(0);
      } else {
        LOG.info("The sums of layer {} are not exact in floats here; doubles are used.", layer);
        type = ScalarType.Double;
      }
    }
    return sure;
  }

  private Tensor convolve(Tensor codes, Tensor weights) {
    return Convolutions.convolve(codes, weights, Tensors.none(), layer.window(), layer.groups());
  }
}
