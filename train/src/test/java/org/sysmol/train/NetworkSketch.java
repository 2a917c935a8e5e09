package org.sysmol.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** Networks for tests, node by node, with random constants from a seed. */
final class NetworkSketch {
  final SplittableRandom random;
  private final int[] input;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  NetworkSketch(long seed, int channels, int height, int width) {
    random = new SplittableRandom(seed);
    input = new int[] {-1, channels, height, width};
  }

  /** A convolution with square window and explicit padding top, left, bottom, right. */
  String conv(
      String from, String name, int in, int out, int kernel, int stride, int groups, int... pads) {
    weights(name + ".w", out, in / groups, kernel, kernel);
    bias(name + ".b", out);
    return node(
        name,
        new Operator.Conv(
            new int[] {stride, stride},
            new int[] {1, 1},
            new Padding(Padding.Mode.EXPLICIT, pads),
            groups),
        from,
        name + ".w",
        name + ".b");
  }

  String dilated(String from, String name, int in, int out) {
    weights(name + ".w", out, in, 3, 2);
    return node(
        name,
        new Operator.Conv(
            new int[] {1, 2},
            new int[] {2, 1},
            new Padding(Padding.Mode.EXPLICIT, new int[] {2, 0, 2, 1}),
            1),
        from,
        name + ".w");
  }

  String norm(String from, String name, int channels) {
    float[][] values = new float[4][channels];
    for (int c = 0; c < channels; c++) {
      values[0][c] = (float) random.nextDouble(-0.4, 1.6);
      values[1][c] = (float) random.nextDouble(-0.3, 0.5);
      values[2][c] = (float) random.nextDouble(-0.3, 0.3);
      values[3][c] = (float) random.nextDouble(0.3, 2);
    }
    String[] kinds = {".scale", ".bias", ".mean", ".var"};
    for (int i = 0; i < 4; i++) {
      constants.put(name + kinds[i], Tensor.of(values[i], channels));
    }
    return node(
        name,
        new Operator.BatchNormalization(1e-5f, false),
        from,
        name + ".scale",
        name + ".bias",
        name + ".mean",
        name + ".var");
  }

  String linear(String from, String name, int in, int out) {
    weights(name + ".w", out, in);
    bias(name + ".b", out);
    return node(name, new Operator.Gemm(1f, 1f, false, true), from, name + ".w", name + ".b");
  }

  String node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name)));
    return name;
  }

  Network build(String output) {
    return new Network(
        "sketch", List.of(new Network.Input("image", input)), nodes, List.of(output), constants);
  }

  void constant(String name, Tensor tensor) {
    constants.put(name, tensor);
  }

  private void weights(String name, int... shape) {
    float[] data = new float[Math.toIntExact(Tensor.size(shape))];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (random.nextGaussian() * 0.5);
    }
    constants.put(name, new Tensor(shape, data));
  }

  private void bias(String name, int size) {
    float[] data = new float[size];
    for (int i = 0; i < size; i++) {
      data[i] = (float) random.nextDouble(-0.2, 0.2);
    }
    constants.put(name, Tensor.of(data, size));
  }

  /** Layers of one group and even padding alone: what oneDNN convolves. */
  static Network even(long seed) {
    NetworkSketch s = new NetworkSketch(seed, 3, 9, 8);
    String x = s.norm(s.conv("image", "stem", 3, 16, 3, 1, 1, 1, 1, 1, 1), "stem.bn", 16);
    x = s.node("stem.relu", new Operator.Relu(), x);
    String y = s.norm(s.conv(x, "a1", 16, 12, 3, 2, 1, 1, 1, 1, 1), "a1.bn", 12);
    y =
        s.norm(
            s.conv(s.node("a1.relu", new Operator.Relu(), y), "a2", 12, 8, 1, 1, 1, 0, 0, 0, 0),
            "a2.bn",
            8);
    x = s.node("add", new Operator.Add(), y, s.conv(x, "short", 16, 8, 1, 2, 1, 0, 0, 0, 0));
    x = s.node("pool", new Operator.GlobalAveragePool(), s.node("relu", new Operator.Relu(), x));
    return s.build(s.linear(s.node("flat", new Operator.Flatten(1), x), "fc", 8, 4));
  }

  /** Residual blocks with all kinds of pools, a projection, a sum that stands alone. */
  static Network residual(long seed) {
    NetworkSketch s = new NetworkSketch(seed, 3, 11, 9);
    String x = s.conv("image", "stem", 3, 6, 3, 1, 1, 1, 1, 1, 1);
    x = s.norm(x, "stem.bn", 6);
    x = s.node("stem.relu", new Operator.Relu(), x);
    int[] two = {2, 2};
    int[] one = {1, 1};
    x = s.node("pool", new Operator.MaxPool(two, two, one, Padding.none(2), true), x);
    String y = s.conv(x, "a1", 6, 5, 3, 1, 1, 1, 1, 1, 1);
    y = s.node("a1.relu", new Operator.Relu(), s.norm(y, "a1.bn", 5));
    y = s.norm(s.conv(y, "a2", 5, 6, 3, 1, 1, 1, 1, 1, 1), "a2.bn", 6);
    x = s.node("a.relu", new Operator.Relu(), s.node("a.add", new Operator.Add(), y, x));
    String p = s.norm(s.conv(x, "bp", 6, 7, 1, 2, 1, 0, 0, 0, 0), "bp.bn", 7);
    y = s.node("b1.relu", new Operator.Relu(), s.conv(x, "b1", 6, 4, 3, 2, 1, 1, 0, 1, 2));
    y = s.norm(s.conv(y, "b2", 4, 7, 3, 1, 1, 1, 1, 1, 1), "b2.bn", 7);
    x = s.node("b.add", new Operator.Add(), p, y);
    // Pre-activation: the stream is normalised and clamped by its readers, a pool among them.
    String n = s.node("c.clip", new Operator.Clip(0f, 1.5f), s.norm(x, "c.bn", 7));
    y = s.dilated(n, "c1", 7, 7);
    int[] kernel = {3, 2};
    int[] stride = {2, 2};
    y = s.node("c.join", new Operator.Add(), y, y);
    y =
        s.node(
            "c.pool",
            new Operator.AveragePool(
                kernel,
                stride,
                one,
                new Padding(Padding.Mode.EXPLICIT, new int[] {1, 1, 1, 0}),
                seed % 2 == 0,
                true),
            y);
    String z =
        s.node(
            "c.max",
            new Operator.MaxPool(
                kernel,
                stride,
                one,
                new Padding(Padding.Mode.EXPLICIT, new int[] {1, 1, 1, 1}),
                false),
            n);
    y = s.conv(y, "d1", 7, 7, 1, 1, 1, 0, 0, 0, 0);
    z = s.conv(z, "d2", 7, 7, 1, 1, 1, 0, 0, 0, 0);
    y = s.node("d.pool", new Operator.GlobalAveragePool(), y);
    z = s.node("e.pool", new Operator.GlobalAveragePool(), z);
    x = s.node("e.flat", new Operator.Flatten(1), s.node("e.join", new Operator.Add(), y, z));
    return s.build(s.linear(x, "fc", 7, 4));
  }

  /** Depthwise and grouped convolutions on signed and unsigned activations. */
  static Network depthwise(long seed) {
    NetworkSketch s = new NetworkSketch(seed, 1, 10, 13);
    String x = s.norm(s.conv("image", "stem", 1, 6, 3, 2, 1, 0, 1, 1, 0), "stem.bn", 6);
    String y = s.norm(s.conv(x, "expand", 6, 12, 1, 1, 1, 0, 0, 0, 0), "expand.bn", 12);
    y = s.node("expand.clip", new Operator.Clip(0f, 6f), y);
    y = s.norm(s.conv(y, "deep", 12, 12, 3, 1, 12, 1, 1, 1, 1), "deep.bn", 12);
    y = s.node("deep.clip", new Operator.Clip(0f, 6f), y);
    y = s.norm(s.conv(y, "project", 12, 6, 1, 1, 1, 0, 0, 0, 0), "project.bn", 6);
    x = s.node("add", new Operator.Add(), x, y);
    x = s.conv(x, "signed", 6, 8, 3, 1, 2, 1, 1, 1, 1);
    x = s.conv(x, "deep2", 8, 8, 3, 2, 8, 1, 0, 0, 1);
    x =
        s.node(
            "grouped.relu", new Operator.Relu(), s.conv(x, "grouped", 8, 6, 3, 1, 2, 1, 1, 1, 1));
    x = s.node("flat", new Operator.Flatten(1), x);
    x = s.node("hidden.relu", new Operator.Relu(), s.linear(x, "hidden", 6 * 2 * 3, 9));
    return s.build(s.linear(x, "fc", 9, 3));
  }

  /** Concatenations, slices, pads, a channel shuffle and an option-A shortcut. */
  static Network rearranged(long seed) {
    NetworkSketch s = new NetworkSketch(seed, 3, 9, 8);
    s.constant("five", Tensor.of(new float[] {0, 2, 4, 10, 8}, 5));
    s.constant("four", Tensor.of(new float[] {-1, 8, 10, 8}, 4));
    String swapped = s.slice("image", "swapped", 1, -1, -9, -1);
    String x =
        s.conv(s.pad(swapped, "around", 0, 1, 2, 0, 1, 0), "stem", 3, 8, 3, 1, 1, 0, 0, 1, 0);
    x = s.node("stem.relu", new Operator.Relu(), s.norm(x, "stem.bn", 8));
    String left = s.slice(x, "left", 1, 0, 4, 1);
    String right = s.slice(x, "right", 1, 4, 99, 1);
    right = s.norm(s.conv(right, "r1", 4, 4, 3, 1, 2, 1, 1, 1, 1), "r1.bn", 4);
    x = s.node("cat", new Operator.Concat(1), left, right);
    x = s.node("cut", new Operator.Reshape(false), x, "five");
    x = s.node("turned", new Operator.Transpose(new int[] {0, 2, 1, 3, 4}), x);
    x = s.node("shuffled", new Operator.Reshape(false), x, "four");
    String y = s.conv(x, "deep", 8, 8, 3, 2, 8, 1, 1, 1, 1);
    y = s.norm(s.conv(y, "wide", 8, 12, 1, 1, 2, 0, 0, 0, 0), "wide.bn", 12);
    String rows = s.slice(x, "rows", 2, 0, Integer.MAX_VALUE, 2);
    String strided = s.slice(rows, "columns", 3, 0, Integer.MAX_VALUE, 2);
    String wider = s.pad(strided, "wider", 2, 0, 0, 2, 0, 0);
    x = s.node("a.relu", new Operator.Relu(), s.node("a.add", new Operator.Add(), y, wider));
    // Dense: each layer reads all before it, through its own normalisation.
    String one = s.conv(x, "d1", 12, 3, 3, 1, 1, 1, 1, 1, 1);
    String two = s.node("d.two", new Operator.Concat(1), x, one);
    String normal = s.node("d.relu", new Operator.Relu(), s.norm(two, "d.bn", 15));
    String three = s.conv(normal, "d2", 15, 3, 1, 1, 1, 0, 0, 0, 0);
    x = s.node("d.all", new Operator.Concat(-3), two, three, s.slice(two, "part", 1, 3, 7, 2));
    x = s.node("p", new Operator.GlobalAveragePool(), s.pad(x, "p.pad", 0, 1, 0, 0, 0, -1));
    x = s.node("flat", new Operator.Flatten(1), x);
    return s.build(s.linear(s.node("both", new Operator.Concat(1), x, x), "fc", 40, 4));
  }

  String slice(String from, String name, int axis, int start, int end, int step) {
    return node(
        name,
        new Operator.Slice(new int[] {axis}, new int[] {start}, new int[] {end}, new int[] {step}),
        from);
  }

  /** Zeros before and behind channels, rows and columns. */
  String pad(String from, String name, int c, int y, int x, int cEnd, int yEnd, int xEnd) {
    int[] pads = {0, c, y, x, 0, cEnd, yEnd, xEnd};
    return node(name, new Operator.Pad(Operator.PadMode.CONSTANT, pads, 0f), from);
  }

  /** A squeeze-and-excite block, stored functions with several readers, a product of two maps. */
  static Network excited(long seed) {
    NetworkSketch s = new NetworkSketch(seed, 3, 9, 8);
    s.constant("three", Tensor.of(new float[] {3}));
    s.constant("sixth", Tensor.of(new float[] {1 / 6f}, 1, 1, 1, 1));
    String x = s.norm(s.conv("image", "stem", 3, 7, 3, 1, 1, 1, 1, 1, 1), "stem.bn", 7);
    String hard =
        s.node("clip", new Operator.Clip(0f, 6f), s.node("add", new Operator.Add(), x, "three"));
    x = s.node("hard", new Operator.Mul(), x, s.node("sixths", new Operator.Mul(), hard, "sixth"));
    String y = s.norm(s.conv(x, "deep", 7, 7, 3, 1, 7, 1, 1, 1, 1), "deep.bn", 7);
    y = s.node("swish", new Operator.Mul(), s.node("sigmoid", new Operator.Sigmoid(), y), y);
    String mean = s.node("mean", new Operator.ReduceMean(new int[] {2, 3}, true), y);
    String down =
        s.node("down.relu", new Operator.Relu(), s.conv(mean, "down", 7, 3, 1, 1, 1, 0, 0, 0, 0));
    String up = s.conv(down, "up", 3, 7, 1, 1, 1, 0, 0, 0, 0);
    String gate = s.node("gate", new Operator.HardSigmoid(0.2f, 0.5f), up);
    y = s.node("excite", new Operator.Mul(), y, gate);
    y = s.norm(s.conv(y, "project", 7, 7, 1, 1, 1, 0, 0, 0, 0), "project.bn", 7);
    x = s.node("sum", new Operator.Add(), y, x);
    String open =
        s.node("open", new Operator.Sigmoid(), s.conv(x, "other", 7, 7, 3, 1, 1, 1, 1, 1, 1));
    x = s.node("both.relu", new Operator.Relu(), s.node("both", new Operator.Mul(), x, open));
    x = s.node("last", new Operator.HardSwish(), s.conv(x, "wide", 7, 12, 3, 1, 1, 1, 1, 1, 1));
    x = s.node("pool", new Operator.GlobalAveragePool(), x);
    return s.build(s.linear(s.node("flat", new Operator.Flatten(1), x), "fc", 12, 4));
  }
}
