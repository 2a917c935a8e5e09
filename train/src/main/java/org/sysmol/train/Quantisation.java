package org.sysmol.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.Quantisers;

/**
 * The fine-tuning (paper §1): weights and activations take the values of their codes
 * (docs/arithmetic.md §2 to §4), gradients go straight through; {@code delta} and {@code alpha} are
 * learned in the logarithm, so they stay positive. Steps of streams are fixed.
 */
final class Quantisation implements Disturbance {
  private final Plan plan;
  private final Quantisers quantisers;
  private final List<Stage.Convolution> layers;
  private final Map<String, Tensor> learned = new LinkedHashMap<>();
  private final Map<Integer, Tensor> powers = new LinkedHashMap<>();

  /** With a {@code delta} for each output, all steps learned. */
  Quantisation(Plan plan, Quantisers quantisers) {
    this(plan, quantisers, false, true);
  }

  /**
   * Starts.
   *
   * @param layerDelta whether a layer has one {@code delta}; those of its outputs are then equal
   * @param learns whether steps are learned
   */
  Quantisation(Plan plan, Quantisers quantisers, boolean layerDelta, boolean learns) {
    this.plan = plan;
    this.quantisers = quantisers;
    layers = plan.convolutions();
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        float[] a = {(float) Math.log(quantisers.alpha()[group.id()])};
        learned.put(Noise.alphaName(group), Tensors.of(a, 1).set_requires_grad(learns));
        int[] precision = quantisers.precision()[group.id()];
        float[] power = new float[precision.length];
        for (int c = 0; c < power.length; c++) {
          power[c] = (float) Math.pow(2, precision[c] - 2);
        }
        powers.put(group.id(), Tensors.of(power, power.length));
      }
    }
    for (int i = 0; i < layers.size(); i++) {
      float[] all = quantisers.delta()[i];
      float[] logs = Arrays.copyOf(all, layerDelta ? Math.min(1, all.length) : all.length);
      if (logs.length > 0) {
        for (int o = 0; o < logs.length; o++) {
          logs[o] = (float) Math.log(logs[o]);
        }
        learned.put("delta/" + i, Tensors.of(logs, logs.length).set_requires_grad(learns));
      }
    }
  }

  /** {@code log delta} and {@code log alpha} by name. */
  Map<String, Tensor> learned() {
    return learned;
  }

  private Tensor learned(String name) {
    return Objects.requireNonNull(learned.get(name), name);
  }

  /**
   * The value of {@code stepped}, but for rounding, with the gradient of {@code smooth}.
   *
   * @param stepped without gradient; overwritten
   */
  private static Tensor straightThrough(Tensor smooth, Tensor stepped) {
    return smooth.add(stepped.sub_(smooth.detach()));
  }

  /**
   * {@code inside} moved to the nearest of {@code values}, which are multiples of {@code scale}:
   * inside the range the gradient to {@code inside} is 1, and that to {@code scale} is the distance
   * moved, in units of {@code scale} (Esser et al. 2020).
   *
   * @param inside clipped in proportion to {@code scale}, differentiable
   * @param values what it becomes, without gradient; overwritten
   * @param scale positive
   */
  private static Tensor moved(Tensor inside, Tensor values, Tensor scale) {
    return inside.addcmul(values.sub_(inside.detach()), scale.div(scale.detach()));
  }

  /**
   * Values of odd codes {@code c / 2^(p-1)} times {@code scale}. The outermost cells end at twice
   * the scale; beyond, the gradient goes to the scale alone.
   *
   * @param power {@code 2^(p-2)}, to broadcast
   */
  private static Tensor odd(Tensor x, Tensor scale, Tensor power) {
    Tensor limit = scale.mul(Tensors.scalar(2));
    Tensor inside = torch.clamp(x, new TensorOptional(limit.neg()), new TensorOptional(limit));
    Tensor half = power.mul(Tensors.scalar(2));
    Tensor fixed = scale.detach();
    Tensor low = half.neg();
    Tensor high = half.sub(Tensors.scalar(1));
    Tensor floor =
        inside
            .detach()
            .div(fixed)
            .mul_(power)
            .floor_()
            .clamp_(new TensorOptional(low), new TensorOptional(high));
    // c / 2^(p-1) with c = 2 floor + 1 and 2^(p-1) = half
    Tensor values = floor.add_(Tensors.scalar(0.5)).mul_(fixed.div(power));
    return moved(inside, values, scale);
  }

  @Override
  public Tensor weights(int index, Tensor weights) {
    Stage.Convolution layer = layers.get(index);
    InputGroup group = plan.groups().get(layer.group());
    if (!group.searched()) {
      Tensor fixed = weights.detach();
      Tensor step =
          fixed
              .abs()
              .amax(new long[] {1, 2, 3}, true)
              .div(Tensors.scalar(127))
              .clamp_min(Tensors.scalar(1e-30));
      return straightThrough(weights, fixed.div(step).round_().mul_(step));
    }
    Tensor delta = learned("delta/" + index).exp().view(-1, 1, 1, 1);
    Tensor power = Noise.byWeight(Objects.requireNonNull(powers.get(group.id())), layer);
    return odd(weights, delta, power);
  }

  @Override
  public Tensor activations(InputGroup group, Tensor input) {
    if (!group.searched()) {
      return group.direct()
          ? input
          : eightBit(input, quantisers.alpha()[group.id()], group.signed());
    }
    Tensor alpha = learned(Noise.alphaName(group)).exp();
    Tensor power = Objects.requireNonNull(powers.get(group.id())).view(1, -1, 1, 1);
    if (group.signed()) {
      return odd(input, alpha, power);
    }
    // No value is negative here, so only the upper bound 4 - 2^(2-p) clips.
    Tensor limit = power.reciprocal().neg().add(Tensors.scalar(4)).mul(alpha);
    Tensor inside = torch.clamp_max(input, limit);
    Tensor step = alpha.detach().div(power);
    return moved(inside, inside.detach().div(step).round_().mul_(step), alpha);
  }

  @Override
  public Tensor stored(Value value, Tensor tensor) {
    return eightBit(tensor, quantisers.valueStep()[value.id()], value.signed());
  }

  private static Tensor eightBit(Tensor tensor, float step, boolean signed) {
    Tensor inside =
        torch.hardtanh(
            tensor,
            Tensors.scalar(signed ? -127.0 * step : 0.0),
            Tensors.scalar((signed ? 127.0 : 255.0) * step));
    Tensor codes = inside.detach().div(Tensors.scalar(step)).round_();
    return straightThrough(inside, codes.mul_(Tensors.scalar(step)));
  }

  /** The quantisers with the learned steps. */
  Quantisers quantisers() {
    float[] alpha = quantisers.alpha().clone();
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        alpha[group.id()] = (float) Math.exp(Tensors.floats(learned(Noise.alphaName(group)))[0]);
      }
    }
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < delta.length; i++) {
      delta[i] = new float[0];
      if (quantisers.delta()[i].length > 0) {
        float[] logs = Tensors.floats(learned("delta/" + i));
        delta[i] = new float[quantisers.delta()[i].length];
        for (int o = 0; o < delta[i].length; o++) {
          delta[i][o] = (float) Math.exp(logs[Math.min(o, logs.length - 1)]);
        }
      }
    }
    return new Quantisers(
        quantisers.valueStep(), alpha, quantisers.precision(), quantisers.continuous(), delta);
  }
}
