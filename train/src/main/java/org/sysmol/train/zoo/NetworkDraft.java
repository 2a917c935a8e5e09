package org.sysmol.train.zoo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/**
 * A convolutional network in the making: each method adds nodes with their untrained constants and
 * returns the name of the value it defines. Weights are drawn in the order of the calls, so the
 * same calls and seed give the same bits.
 */
final class NetworkDraft {
  private static final String IMAGE = "image";

  private final SplittableRandom random;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  /** An empty draft whose weights come from {@code seed}. */
  NetworkDraft(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The value that a caller feeds. */
  String image() {
    return IMAGE;
  }

  /**
   * A square convolution without bias, padded by half its kernel.
   *
   * @param from input channels
   * @param to output channels
   * @param kernel rows and columns, odd
   * @param stride rows and columns between outputs
   * @param groups channel groups
   */
  String plainConvolution(
      String name, String input, int from, int to, int kernel, int stride, int groups) {
    int inputs = from / groups;
    weights(name + ".weight", new int[] {to, inputs, kernel, kernel}, inputs * kernel * kernel);
    nodes.add(
        new Node(
            name,
            new Operator.Conv(
                new int[] {stride, stride}, new int[] {1, 1}, Padding.all(kernel / 2), groups),
            List.of(input, name + ".weight"),
            List.of(name + "/out")));
    return name + "/out";
  }

  /** A batch normalisation that changes nothing yet. */
  String norm(String name, String input, int channels) {
    constants.put(name + ".scale", filled(channels, 1f));
    constants.put(name + ".bias", filled(channels, 0f));
    constants.put(name + ".mean", filled(channels, 0f));
    constants.put(name + ".variance", filled(channels, 1f));
    nodes.add(
        new Node(
            name,
            new Operator.BatchNormalization(1e-5f, false),
            List.of(input, name + ".scale", name + ".bias", name + ".mean", name + ".variance"),
            List.of(name + "/out")));
    return name + "/out";
  }

  /** A {@link #plainConvolution} and its batch normalisation. */
  String convolution(
      String name, String input, int from, int to, int kernel, int stride, int groups) {
    return norm(
        name + "/norm", plainConvolution(name, input, from, to, kernel, stride, groups), to);
  }

  /** A dense {@link #convolution}. */
  String convolution(String name, String input, int from, int to, int kernel, int stride) {
    return convolution(name, input, from, to, kernel, stride, 1);
  }

  /** A ReLU. */
  String relu(String name, String input) {
    return add(name, new Operator.Relu(), input);
  }

  /** The sum of two values. */
  String sum(String name, String output, String left, String right) {
    nodes.add(new Node(name, new Operator.Add(), List.of(left, right), List.of(output)));
    return output;
  }

  /** The channels of two values, one behind the other. */
  String concat(String name, String left, String right) {
    nodes.add(new Node(name, new Operator.Concat(1), List.of(left, right), List.of(name + "/out")));
    return name + "/out";
  }

  /** Channels {@code begin} to {@code end - 1}. */
  String channels(String name, String input, int begin, int end) {
    int[][] bounds = {{1}, {begin}, {end}, {1}};
    return add(name, new Operator.Slice(bounds[0], bounds[1], bounds[2], bounds[3]), input);
  }

  /**
   * A channel shuffle: channel {@code c} of group {@code g} goes to place {@code c * groups + g}.
   *
   * @param side rows and columns of the map
   */
  String shuffle(String name, String input, int channels, int groups, int side) {
    if (groups == 1) {
      return input;
    }
    constants.put(
        name + ".groups",
        Tensor.of(new float[] {0, groups, (float) channels / groups, side, side}, 5));
    constants.put(name + ".whole", Tensor.of(new float[] {0, channels, side, side}, 4));
    nodes.add(
        new Node(
            name + "/cut",
            new Operator.Reshape(false),
            List.of(input, name + ".groups"),
            List.of(name + "/cut/out")));
    String turned =
        add(name + "/turn", new Operator.Transpose(new int[] {0, 2, 1, 3, 4}), name + "/cut/out");
    nodes.add(
        new Node(
            name,
            new Operator.Reshape(false),
            List.of(turned, name + ".whole"),
            List.of(name + "/out")));
    return name + "/out";
  }

  /** Any operator of one input and no constants. */
  String add(String name, Operator operator, String input) {
    nodes.add(new Node(name, operator, List.of(input), List.of(name + "/out")));
    return name + "/out";
  }

  /**
   * Global average pooling and the linear layer, then the network: its input is {@code [batch,
   * channels, side, side]}, its output {@code scores}.
   *
   * @param name of the network
   * @param channels of a picture
   * @param side rows and columns of a picture
   * @param input the last map
   * @param features channels of the last map
   * @param classes number of results
   */
  Network classifier(String name, int channels, int side, String input, int features, int classes) {
    String mean = add("mean", new Operator.GlobalAveragePool(), input);
    return linearClassifier(name, channels, side, mean, features, classes);
  }

  /**
   * The linear layer on all elements of a map, then the network, as {@link #classifier} gives it.
   *
   * @param features elements of the map
   */
  Network linearClassifier(
      String name, int channels, int side, String input, int features, int classes) {
    String flat = add("flatten", new Operator.Flatten(1), input);
    weights("classifier.weight", new int[] {classes, features}, features);
    constants.put("classifier.bias", Tensor.zeros(classes));
    nodes.add(
        new Node(
            "classifier",
            new Operator.Gemm(1f, 1f, false, true),
            List.of(flat, "classifier.weight", "classifier.bias"),
            List.of("scores")));
    return new Network(
        name,
        List.of(new Network.Input(IMAGE, new int[] {-1, channels, side, side})),
        nodes,
        List.of("scores"),
        constants);
  }

  private static Tensor filled(int size, float value) {
    Tensor tensor = Tensor.zeros(size);
    Arrays.fill(tensor.data(), value);
    return tensor;
  }

  /** Normal weights of variance 2 / inputs (He et al. 2015). */
  private void weights(String name, int[] shape, int inputs) {
    Tensor tensor = Tensor.zeros(shape);
    double deviation = Math.sqrt(2.0 / inputs);
    for (int i = 0; i < tensor.data().length; i++) {
      tensor.data()[i] = (float) (deviation * random.nextGaussian());
    }
    constants.put(name, tensor);
  }
}
