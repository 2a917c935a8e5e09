package org.sysmol.onnx;

import java.util.Arrays;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Operators that rescale by a statistic. */
final class Normalization {
  private Normalization() {}

  /**
   * Batch normalization of {@code [N, C, ...]}; with the statistics of the batch (its variance
   * divided by the number of cells) if the operator is in training mode.
   */
  static Tensor batch(
      Operator.BatchNormalization norm,
      Tensor input,
      Tensor scale,
      Tensor bias,
      Tensor mean,
      Tensor variance) {
    int channels = channels(input);
    requireLength("scale", scale, channels);
    requireLength("bias", bias, channels);
    requireLength("mean", mean, channels);
    requireLength("variance", variance, channels);
    int batch = input.extent(0);
    int plane = input.data().length / Math.max(1, batch * channels);
    Tensor result = Tensor.zeros(input.shape());
    for (int channel = 0; channel < channels; channel++) {
      double center = mean.data()[channel];
      double spread = variance.data()[channel];
      if (norm.trainingMode()) {
        double[] moments = moments(input, batch, channels, channel, plane);
        center = moments[0];
        spread = moments[1];
      }
      for (int sample = 0; sample < batch; sample++) {
        int start = (sample * channels + channel) * plane;
        rescale(input, result, start, plane, center, spread + norm.epsilon(), scale, bias, channel);
      }
    }
    return result;
  }

  private static double[] moments(Tensor input, int batch, int channels, int channel, int plane) {
    double sum = 0;
    for (int sample = 0; sample < batch; sample++) {
      int start = (sample * channels + channel) * plane;
      for (int cell = start; cell < start + plane; cell++) {
        sum += input.data()[cell];
      }
    }
    double mean = sum / ((double) batch * plane);
    double squares = 0;
    for (int sample = 0; sample < batch; sample++) {
      int start = (sample * channels + channel) * plane;
      for (int cell = start; cell < start + plane; cell++) {
        squares += (input.data()[cell] - mean) * (input.data()[cell] - mean);
      }
    }
    return new double[] {mean, squares / ((double) batch * plane)};
  }

  private static void rescale(
      Tensor input,
      Tensor result,
      int start,
      int length,
      double mean,
      double variance,
      Tensor scale,
      Tensor bias,
      int channel) {
    double deviation = Math.sqrt(variance);
    for (int cell = start; cell < start + length; cell++) {
      double value = (input.data()[cell] - mean) / deviation;
      result.data()[cell] = (float) (value * scale.data()[channel] + bias.data()[channel]);
    }
  }

  /** Normalization of each picture's channels by their own statistics. */
  static Tensor instance(
      Operator.InstanceNormalization norm, Tensor input, Tensor scale, Tensor bias) {
    if (input.rank() < 3) {
      throw SysmolException.badInput(
          "it needs a map with spatial axes but got the shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    int channels = channels(input);
    requireLength("scale", scale, channels);
    requireLength("bias", bias, channels);
    int maps = input.extent(0) * channels;
    int plane = input.data().length / Math.max(1, maps);
    Tensor result = Tensor.zeros(input.shape());
    for (int map = 0; map < maps; map++) {
      double[] moments = moments(input, 1, 1, map, plane);
      rescale(
          input,
          result,
          map * plane,
          plane,
          moments[0],
          moments[1] + norm.epsilon(),
          scale,
          bias,
          map % channels);
    }
    return result;
  }

  private static int channels(Tensor input) {
    if (input.rank() < 2) {
      throw SysmolException.badInput(
          "it needs a channel axis but got the shape " + FloatEvaluator.shown(input.shape()) + ".");
    }
    return input.extent(1);
  }

  private static void requireLength(String what, Tensor tensor, int channels) {
    if (!Arrays.equals(tensor.shape(), new int[] {channels})) {
      throw SysmolException.badInput(
          "its "
              + what
              + " has the shape "
              + FloatEvaluator.shown(tensor.shape())
              + ", not one value for each of "
              + channels
              + " channels.");
    }
  }

  /** Softmax along one axis, or over an axis and all after it. */
  static Tensor softmax(Operator.Softmax softmax, Tensor input) {
    int rank = input.rank();
    // The rule before opset 13 also allows the axis after the last: sums of one cell.
    boolean afterLast = softmax.toEnd() && softmax.axis() == rank;
    int axis = afterLast ? rank : Layout.axis(softmax.axis(), rank);
    if (axis < 0) {
      throw SysmolException.badInput(
          "axis "
              + softmax.axis()
              + " does not exist in the shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    int inner = 1;
    for (int after = axis + 1; after < rank; after++) {
      inner *= input.extent(after);
    }
    int length = axis < rank ? input.extent(axis) : 1;
    if (softmax.toEnd()) {
      length *= inner;
      inner = 1;
    }
    Tensor result = Tensor.zeros(input.shape());
    int outer = input.data().length / Math.max(1, length * inner);
    double[] powers = new double[length];
    for (int line = 0; line < outer * inner; line++) {
      int start = line / inner * length * inner + line % inner;
      double largest = Double.NEGATIVE_INFINITY;
      for (int cell = 0; cell < length; cell++) {
        largest = Math.max(largest, input.data()[start + cell * inner]);
      }
      double sum = 0;
      for (int cell = 0; cell < length; cell++) {
        powers[cell] = Math.exp(input.data()[start + cell * inner] - largest);
        sum += powers[cell];
      }
      for (int cell = 0; cell < length; cell++) {
        result.data()[start + cell * inner] = (float) (powers[cell] / sum);
      }
    }
    return result;
  }
}
