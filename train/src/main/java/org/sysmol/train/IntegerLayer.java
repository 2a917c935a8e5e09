package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.FoldedLayer;

/** One convolution on integers and its epilogue, exactly (docs/arithmetic.md §5, §6). */
final class IntegerLayer {
  /** Sums below this are exact in binary32, whatever the order. */
  static final long EXACT_FLOATS = 1L << 24;

  private final Stage.Convolution layer;
  private final ScalarType type;
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
    kernel =
        Tensors.of(
                values,
                layer.outputChannels(),
                layer.channelsPerOutput(),
                layer.window().kernelHeight(),
                layer.window().kernelWidth())
            .to(type);
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
    Tensor sum =
        Tensors.convolve(codes.to(type), kernel, Tensors.none(), layer.window(), layer.groups())
            .to(ScalarType.Float);
    Tensor t = sum.mul(scale).add(offset);
    if (residual != null) {
      t = t.add(residual);
    }
    return ExactFloats.clamp(t, layer.clamp());
  }
}
