package org.sysmol.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;

/**
 * The search (paper §1; docs/arithmetic.md §12): every input channel of a searched group carries
 * noise of half-width {@code sigma(s)}, times {@code delta} on its weights and {@code alpha} on its
 * activations. Edge layers and streams stay in floats.
 */
final class Noise implements Disturbance {
  private final Plan plan;
  private final Map<String, Tensor> learned = new LinkedHashMap<>();
  private final List<@Nullable Tensor> delta = new ArrayList<>();
  private final UniformNumbers uniform = new UniformNumbers();

  /**
   * Starts a search.
   *
   * @param delta by convolution, then output channel; empty for edge layers
   * @param alpha by group
   * @param startPrecision of every channel
   */
  Noise(Plan plan, float[][] delta, float[] alpha, double startPrecision) {
    this.plan = plan;
    double sigma = Math.pow(2, 1 - startPrecision);
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        float[] s = new float[plan.value(group).channels()];
        java.util.Arrays.fill(s, (float) Math.log(sigma / (1 - sigma)));
        learned.put(sName(group), Tensors.of(s, s.length).set_requires_grad(true));
        float[] a = {(float) Math.log(alpha[group.id()])};
        learned.put(alphaName(group), Tensors.of(a, 1).set_requires_grad(true));
      }
    }
    for (float[] d : delta) {
      this.delta.add(d.length == 0 ? null : Tensors.of(d, d.length, 1, 1, 1));
    }
  }

  static String sName(InputGroup group) {
    return "s/" + group.id();
  }

  static String alphaName(InputGroup group) {
    return "alpha/" + group.id();
  }

  /** {@code s} and {@code log alpha} by name. */
  Map<String, Tensor> learned() {
    return learned;
  }

  private Tensor sigma(InputGroup group) {
    return java.util.Objects.requireNonNull(learned.get(sName(group))).sigmoid();
  }

  private Tensor alpha(InputGroup group) {
    return java.util.Objects.requireNonNull(learned.get(alphaName(group))).exp();
  }

  /** Half-widths by weight: {@code [out, in/groups, 1, 1]}. */
  private Tensor sigmaOfWeights(Stage.Convolution layer) {
    InputGroup group = plan.groups().get(layer.group());
    return byWeight(sigma(group), layer);
  }

  /** Spreads a number per input channel over the weights that read it. */
  static Tensor byWeight(Tensor perChannel, Stage.Convolution layer) {
    long groups = layer.groups();
    long channels = layer.channelsPerOutput();
    if (groups == 1) {
      return perChannel.view(1, channels, 1, 1);
    }
    return perChannel
        .view(groups, 1, channels)
        .expand(groups, layer.outputChannels() / groups, channels)
        .reshape(layer.outputChannels(), channels, 1, 1);
  }

  /** Starts the noise of an epoch. */
  void seed(long seed) {
    uniform.seed(seed);
  }

  /** Where the numbers are. */
  long[] numbers() {
    return uniform.state();
  }

  /** Goes on with the numbers from there. */
  void numbers(long[] state) {
    uniform.restore(state);
  }

  @Override
  public Tensor weights(int layer, Tensor weights) {
    Tensor d = delta.get(layer);
    if (d == null) {
      return weights;
    }
    Tensor unit = uniform.like(weights).mul_(d);
    return weights.addcmul(unit, sigmaOfWeights(plan.convolutions().get(layer)));
  }

  @Override
  public Tensor activations(InputGroup group, Tensor input) {
    if (!group.searched()) {
      return input;
    }
    Tensor alpha = alpha(group);
    Tensor sigma = sigma(group).view(1, -1, 1, 1);
    Tensor width = sigma.mul(alpha);
    Tensor clipped;
    if (group.signed()) {
      Tensor limit = alpha.mul(Tensors.scalar(2)).sub(width);
      clipped = torch.clamp(input, new TensorOptional(limit.neg()), new TensorOptional(limit));
    } else {
      Tensor limit = alpha.mul(Tensors.scalar(4)).sub(width, Tensors.scalar(2));
      clipped = torch.clamp_max(input, limit);
    }
    return clipped.addcmul(uniform.like(clipped), width);
  }

  /**
   * {@code sum over channels of price * -log2 sigma}: the price of the precisions.
   *
   * @param ofBit what a bit of one of a group's channels costs
   */
  Tensor price(ToDoubleFunction<InputGroup> ofBit) {
    Tensor sum = Tensors.of(new float[1], 1);
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        double factor = -ofBit.applyAsDouble(group) / Math.log(2);
        sum = sum.add(sigma(group).log().sum().mul(Tensors.scalar(factor)));
      }
    }
    return sum;
  }

  /** Keeps {@code |w / delta| <= 2 - sigma}; call without gradients. */
  void clampWeights(Parameters parameters) {
    List<Stage.Convolution> layers = plan.convolutions();
    for (int i = 0; i < layers.size(); i++) {
      Tensor d = delta.get(i);
      if (d != null) {
        Stage.Convolution layer = layers.get(i);
        Tensor shaped = parameters.kernel(layer);
        Tensor limit = sigmaOfWeights(layer).neg().add(Tensors.scalar(2)).mul(d);
        shaped.copy_(torch.maximum(torch.minimum(shaped, limit), limit.neg()));
      }
    }
  }

  /**
   * The precision {@code p^ = 1 - log2 sigma} of every channel by group id; empty for edge groups.
   */
  float[][] continuous() {
    float[][] result = new float[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      result[group.id()] = new float[0];
      if (group.searched()) {
        float[] s = Tensors.floats(java.util.Objects.requireNonNull(learned.get(sName(group))));
        for (int c = 0; c < s.length; c++) {
          // log2(1 + e^-s) without overflow for very negative s
          double e = s[c] < -30 ? -s[c] : Math.log1p(Math.exp(-s[c]));
          s[c] = (float) (1 + e / Math.log(2));
        }
        result[group.id()] = s;
      }
    }
    return result;
  }

  /** {@code alpha} by group id; 0 for edge groups. */
  float[] alphas() {
    float[] result = new float[plan.groups().size()];
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        result[group.id()] =
            (float)
                Math.exp(
                    Tensors.floats(java.util.Objects.requireNonNull(learned.get(alphaName(group))))[
                        0]);
      }
    }
    return result;
  }
}
