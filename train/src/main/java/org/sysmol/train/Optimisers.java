package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.file.Checkpoint;

/**
 * Momentum for weights and Adam for quantiser parameters, with their whole state in plain tensors
 * so that a checkpoint holds it. All methods but {@link #save} must be called without gradients
 * enabled.
 */
final class Optimisers {
  private static final double MOMENTUM = 0.9;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final Map<String, Tensor> velocity = new LinkedHashMap<>();
  private final Map<String, Tensor> first = new LinkedHashMap<>();
  private final Map<String, Tensor> second = new LinkedHashMap<>();
  private long steps;

  /** Room for the parameters of a phase. */
  Optimisers(Map<String, Tensor> weights, Map<String, Tensor> learned) {
    weights.forEach((name, t) -> velocity.put(name, zeros(t)));
    learned.forEach((name, t) -> first.put(name, zeros(t)));
    learned.forEach((name, t) -> second.put(name, zeros(t)));
  }

  /** Zeros of the same shape, without a gradient. */
  static Tensor zeros(Tensor like) {
    return Tensors.of(new float[Math.toIntExact(like.numel())], sizes(like));
  }

  private static long[] sizes(Tensor tensor) {
    long[] sizes = new long[Math.toIntExact(tensor.dim())];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = tensor.size(i);
    }
    return sizes;
  }

  /** One step of stochastic gradient descent with momentum; clears the gradient. */
  void descend(String name, Tensor weight, double rate, double decay) {
    Tensor v = java.util.Objects.requireNonNull(velocity.get(name));
    Tensor gradient = weight.grad();
    if (!gradient.defined()) {
      return;
    }
    v.mul_(Tensors.scalar(MOMENTUM)).add_(gradient);
    if (decay > 0) {
      v.add_(weight, Tensors.scalar(decay));
    }
    weight.add_(v, Tensors.scalar(-rate));
    gradient.zero_();
  }

  /** Counts a step of Adam; call once before the parameters of a step. */
  void count() {
    steps++;
  }

  /** One step of Adam; clears the gradient. */
  void adapt(String name, Tensor parameter, double rate) {
    Tensor gradient = parameter.grad();
    if (!gradient.defined()) {
      return;
    }
    Tensor m = java.util.Objects.requireNonNull(first.get(name));
    Tensor v = java.util.Objects.requireNonNull(second.get(name));
    m.mul_(Tensors.scalar(BETA1)).add_(gradient, Tensors.scalar(1 - BETA1));
    v.mul_(Tensors.scalar(BETA2)).add_(gradient.mul(gradient), Tensors.scalar(1 - BETA2));
    double corrected = rate / (1 - Math.pow(BETA1, (double) steps));
    Tensor root =
        v.div(Tensors.scalar(1 - Math.pow(BETA2, (double) steps)))
            .sqrt()
            .add(Tensors.scalar(EPSILON));
    parameter.add_(m.div(root), Tensors.scalar(-corrected));
    gradient.zero_();
  }

  /** Puts the state into a checkpoint. */
  void save(Checkpoint checkpoint) {
    try (PointerScope _ = new PointerScope()) {
      checkpoint.put("optimiser/steps", new long[] {steps});
      velocity.forEach((n, t) -> checkpoint.put("velocity/" + n, Tensors.floats(t)));
      first.forEach((n, t) -> checkpoint.put("first/" + n, Tensors.floats(t)));
      second.forEach((n, t) -> checkpoint.put("second/" + n, Tensors.floats(t)));
    }
  }

  /** Takes the state from a checkpoint. */
  void load(Checkpoint checkpoint) {
    steps = checkpoint.longs("optimiser/steps")[0];
    velocity.forEach((n, t) -> Tensors.put(t, checkpoint.floats("velocity/" + n)));
    first.forEach((n, t) -> Tensors.put(t, checkpoint.floats("first/" + n)));
    second.forEach((n, t) -> Tensors.put(t, checkpoint.floats("second/" + n)));
  }
}
