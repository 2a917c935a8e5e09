package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;

/** Functions of one number on tensors, in floats and differentiable. */
final class Curves {
  private Curves() {}

  /** The function of every element. */
  static Tensor apply(Curve curve, Tensor x) {
    return switch (curve) {
      case Curve.Input _ -> x;
      case Curve.Constant c -> torch.full_like(x, Tensors.scalar(c.value()));
      case Curve.Sum s -> apply(s.a(), x).add(apply(s.b(), x));
      case Curve.Difference d -> apply(d.a(), x).sub(apply(d.b(), x));
      case Curve.Product p -> apply(p.a(), x).mul(apply(p.b(), x));
      case Curve.Quotient q -> apply(q.a(), x).div(apply(q.b(), x));
      case Curve.Clipped c -> clamp(apply(c.a(), x), c.clamp());
      case Curve.Sigmoid s -> apply(s.a(), x).sigmoid();
      case Curve.HardSigmoid h ->
          unit(apply(h.a(), x).mul(Tensors.scalar(h.slope())).add(Tensors.scalar(h.offset())));
      case Curve.Tanh t -> apply(t.a(), x).tanh();
      case Curve.Erf e -> apply(e.a(), x).erf();
      case Curve.Softplus s -> {
        Tensor a = apply(s.a(), x);
        yield a.relu().add(a.abs().neg().exp().log1p());
      }
      case Curve.LeakyRelu l -> {
        Tensor a = apply(l.a(), x);
        Tensor positive = a.relu();
        yield positive.add(a.sub(positive).mul(Tensors.scalar(l.slope())));
      }
      case Curve.Elu e -> {
        Tensor a = apply(e.a(), x);
        Tensor positive = a.relu();
        yield positive.add(a.sub(positive).expm1().mul(Tensors.scalar(e.factor())));
      }
      case Curve.HardSwish h -> {
        Tensor a = apply(h.a(), x);
        yield a.mul(unit(a.div(Tensors.scalar(6)).add(Tensors.scalar(0.5))));
      }
    };
  }

  private static Tensor unit(Tensor tensor) {
    return torch.hardtanh(tensor, Tensors.scalar(0), Tensors.scalar(1));
  }

  /** An activation that is a pair of bounds. */
  static Tensor clamp(Tensor tensor, Clamp clamp) {
    if (clamp.isNone()) {
      return tensor;
    }
    if (clamp.equals(Clamp.RELU)) {
      return tensor.relu();
    }
    return torch.hardtanh(tensor, Tensors.scalar(clamp.low()), Tensors.scalar(clamp.high()));
  }
}
