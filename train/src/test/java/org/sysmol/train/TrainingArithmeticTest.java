package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Quantisers;

/**
 * The arithmetic of training (paper §1; docs/arithmetic.md §2 to §4 and §12), values and gradients,
 * against formulas written out here in plain double precision. Of the trainer only tensors go in
 * and come out.
 */
class TrainingArithmeticTest {
  /** binary32 against double: a few roundings, or sums of a few hundred of them. */
  private static final double TOLERANCE = 3e-5;

  private final SplittableRandom random = new SplittableRandom(17);
  private int signedSeen;
  private int unsignedSeen;
  private int groupedSeen;

  @Test
  void noisePenaltyClampAndQuantisersAreWhatTheFormulasSay() {
    Libtorch.prepare();
    Network[] networks = {
      NetworkSketch.residual(1), NetworkSketch.depthwise(1), NetworkSketch.excited(1)
    };
    int[][] shapes = {{3, 11, 9}, {1, 10, 13}, {3, 9, 8}};
    for (int i = 0; i < networks.length; i++) {
      Plan plan =
          PlanBuilder.build(networks[i], shapes[i][0], shapes[i][1], shapes[i][2], Set.of());
      try (PointerScope _ = new PointerScope()) {
        check(plan, networks[i]);
      }
    }
    assertThat(signedSeen).isPositive();
    assertThat(unsignedSeen).isPositive();
    assertThat(groupedSeen).isPositive();
  }

  private void check(Plan plan, Network network) {
    int groups = plan.groups().size();
    float[] alpha = new float[groups];
    int[][] precision = new int[groups][];
    float[][] continuous = new float[groups][];
    for (InputGroup group : plan.groups()) {
      int channels = plan.value(group).channels();
      alpha[group.id()] = (float) random.nextDouble(0.2, 1);
      precision[group.id()] = new int[channels];
      continuous[group.id()] = new float[channels];
      for (int c = 0; c < channels; c++) {
        precision[group.id()][c] = group.searched() ? 1 << random.nextInt(3) : 8;
        continuous[group.id()][c] = (float) random.nextDouble(0.8, 5);
      }
    }
    var layers = plan.convolutions();
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < delta.length; i++) {
      boolean searched = plan.groups().get(layers.get(i).group()).searched();
      delta[i] = new float[searched ? layers.get(i).outputChannels() : 0];
      for (int o = 0; o < delta[i].length; o++) {
        delta[i][o] = (float) random.nextDouble(0.1, 0.8);
      }
    }
    Noise noise = new Noise(plan, delta, alpha, 3);
    Quantisation quantisation =
        new Quantisation(
            plan,
            new Quantisers(new float[plan.values().size()], alpha, precision, continuous, delta));
    spreadS(noise);
    price(plan, noise);
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        noisyActivations(plan, noise, group, alpha[group.id()]);
        quantisedActivations(plan, quantisation, group, alpha[group.id()], precision[group.id()]);
      }
    }
    for (int i = 0; i < layers.size(); i++) {
      if (delta[i].length > 0) {
        noisyWeights(plan, noise, i, delta[i]);
        quantisedWeights(quantisation, layers.get(i), i, delta[i], precision);
      }
    }
    clamp(plan, network, noise, delta);
  }

  private void spreadS(Noise noise) {
    noise
        .learned()
        .forEach(
            (name, t) -> {
              if (name.startsWith("s/")) {
                float[] s = new float[(int) t.numel()];
                for (int c = 0; c < s.length; c++) {
                  s[c] = (float) random.nextDouble(-4, 3);
                }
                t.data_ptr_float().put(s);
              }
            });
  }

  /** Sum over searched channels of weights that read it, times -log2 sigma(s). */
  private void price(Plan plan, Noise noise) {
    Tensor price = noise.price(plan::weightsPerChannel);
    backward(price, Tensors.of(new float[] {1}, 1));
    double sum = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        double readers = 0;
        for (Stage.Convolution layer : plan.convolutions()) {
          if (layer.group() == group.id()) {
            readers += (double) layer.outputChannels() / layer.groups() * layer.window().taps();
          }
        }
        Tensor s = learned(noise, Noise.sName(group));
        float[] at = Tensors.floats(s);
        double[] gradient = new double[at.length];
        for (int c = 0; c < at.length; c++) {
          sum += readers * -Math.log(sigma(at[c])) / Math.log(2);
          gradient[c] = -readers * (1 - sigma(at[c])) / Math.log(2);
        }
        same("price by s", takeGradient(s), gradient);
      }
    }
    same("price", Tensors.floats(price), new double[] {sum});
  }

  private void noisyActivations(Plan plan, Noise noise, InputGroup group, double alpha) {
    int channels = plan.value(group).channels();
    float[] x = numbers(2 * channels * 6, group.signed() ? -5 * alpha : 0, 5 * alpha);
    Tensor input = Tensors.of(x, 2, channels, 2, 3).set_requires_grad(true);
    noise.seed(3);
    Tensor out = noise.activations(group, input);
    torch.manual_seed(3);
    float[] u =
        Tensors.floats(torch.empty_like(input).uniform_(-1.0, 1.0, new GeneratorOptional()));
    float[] g = numbers(x.length, -1, 1);
    backward(out, Tensors.of(g, 2, channels, 2, 3));
    Tensor s = learned(noise, Noise.sName(group));
    Tensor a = learned(noise, Noise.alphaName(group));
    float[] at = Tensors.floats(s);
    double[] value = new double[x.length];
    double[] byInput = new double[x.length];
    double[] byS = new double[channels];
    double byAlpha = 0;
    for (int i = 0; i < x.length; i++) {
      int c = i / 6 % channels;
      double sigma = sigma(at[c]);
      // Unsigned values end at alpha (4 - 2 sigma), signed ones at alpha (2 - sigma).
      double high = group.signed() ? alpha * (2 - sigma) : alpha * (4 - 2 * sigma);
      double highBySigma = group.signed() ? -alpha : -2 * alpha;
      double sign = x[i] > high ? 1 : group.signed() && x[i] < -high ? -1 : 0;
      value[i] = (sign == 0 ? x[i] : sign * high) + u[i] * sigma * alpha;
      byInput[i] = sign == 0 ? g[i] : 0;
      byS[c] += g[i] * (sign * highBySigma + u[i] * alpha) * sigma * (1 - sigma);
      byAlpha += g[i] * (sign * high + u[i] * sigma * alpha);
    }
    same("noisy activations", Tensors.floats(out), value);
    same("noisy activations by input", takeGradient(input), byInput);
    same("noisy activations by s", takeGradient(s), byS);
    same("noisy activations by log alpha", takeGradient(a), new double[] {byAlpha});
    signedSeen += group.signed() ? 1 : 0;
    unsignedSeen += group.signed() ? 0 : 1;
  }

  private void noisyWeights(Plan plan, Noise noise, int index, float[] delta) {
    Stage.Convolution layer = plan.convolutions().get(index);
    Tensor weights = weights(layer);
    noise.seed(4);
    Tensor out = noise.weights(index, weights);
    torch.manual_seed(4);
    float[] u =
        Tensors.floats(torch.empty_like(weights).uniform_(-1.0, 1.0, new GeneratorOptional()));
    float[] w = Tensors.floats(weights);
    float[] g = numbers(w.length, -1, 1);
    backward(out, Tensors.of(g, sizes(layer)));
    Tensor s = learned(noise, Noise.sName(plan.groups().get(layer.group())));
    float[] at = Tensors.floats(s);
    double[] value = new double[w.length];
    double[] byWeight = new double[w.length];
    double[] byS = new double[at.length];
    for (int i = 0; i < w.length; i++) {
      int c = channel(layer, i);
      double sigma = sigma(at[c]);
      double d = delta[i / layer.weightsPerOutput()];
      value[i] = w[i] + d * sigma * u[i];
      byWeight[i] = g[i];
      byS[c] += g[i] * d * u[i] * sigma * (1 - sigma);
    }
    same("noisy weights", Tensors.floats(out), value);
    same("noisy weights by weight", takeGradient(weights), byWeight);
    same("noisy weights by s", takeGradient(s), byS);
    groupedSeen += layer.groups() > 1 ? 1 : 0;
  }

  private void quantisedActivations(
      Plan plan, Quantisation quantisation, InputGroup group, double alpha, int[] precision) {
    int channels = precision.length;
    float[] x = numbers(2 * channels * 6, group.signed() ? -3 * alpha : 0, 5 * alpha);
    Tensor input = Tensors.of(x, 2, channels, 2, 3).set_requires_grad(true);
    Tensor out = quantisation.activations(group, input);
    float[] g = numbers(x.length, -1, 1);
    backward(out, Tensors.of(g, 2, channels, 2, 3));
    double[] value = new double[x.length];
    double[] byInput = new double[x.length];
    double byAlpha = 0;
    for (int i = 0; i < x.length; i++) {
      int p = precision[i / 6 % channels];
      double clipped;
      if (group.signed()) {
        value[i] = odd(x[i], alpha, p);
        clipped = Math.max(-2 * alpha, Math.min(2 * alpha, x[i]));
      } else {
        // Codes 0 to 2^p - 1, a step of alpha 2^(2-p).
        double step = alpha * Math.pow(2, 2 - p);
        double code = Math.rint(Math.max(0, Math.min(Math.pow(2, p) - 1, x[i] / step)));
        value[i] = code * step;
        clipped = Math.min(x[i], alpha * (4 - Math.pow(2, 2 - p)));
      }
      boolean inside = clipped == x[i];
      byInput[i] = inside ? g[i] : 0;
      byAlpha += g[i] * (inside ? value[i] - x[i] : value[i]);
    }
    same("quantised activations", Tensors.floats(out), value);
    same("quantised activations by input", takeGradient(input), byInput);
    Tensor a = java.util.Objects.requireNonNull(quantisation.learned().get(Noise.alphaName(group)));
    same("quantised activations by log alpha", takeGradient(a), new double[] {byAlpha});
    assertThat(plan.value(group).channels()).isEqualTo(channels);
  }

  private void quantisedWeights(
      Quantisation quantisation,
      Stage.Convolution layer,
      int index,
      float[] delta,
      int[][] precision) {
    Tensor weights = weights(layer);
    Tensor out = quantisation.weights(index, weights);
    float[] w = Tensors.floats(weights);
    float[] g = numbers(w.length, -1, 1);
    backward(out, Tensors.of(g, sizes(layer)));
    double[] value = new double[w.length];
    double[] byWeight = new double[w.length];
    double[] byDelta = new double[delta.length];
    for (int i = 0; i < w.length; i++) {
      int o = i / layer.weightsPerOutput();
      value[i] = odd(w[i], delta[o], precision[layer.group()][channel(layer, i)]);
      boolean inside = Math.abs(w[i]) <= 2.0 * delta[o];
      byWeight[i] = inside ? g[i] : 0;
      byDelta[o] += g[i] * (inside ? value[i] - w[i] : value[i]);
    }
    same("quantised weights", Tensors.floats(out), value);
    same("quantised weights by weight", takeGradient(weights), byWeight);
    Tensor d = java.util.Objects.requireNonNull(quantisation.learned().get("delta/" + index));
    same("quantised weights by log delta", takeGradient(d), byDelta);
  }

  private void clamp(Plan plan, Network network, Noise noise, float[][] delta) {
    Parameters parameters = new Parameters(network, plan);
    var before = parameters.values();
    try (NoGradGuard _ = new NoGradGuard()) {
      noise.clampWeights(parameters);
    }
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = plan.convolutions().get(i);
      if (delta[i].length == 0) {
        continue;
      }
      float[] at = Tensors.floats(learned(noise, Noise.sName(plan.groups().get(layer.group()))));
      float[] w = java.util.Objects.requireNonNull(before.get(layer.weight()));
      double[] value = new double[w.length];
      for (int j = 0; j < w.length; j++) {
        double limit = delta[i][j / layer.weightsPerOutput()] * (2 - sigma(at[channel(layer, j)]));
        value[j] = Math.max(-limit, Math.min(limit, w[j]));
      }
      same("clamped weights", Tensors.floats(parameters.get(layer.weight())), value);
    }
  }

  /** The middle of the cell of {@code x} among 2^p equal ones from -2 to 2 scales. */
  private static double odd(double x, double scale, int p) {
    double cells = Math.pow(2, p);
    double cell = Math.floor((x / scale + 2) * cells / 4);
    cell = Math.max(0, Math.min(cells - 1, cell));
    return scale * ((cell + 0.5) * 4 / cells - 2);
  }

  /** The input channel that a weight of {@code [out, in/groups, h, w]} reads. */
  private static int channel(Stage.Convolution layer, int weight) {
    int perOutput = layer.weightsPerOutput();
    int taps = layer.window().taps();
    int outputsPerGroup = layer.outputChannels() / layer.groups();
    int group = weight / perOutput / outputsPerGroup;
    return group * layer.channelsPerOutput() + weight % perOutput / taps;
  }

  private Tensor weights(Stage.Convolution layer) {
    int count = layer.outputChannels() * layer.weightsPerOutput();
    return Tensors.of(numbers(count, -1.5, 1.5), sizes(layer)).set_requires_grad(true);
  }

  private static long[] sizes(Stage.Convolution layer) {
    return new long[] {
      layer.outputChannels(),
      layer.channelsPerOutput(),
      layer.window().kernelHeight(),
      layer.window().kernelWidth()
    };
  }

  private static double sigma(double s) {
    return 1 / (1 + Math.exp(-s));
  }

  private float[] numbers(int count, double from, double to) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(from, to);
    }
    return values;
  }

  private static Tensor learned(Noise noise, String name) {
    return java.util.Objects.requireNonNull(noise.learned().get(name));
  }

  private static void backward(Tensor result, Tensor gradient) {
    result.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
  }

  private static float[] takeGradient(Tensor leaf) {
    float[] gradient = Tensors.floats(leaf.grad());
    try (NoGradGuard _ = new NoGradGuard()) {
      leaf.grad().zero_();
    }
    return gradient;
  }

  private static void same(String what, float[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = 1;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < actual.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("%s, %d: %s for %s", what, i, actual[i], expected[i])
          .isLessThanOrEqualTo(TOLERANCE * largest);
    }
  }
}
