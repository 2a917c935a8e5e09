package org.sysmol.train;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
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
  private static final int SAMPLES = 200_000;

  private final Plan plan;
  private final float[] largest;
  private final List<float[]> inputs = new ArrayList<>();
  private final int[] positions;

  /**
   * Looks at a network's floats.
   *
   * @param images {@code [N, C, H, W]} normalised
   */
  Calibration(Plan plan, Parameters parameters, float[] images, int count) {
    this.plan = plan;
    largest = new float[plan.values().size()];
    positions = new int[plan.groups().size()];
    for (InputGroup group : plan.groups()) {
      inputs.add(new float[0]);
      Value value = plan.value(group);
      positions[group.id()] = value.height() * value.width();
    }
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Value image = plan.image();
      Tensor batch = Tensors.of(images, count, image.channels(), image.height(), image.width());
      new Walk(plan, parameters).run(batch, false, Disturbance.NONE, new Watch());
    }
  }

  private final class Watch implements WalkObserver {
    @Override
    public void value(Value value, Tensor tensor) {
      largest[value.id()] = (float) tensor.abs().max().item_double();
    }

    @Override
    public void input(InputGroup group, Tensor tensor) {
      inputs.set(group.id(), Tensors.floats(tensor));
    }

    @Override
    public void stage(Stage stage, Tensor output) {
      if (stage instanceof Stage.MaxPool) {
        largest[stage.output()] = 0f;
      }
    }
  }

  /** Steps of images and streams by value id; a pooled maximum has its input's. */
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
    }
    return steps;
  }

  /** Root mean square of each searched group's input, where {@code alpha} starts. */
  float[] startAlpha() {
    float[] alpha = new float[inputs.size()];
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        alpha[group.id()] = rms(inputs.get(group.id()), 0, inputs.get(group.id()).length);
      }
    }
    return alpha;
  }

  /** Root mean square of each output's weights, the {@code delta} of the search. */
  static float[][] startDelta(Plan plan, Network network) {
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = new float[layers.size()][];
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = layers.get(i);
      boolean searched = plan.groups().get(layer.group()).searched();
      delta[i] = new float[searched ? layer.outputChannels() : 0];
      float[] weights = network.requireConstant(layer.weight()).data();
      for (int o = 0; o < delta[i].length; o++) {
        delta[i][o] =
            rms(weights, o * layer.weightsPerOutput(), (o + 1) * layer.weightsPerOutput());
      }
    }
    return delta;
  }

  private static float rms(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
    }
    float rms = (float) Math.sqrt(sum / Math.max(1, to - from));
    return rms > 1e-12f ? rms : 1f;
  }

  /**
   * The {@code alpha} of least squared error by group; an edge group's own step where it has one.
   */
  float[] alpha(int[][] precision) {
    float[] alpha = new float[inputs.size()];
    for (InputGroup group : plan.groups()) {
      float[] x = inputs.get(group.id());
      if (!group.searched()) {
        if (!group.direct()) {
          float max = 0f;
          for (float v : x) {
            max = Math.max(max, Math.abs(v));
          }
          alpha[group.id()] = max > 0f ? max / (group.signed() ? 127f : 255f) : 1f;
        }
        continue;
      }
      int[] p = precision[group.id()];
      int cells = positions[group.id()];
      int stride = Math.max(1, x.length / SAMPLES);
      float start = rms(x, 0, x.length);
      double best = Double.POSITIVE_INFINITY;
      for (int k = 0; k < CANDIDATES; k++) {
        float candidate = (float) (start * Math.pow(2, -2 + 3.5 * k / (CANDIDATES - 1)));
        double error = 0;
        for (int i = 0; i < x.length; i += stride) {
          int bits = p[i / cells % p.length];
          double d = activation(x[i], candidate, bits, group.signed()) - x[i];
          error += d * d;
        }
        if (error < best) {
          best = error;
          alpha[group.id()] = candidate;
        }
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

  /** The {@code delta} of least squared error by convolution and output channel. */
  static float[][] delta(Plan plan, Network network, int[][] precision) {
    List<Stage.Convolution> layers = plan.convolutions();
    float[][] delta = startDelta(plan, network);
    for (int i = 0; i < delta.length; i++) {
      Stage.Convolution layer = layers.get(i);
      float[] weights = network.requireConstant(layer.weight()).data();
      int[] p = precision[layer.group()];
      int taps = layer.window().taps();
      int per = layer.weightsPerOutput();
      for (int o = 0; o < delta[i].length; o++) {
        int first = o / (layer.outputChannels() / layer.groups()) * layer.channelsPerOutput();
        float start = delta[i][o];
        double best = Double.POSITIVE_INFINITY;
        for (int k = 0; k < CANDIDATES; k++) {
          float candidate = (float) (start * Math.pow(2, -1.5 + 2.5 * k / (CANDIDATES - 1)));
          double error = 0;
          for (int j = 0; j < per; j++) {
            float w = weights[o * per + j];
            int bits = p[first + j / taps];
            int code = Codes.oddCode(Codes.weightDigits(w, candidate, bits), bits);
            double d = Codes.weightValue(code, candidate, bits) - w;
            error += d * d;
          }
          if (error < best) {
            best = error;
            delta[i][o] = candidate;
          }
        }
      }
    }
    return delta;
  }
}
