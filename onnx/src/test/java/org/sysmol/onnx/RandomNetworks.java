package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** Random networks of every operator, with odd sizes. */
final class RandomNetworks {
  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final int axes;
  private String current = "x";
  private int channels;

  private RandomNetworks(Random random, int axes) {
    this.random = random;
    this.axes = axes;
  }

  /** A network from a map with a free batch, the input x, to a vector. */
  static Network convolutional(Random random) {
    return new RandomNetworks(random, random.nextInt(4) == 0 ? 1 : 2).build();
  }

  /** A random input of a network. */
  static Tensor input(Network network, int batch, Random random) {
    int[] shape = network.inputs().getFirst().shape().clone();
    shape[0] = batch;
    return normal(random, 1, shape);
  }

  private static Tensor normal(Random random, double scale, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int cell = 0; cell < tensor.data().length; cell++) {
      tensor.data()[cell] = (float) (scale * random.nextGaussian());
    }
    return tensor;
  }

  private Network build() {
    int[] shape = new int[2 + axes];
    shape[0] = -1;
    shape[1] = 1 + random.nextInt(5);
    channels = shape[1];
    for (int axis = 0; axis < axes; axis++) {
      shape[2 + axis] = 12 + random.nextInt(9);
    }
    int layers = 3 + random.nextInt(5);
    for (int layer = 0; layer < layers; layer++) {
      layer();
    }
    head();
    return new Network(
        "random", List.of(new Network.Input("x", shape)), nodes, List.of(current), constants);
  }

  private int[] each(int bound) {
    int[] values = new int[axes];
    for (int axis = 0; axis < axes; axis++) {
      values[axis] = 1 + random.nextInt(bound);
    }
    return values;
  }

  /** Padding for windows of {@code kernel} cells that never shrinks a map to nothing. */
  private Padding padding(int[] kernel, int[] dilations) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return new Padding(Padding.Mode.SAME_UPPER, new int[0]);
      }
      case 1 -> {
        return new Padding(Padding.Mode.SAME_LOWER, new int[0]);
      }
      default -> {
        int[] pads = new int[2 * axes];
        for (int axis = 0; axis < axes; axis++) {
          int reach = (kernel[axis] - 1) * dilations[axis] + 1;
          pads[axis] = reach / 2;
          pads[axes + axis] = Math.max(reach - 1 - reach / 2, random.nextInt(reach));
        }
        return new Padding(Padding.Mode.EXPLICIT, pads);
      }
    }
  }

  private String constant(Tensor tensor) {
    String name = "c" + constants.size();
    constants.put(name, tensor);
    return name;
  }

  private String add(Operator operator, String... inputs) {
    String output = "v" + nodes.size();
    nodes.add(new Node("n" + nodes.size(), operator, List.of(inputs), List.of(output)));
    current = output;
    return output;
  }

  private void layer() {
    switch (random.nextInt(13)) {
      case 0, 1, 2 -> conv(current);
      case 3 -> {
        String trunk = current;
        add(new Operator.Relu(), current);
        same(current);
        add(random.nextBoolean() ? new Operator.Add() : new Operator.Sub(), current, trunk);
      }
      case 4 -> {
        String trunk = current;
        int before = channels;
        same(trunk);
        add(new Operator.Concat(random.nextBoolean() ? 1 : -axes - 1), trunk, current, trunk);
        channels = 3 * before;
      }
      case 5 -> normalise();
      case 6 -> {
        int[] kernel = each(3);
        int[] ones = ones();
        add(
            new Operator.MaxPool(kernel, each(2), ones, pooled(kernel), random.nextBoolean()),
            current);
      }
      case 7 -> {
        int[] kernel = each(3);
        add(
            new Operator.AveragePool(
                kernel, each(2), ones(), pooled(kernel), false, random.nextBoolean()),
            current);
      }
      case 8 -> {
        String trunk = current;
        add(
            random.nextBoolean() ? new Operator.GlobalAveragePool() : new Operator.GlobalMaxPool(),
            trunk);
        add(
            random.nextBoolean() ? new Operator.Sigmoid() : new Operator.HardSigmoid(0.2f, 0.5f),
            current);
        add(new Operator.Mul(), trunk, current);
      }
      case 9 -> add(activation(), current);
      case 10 -> transposed();
      case 11 -> {
        int[] pads = new int[2 * (2 + axes)];
        pads[1] = random.nextInt(2);
        channels += pads[1];
        pads[3 + axes] = 1;
        pads[2 + axes + 2] = random.nextInt(2);
        channels += pads[3 + axes];
        add(new Operator.Pad(Operator.PadMode.CONSTANT, pads, -0.5f), current);
        int[] shuffled = new int[2 + axes];
        for (int axis = 0; axis < shuffled.length; axis++) {
          shuffled[axis] = axis < 2 || axes == 1 ? axis : 5 - axis;
        }
        add(new Operator.Transpose(shuffled), current);
      }
      default -> resize();
    }
  }

  private int[] ones() {
    int[] ones = new int[axes];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  /** Pools may not pad as much as they reach; end padding is left out where sizes round up. */
  private Padding pooled(int[] kernel) {
    int[] pads = new int[2 * axes];
    for (int axis = 0; axis < axes; axis++) {
      pads[axis] = kernel[axis] / 2;
      pads[axes + axis] = (kernel[axis] - 1) / 2;
    }
    return new Padding(Padding.Mode.EXPLICIT, pads);
  }

  private Operator activation() {
    return switch (random.nextInt(5)) {
      case 0 -> new Operator.Relu();
      case 1 -> new Operator.Clip(0, 6);
      case 2 -> new Operator.Clip(Float.NEGATIVE_INFINITY, 1);
      case 3 -> new Operator.Clip(-1, Float.POSITIVE_INFINITY);
      default -> new Operator.HardSwish();
    };
  }

  private void conv(String input) {
    int groups = random.nextInt(3) == 0 ? channels : 1;
    int outputs = groups * (1 + random.nextInt(groups == 1 ? 7 : 2));
    int[] kernel = each(4);
    int[] dilations = each(2);
    int[] shape = new int[2 + axes];
    shape[0] = outputs;
    shape[1] = channels / groups;
    System.arraycopy(kernel, 0, shape, 2, axes);
    String weights = constant(normal(random, 1 / Math.sqrt(9.0 * shape[1]), shape));
    Padding padding = padding(kernel, dilations);
    // ONNX Runtime takes no dilation beside the SAME rules.
    int[] used = padding.mode() == Padding.Mode.EXPLICIT ? dilations : ones();
    var conv = new Operator.Conv(each(2), used, padding, groups);
    if (random.nextBoolean()) {
      add(conv, input, weights, constant(normal(random, 1, outputs)));
    } else {
      add(conv, input, weights);
    }
    channels = outputs;
  }

  /** A convolution that keeps all sizes. */
  private void same(String input) {
    int[] shape = new int[2 + axes];
    java.util.Arrays.fill(shape, 3);
    shape[0] = channels;
    shape[1] = channels;
    int[] pads = new int[2 * axes];
    java.util.Arrays.fill(pads, 1);
    add(
        new Operator.Conv(ones(), ones(), new Padding(Padding.Mode.EXPLICIT, pads), 1),
        input,
        constant(normal(random, 1 / Math.sqrt(9.0 * channels), shape)));
  }

  private void transposed() {
    int[] kernel = each(3);
    int[] strides = each(2);
    int[] added = new int[axes];
    for (int axis = 0; axis < axes; axis++) {
      added[axis] = random.nextInt(strides[axis]);
    }
    int[] shape = new int[2 + axes];
    shape[0] = channels;
    shape[1] = 1 + random.nextInt(4);
    System.arraycopy(kernel, 0, shape, 2, axes);
    add(
        new Operator.ConvTranspose(
            strides, ones(), new Padding(Padding.Mode.EXPLICIT, new int[2 * axes]), added, 1),
        current,
        constant(normal(random, 1 / Math.sqrt(channels), shape)));
    channels = shape[1];
  }

  private void normalise() {
    String scale = constant(normal(random, 1, channels));
    String bias = constant(normal(random, 1, channels));
    if (random.nextInt(3) == 0) {
      // A wide epsilon: small deviations would amplify the runtimes' rounding.
      add(new Operator.InstanceNormalization(0.1f), current, scale, bias);
      return;
    }
    Tensor variance = normal(random, 1, channels);
    for (int channel = 0; channel < channels; channel++) {
      variance.data()[channel] = 0.1f + Math.abs(variance.data()[channel]);
    }
    add(
        new Operator.BatchNormalization(1e-3f, false),
        current,
        scale,
        bias,
        constant(normal(random, 1, channels)),
        constant(variance));
  }

  private void resize() {
    float[] scales = new float[2 + axes];
    java.util.Arrays.fill(scales, 1);
    for (int axis = 2; axis < scales.length; axis++) {
      scales[axis] = random.nextBoolean() ? 2 : 0.5f;
    }
    boolean linear = axes == 2 && random.nextBoolean();
    add(
        new Operator.Resize(
            linear ? Operator.ResizeMode.LINEAR : Operator.ResizeMode.NEAREST,
            Operator.ResizeCoordinates.HALF_PIXEL,
            Operator.ResizeRounding.ROUND_PREFER_FLOOR,
            scales,
            new int[0]),
        current);
  }

  private void head() {
    switch (random.nextInt(4)) {
      case 0 -> {
        int[] spatial = new int[axes];
        java.util.Arrays.setAll(spatial, axis -> axis + 2);
        add(new Operator.ReduceMean(spatial, false), current);
      }
      case 1 -> {
        add(new Operator.GlobalAveragePool(), current);
        add(new Operator.Reshape(false), current, constant(Tensor.of(new float[] {0, -1}, 2)));
      }
      case 2 -> {
        add(new Operator.GlobalAveragePool(), current);
        int[] spatial = new int[axes];
        java.util.Arrays.setAll(spatial, axis -> axis + 2);
        add(new Operator.Squeeze(spatial), current);
      }
      default -> {
        add(new Operator.GlobalMaxPool(), current);
        add(new Operator.Flatten(1), current);
      }
    }
    int outputs = 1 + random.nextInt(9);
    double scale = 1 / Math.sqrt(channels);
    if (random.nextBoolean()) {
      boolean transposed = random.nextBoolean();
      int[] shape = transposed ? new int[] {outputs, channels} : new int[] {channels, outputs};
      add(
          new Operator.Gemm(0.5f, 2, false, transposed),
          current,
          constant(normal(random, scale, shape)),
          constant(normal(random, 1, outputs)));
    } else {
      add(new Operator.MatMul(), current, constant(normal(random, scale, channels, outputs)));
      add(new Operator.Add(), constant(normal(random, 1, outputs)), current);
    }
    if (random.nextBoolean()) {
      add(new Operator.Softmax(1, random.nextBoolean()), current);
    } else {
      add(new Operator.Div(), current, constant(Tensor.of(new float[] {4})));
    }
  }
}
