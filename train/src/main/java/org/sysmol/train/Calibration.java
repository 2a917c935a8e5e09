package org.sysmol.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Value;

/** Fits steps to real weights and activations: least squares for codes, the range for streams. */
final class Calibration {
  private static final int CANDIDATES = 40;

  /** Activations of a group that are looked at. */
  private static final int SAMPLES = 200_000;

  private final Plan plan;
  private final int batches;
  private final float[] largest;
  private final List<Samples> inputs = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(0);

  /** Activations of a group at random places, and the channels that they are of. */
  private static final class Samples {
    float[] values = new float[1024];
    int[] channels = new int[1024];
    int count;
    float largest;

    void add(float value, int channel) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
        channels = Arrays.copyOf(channels, 2 * count);
      }
      values[count] = value;
      channels[count++] = channel;
    }
  }

  /**
   * Has seen nothing yet.
   *
   * @param batches how many batches will be looked at
   */
  Calibration(Plan plan, int batches) {
    this.plan = plan;
    this.batches = batches;
    largest = new float[plan.values().size()];
    plan.groups().forEach(_ -> inputs.add(new Samples()));
  }

  /**
   * Looks at a network's floats.
   *
   * @param images {@code [N, C, H, W]} normalised
   */
  void look(Parameters parameters, Tensor images) {
    try (NoGradGuard _ = new NoGradGuard()) {
      new Walk(plan, parameters).run(images, false, Disturbance.NONE, new Watch());
    }
  }

  private final class Watch implements WalkObserver {
    @Override
    public void value(Value value, Tensor tensor) {
      float max = (float) tensor.abs().max().item_double();
      largest[value.id()] = Math.max(largest[value.id()], max);
    }

    @Override
    public void input(InputGroup group, Tensor tensor) {
      float[] all = Tensors.floats(tensor);
      Samples samples = inputs.get(group.id());
      for (float v : all) {
        samples.largest = Math.max(samples.largest, Math.abs(v));
      }
      Value value = plan.value(group);
      int cells = value.height() * value.width();
      int gap = Math.max(1, (int) ((long) all.length * batches / SAMPLES));
      for (int i = random.nextInt(gap); i < all.length; i += 1 + random.nextInt(2 * gap - 1)) {
        samples.add(all[i], i / cells % value.channels());
      }
    }
  }

  /**
   * Steps of images and streams by value id; a pooled maximum has its input's, and so has a part.
   */
  float[] valueSteps() {
    float[] steps = new float[largest.length];
    for (Value value : plan.values()) {
      if (value.eightBit()) {
        float step = largest[value.id()] / (value.signed() ? 127f : 255f);
        steps[value.id()] = step > 0f ? step : 1f;
      }
    }
    for (Stage stage : plan.stages()) {
      if (stage instanceof Stage.MaxPool pool && plan.values().get(pool.output()).eightBit()) {
        steps[pool.output()] = steps[pool.input()];
      }
      if (stage instanceof Stage.Gather gather
          && gather.inputs().size() == 1
          && plan.values().get(gather.output()).eightBit()) {
        // Parts of one stream have its step, so that they are copied, not rounded again.
        steps[gather.output()] = steps[gather.inputs().getFirst()];
      }
    }
    return steps;
  }

  /** Root mean square of each searched group's input, where {@code alpha} starts. */
  float[] startAlpha() {
    float[] alpha = new float[inputs.size()];
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        Samples samples = inputs.get(group.id());
        alpha[group.id()] = rms(samples.values, 0, samples.count);
      }
    }
    return alpha;
  }

  /**
   * Root mean square of each output's weights, or of the whole layer's, the {@code delta} of the
   * search. An output whose weights are all but 0 gets a small step: no code is 0, so a large one
   * would wake it up.
   */
  static float[][] startDelta(Plan plan, Network network, boolean perLayer) {
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = layers.get(i);
      boolean searched = plan.groups().get(layer.group()).searched();
      delta[i] = new float[searched ? layer.outputChannels() : 0];
      float[] weights = network.requireConstant(layer.weight()).data();
      float whole = squareMean(weights, 0, weights.length);
      float least = Math.max(1e-3f * whole, 1e-6f);
      int per = layer.weightsPerOutput();
      for (int o = 0; o < delta[i].length; o++) {
        float own = perLayer ? whole : squareMean(weights, o * per, (o + 1) * per);
        delta[i][o] = Math.max(least, own);
      }
    }
    return delta;
  }

  /** Root mean square, or 1 where there is nothing but zeros. */
  private static float rms(float[] values, int from, int to) {
    float rms = squareMean(values, from, to);
    return rms > 1e-12f ? rms : 1f;
  }

  private static float squareMean(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
    }
    return (float) Math.sqrt(sum / Math.max(1, to - from));
  }

  /**
   * The {@code alpha} of least squared error by group; an edge group's own step where it has one.
   */
  float[] alpha(int[][] precision) {
    float[] alpha = new float[inputs.size()];
    for (InputGroup group : plan.groups()) {
      Samples x = inputs.get(group.id());
      if (group.searched()) {
        alpha[group.id()] = leastSquares(x, precision[group.id()], group.signed());
      } else if (!group.direct()) {
        float step = x.largest / (group.signed() ? 127f : 255f);
        alpha[group.id()] = step > 0f ? step : 1f;
      }
    }
    return alpha;
  }

  private static float leastSquares(Samples x, int[] precision, boolean signed) {
    float start = rms(x.values, 0, x.count);
    float alpha = start;
    double best = Double.POSITIVE_INFINITY;
    for (int k = 0; k < CANDIDATES; k++) {
      float candidate = (float) (start * Math.pow(2, -2 + 3.5 * k / (CANDIDATES - 1)));
      double error = 0;
      for (int i = 0; i < x.count; i++) {
        double d =
            activation(x.values[i], candidate, precision[x.channels[i]], signed) - x.values[i];
        error += d * d;
      }
      if (error < best) {
        best = error;
        alpha = candidate;
      }
    }
    return alpha;
  }

  private static float activation(float x, float alpha, int p, boolean signed) {
    float inverse = Codes.inverseStep(alpha, p);
    return signed
        ? Codes.signedValue(Codes.oddCode(Codes.signedDigits(x, inverse, p), p), alpha, p)
        : Codes.unsignedValue(Codes.unsignedCode(x, inverse, p), alpha, p);
  }

  /**
   * The {@code delta} of least squared error by convolution and output channel.
   *
   * @param perLayer whether all outputs of a layer have one
   */
  static float[][] delta(Plan plan, Network network, int[][] precision, boolean perLayer) {
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = startDelta(plan, network, perLayer);
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = layers.get(i);
      float[] weights = network.requireConstant(layer.weight()).data();
      int outputs = delta[i].length;
      int together = perLayer ? Math.max(1, outputs) : 1;
      for (int first = 0; first < outputs; first += together) {
        float start = delta[i][first];
        float chosen = start;
        double best = Double.POSITIVE_INFINITY;
        for (int k = 0; k < CANDIDATES; k++) {
          float candidate = (float) (start * Math.pow(2, -1.5 + 2.5 * k / (CANDIDATES - 1)));
          double error = 0;
          for (int o = first; o < first + together; o++) {
            error += squaredError(layer, weights, precision[layer.group()], o, candidate);
          }
          if (error < best) {
            best = error;
            chosen = candidate;
          }
        }
        Arrays.fill(delta[i], first, first + together, chosen);
      }
    }
    return delta;
  }

  /** What quantising an output's weights at a step costs. */
  private static double squaredError(
      Stage.Convolution layer, float[] weights, int[] precision, int output, float delta) {
    int taps = layer.window().taps();
    int per = layer.weightsPerOutput();
    int first = output / (layer.outputChannels() / layer.groups()) * layer.channelsPerOutput();
    double error = 0;
    for (int j = 0; j < per; j++) {
      float w = weights[output * per + j];
      int bits = precision[first + j / taps];
      int code = Codes.oddCode(Codes.weightDigits(w, delta, bits), bits);
      double d = Codes.weightValue(code, delta, bits) - w;
      error += d * d;
    }
    return error;
  }
}
