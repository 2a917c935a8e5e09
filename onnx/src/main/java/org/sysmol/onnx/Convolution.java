package org.sysmol.onnx;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/**
 * Convolutions of one- and two-dimensional maps; a one-dimensional map is a picture of height 1.
 */
final class Convolution {
  private Convolution() {}

  /** Sums in double, starting from the bias, by input channel and then by tap. */
  static Tensor conv(Operator.Conv conv, Tensor input, Tensor weights, @Nullable Tensor bias) {
    int axes = spatialAxes(input, weights);
    int channels = input.extent(1);
    int outputs = weights.extent(0);
    int perGroup = weights.extent(1);
    int groups = conv.groups();
    if ((long) perGroup * groups != channels || outputs % groups != 0) {
      throw SysmolException.badInput(
          "weights of shape "
              + FloatEvaluator.shown(weights.shape())
              + " in "
              + groups
              + " groups don't fit a map of shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    requireBias(bias, outputs);
    requireLengths(axes, conv.strides(), conv.dilations());
    Window[] windows = new Window[2];
    for (int axis = 2 - axes; axis < 2; axis++) {
      int own = axis - (2 - axes);
      windows[axis] =
          Window.along(
              own,
              axes,
              input.extent(2 + own),
              weights.extent(2 + own),
              conv.strides()[own],
              conv.dilations()[own],
              conv.padding(),
              false);
    }
    if (axes == 1) {
      windows[0] = new Window(1, 1, 1, 1, 0, 0, 1);
    }
    int height = places(windows[0]);
    int width = places(windows[1]);
    int batch = input.extent(0);
    Tensor result =
        Tensor.zeros(
            axes == 1
                ? new int[] {batch, outputs, width}
                : new int[] {batch, outputs, height, width});
    int inputPlane = windows[0].input() * windows[1].input();
    int taps = windows[0].kernel() * windows[1].kernel();
    double[] sums = new double[height * width];
    for (int sample = 0; sample < batch; sample++) {
      for (int output = 0; output < outputs; output++) {
        Arrays.fill(sums, bias == null ? 0 : bias.data()[output]);
        int firstChannel = output / (outputs / groups) * perGroup;
        for (int channel = 0; channel < perGroup; channel++) {
          int map = (sample * channels + firstChannel + channel) * inputPlane;
          int kernel = (output * perGroup + channel) * taps;
          addMap(windows, input.data(), map, weights.data(), kernel, sums);
        }
        store(sums, result.data(), (sample * outputs + output) * sums.length);
      }
    }
    return result;
  }

  /** Adds one input channel's part to the sums of one output channel. */
  private static void addMap(
      Window[] windows, float[] input, int map, float[] weights, int kernel, double[] sums) {
    Window vertical = windows[0];
    Window horizontal = windows[1];
    int width = (int) horizontal.output();
    for (int i = 0; i < vertical.kernel(); i++) {
      for (int j = 0; j < horizontal.kernel(); j++) {
        double weight = weights[kernel + i * horizontal.kernel() + j];
        int end = horizontal.endInside(j);
        for (int y = vertical.firstInside(i); y < vertical.endInside(i); y++) {
          int row = map + vertical.cell(y, i) * horizontal.input() + horizontal.cell(0, j);
          for (int x = horizontal.firstInside(j); x < end; x++) {
            sums[y * width + x] += weight * input[row + x * horizontal.stride()];
          }
        }
      }
    }
  }

  /** Each cell of the input spreads its value over a window of the result. */
  static Tensor transposed(
      Operator.ConvTranspose conv, Tensor input, Tensor weights, @Nullable Tensor bias) {
    int axes = spatialAxes(input, weights);
    int channels = input.extent(1);
    int groups = conv.groups();
    int perGroup = weights.extent(1);
    if (weights.extent(0) != channels || channels % groups != 0) {
      throw SysmolException.badInput(
          "weights of shape "
              + FloatEvaluator.shown(weights.shape())
              + " in "
              + groups
              + " groups don't fit a map of shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    int outputs = perGroup * groups;
    requireBias(bias, outputs);
    requireLengths(axes, conv.strides(), conv.dilations());
    Window[] windows = {new Window(1, 1, 1, 1, 0, 0, 1), new Window(1, 1, 1, 1, 0, 0, 1)};
    for (int own = 0; own < axes; own++) {
      windows[own + 2 - axes] = spread(conv, own, axes, input, weights);
    }
    int height = windows[0].input();
    int width = windows[1].input();
    int batch = input.extent(0);
    Tensor result =
        Tensor.zeros(
            axes == 1
                ? new int[] {batch, outputs, width}
                : new int[] {batch, outputs, height, width});
    int inputPlane = (int) (windows[0].output() * windows[1].output());
    int taps = windows[0].kernel() * windows[1].kernel();
    double[] sums = new double[height * width];
    for (int sample = 0; sample < batch; sample++) {
      for (int output = 0; output < outputs; output++) {
        Arrays.fill(sums, bias == null ? 0 : bias.data()[output]);
        int group = output / perGroup;
        for (int channel = 0; channel < channels / groups; channel++) {
          int from = group * (channels / groups) + channel;
          int map = (sample * channels + from) * inputPlane;
          int kernel = (from * perGroup + output % perGroup) * taps;
          spreadMap(windows, input.data(), map, weights.data(), kernel, sums);
        }
        store(sums, result.data(), (sample * outputs + output) * sums.length);
      }
    }
    return result;
  }

  /**
   * The window of the plain convolution that this one is the transpose of: its input is our result.
   */
  private static Window spread(
      Operator.ConvTranspose conv, int axis, int axes, Tensor input, Tensor weights) {
    if (conv.padding().mode() != Padding.Mode.EXPLICIT) {
      throw SysmolException.badInput("its padding must be explicit.");
    }
    int begin = conv.padding().pads()[axis];
    int end = conv.padding().pads()[axes + axis];
    int kernel = weights.extent(2 + axis);
    long size =
        (long) conv.strides()[axis] * (input.extent(2 + axis) - 1)
            + conv.outputPadding()[axis]
            + Window.reach(kernel, conv.dilations()[axis])
            - begin
            - end;
    if (size < 1) {
      throw SysmolException.badInput(
          "its output would have " + size + " cells along spatial axis " + axis + ".");
    }
    return new Window(
        Math.toIntExact(size),
        kernel,
        conv.strides()[axis],
        conv.dilations()[axis],
        begin,
        end,
        input.extent(2 + axis));
  }

  private static void spreadMap(
      Window[] windows, float[] input, int map, float[] weights, int kernel, double[] sums) {
    Window vertical = windows[0];
    Window horizontal = windows[1];
    for (int i = 0; i < vertical.kernel(); i++) {
      for (int j = 0; j < horizontal.kernel(); j++) {
        double weight = weights[kernel + i * horizontal.kernel() + j];
        for (int y = vertical.firstInside(i); y < vertical.endInside(i); y++) {
          for (int x = horizontal.firstInside(j); x < horizontal.endInside(j); x++) {
            int cell = vertical.cell(y, i) * horizontal.input() + horizontal.cell(x, j);
            sums[cell] += weight * input[map + y * (int) horizontal.output() + x];
          }
        }
      }
    }
  }

  private static int spatialAxes(Tensor input, Tensor weights) {
    int axes = input.rank() - 2;
    if (axes < 1 || axes > 2 || weights.rank() != input.rank()) {
      throw SysmolException.badInput(
          "it needs a map of 3 or 4 axes and weights of as many but got the shapes "
              + FloatEvaluator.shown(input.shape())
              + " and "
              + FloatEvaluator.shown(weights.shape())
              + ".");
    }
    return axes;
  }

  /** Strides and dilations must have one value for each spatial axis. */
  static void requireLengths(int axes, int[]... settings) {
    for (int[] setting : settings) {
      if (setting.length != axes) {
        throw SysmolException.badInput(
            "it has "
                + setting.length
                + " values in an attribute where the map has "
                + axes
                + " spatial axes.");
      }
    }
  }

  private static void requireBias(@Nullable Tensor bias, int outputs) {
    if (bias != null && !Arrays.equals(bias.shape(), new int[] {outputs})) {
      throw SysmolException.badInput(
          "its bias has the shape "
              + FloatEvaluator.shown(bias.shape())
              + ", not one value for each of "
              + outputs
              + " output channels.");
    }
  }

  /** The number of places of a window, which must be at least 1. */
  static int places(Window window) {
    if (window.output() < 1) {
      throw SysmolException.badInput(
          "a window of "
              + window.kernel()
              + " cells with dilation "
              + window.dilation()
              + " fits nowhere on a map of "
              + window.input()
              + " cells with padding "
              + window.begin()
              + " and "
              + window.end()
              + ", so nothing is left of its output.");
    }
    return Math.toIntExact(window.output());
  }

  private static void store(double[] sums, float[] data, int start) {
    for (int cell = 0; cell < sums.length; cell++) {
      data[start + cell] = (float) sums[cell];
    }
  }
}
