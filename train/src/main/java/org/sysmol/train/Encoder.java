package org.sysmol.train;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.trained.FoldedLayer;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/**
 * From binary32 values to integer codes, each held in a float, as {@link Codes} does it one by one
 * (docs/arithmetic.md §3, §4).
 *
 * @param inverse factor before rounding, per channel or one for all
 * @param low lowest code, or for odd codes the lowest floor
 * @param high highest code, or for odd codes the highest floor
 * @param odd whether the codes are odd: {@code 2 * floor + 1}
 */
record Encoder(Tensor inverse, Tensor low, Tensor high, boolean odd) {
  /** The codes of a group's convolutions. */
  static Encoder of(TrainedNetwork trained, InputGroup group) {
    Quantisers quantisers = trained.quantisers();
    if (!group.searched()) {
      return eightBit(FoldedLayer.edgeStep(quantisers, group), group.signed());
    }
    int[] precision = quantisers.precision()[group.id()];
    float alpha = quantisers.alpha()[group.id()];
    float[] inverse = new float[precision.length];
    float[] low = new float[precision.length];
    float[] high = new float[precision.length];
    for (int c = 0; c < precision.length; c++) {
      inverse[c] = Codes.inverseStep(alpha, precision[c]);
      int half = 1 << (precision[c] - 1);
      low[c] = group.signed() ? -half : 0;
      high[c] = group.signed() ? half - 1 : 2 * half - 1;
    }
    return new Encoder(
        Tensors.perChannel(inverse),
        Tensors.perChannel(low),
        Tensors.perChannel(high),
        group.signed());
  }

  /** Eight-bit codes with a zero and one step. */
  static Encoder eightBit(float step, boolean signed) {
    return new Encoder(
        Tensors.of(new float[] {1f / step}, 1),
        Tensors.of(new float[] {signed ? -127f : 0f}, 1),
        Tensors.of(new float[] {signed ? 127f : 255f}, 1),
        false);
  }

  /** Largest magnitude of the codes of each input channel of a group. */
  static int[] largest(Quantisers quantisers, InputGroup group, int channels) {
    int[] largest = new int[channels];
    if (!group.searched()) {
      Arrays.fill(largest, group.signed() ? 127 : 255);
      return largest;
    }
    for (int c = 0; c < channels; c++) {
      largest[c] = (1 << quantisers.precision()[group.id()][c]) - 1;
    }
    return largest;
  }

  /** Codes of {@code [N, C, H, W]} values. */
  Tensor encode(Tensor real) {
    Tensor scaled = real.mul(inverse);
    if (!odd) {
      return torch.clamp(scaled, new TensorOptional(low), new TensorOptional(high)).round_();
    }
    Tensor floor = torch.clamp(scaled.floor(), new TensorOptional(low), new TensorOptional(high));
    return floor.mul_(Tensors.scalar(2)).add_(Tensors.scalar(1));
  }
}
