package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.arithmetic.Clamp;

/** Operations on binary32 tensors that give the scalar code's bits. */
final class ExactFloats {
  private ExactFloats() {}

  /** {@link Clamp#apply} on every element: a bound's own zero instead of a zero of either sign. */
  static Tensor clamp(Tensor tensor, Clamp clamp) {
    Tensor t = tensor;
    if (clamp.high() != Float.POSITIVE_INFINITY) {
      t = torch.where(t.lt(Tensors.scalar(clamp.high())), t, Tensors.scalar(clamp.high()));
    }
    if (clamp.low() != Float.NEGATIVE_INFINITY) {
      t = torch.threshold(t, Tensors.scalar(clamp.low()), Tensors.scalar(clamp.low()));
    }
    return t;
  }
}
