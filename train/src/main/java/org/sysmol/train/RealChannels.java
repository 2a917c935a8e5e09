package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.NormNames;

/**
 * A consumer's own batch normalisation and activation on the values of a stream: {@code t * S},
 * {@code + B}, clamp (docs/arithmetic.md §7).
 */
record RealChannels(@Nullable Tensor scale, @Nullable Tensor offset, Clamp clamp) {
  static RealChannels of(Network network, @Nullable NormNames norm, Clamp clamp) {
    if (norm == null) {
      return new RealChannels(null, null, clamp);
    }
    Affine affine = Affine.of(norm.of(network));
    return new RealChannels(
        Tensors.perChannel(affine.scale()), Tensors.perChannel(affine.offset()), clamp);
  }

  Tensor apply(Tensor real) {
    Tensor t = real;
    if (scale != null && offset != null) {
      t = t.mul(scale).add(offset);
    }
    return ExactFloats.clamp(t, clamp);
  }
}
