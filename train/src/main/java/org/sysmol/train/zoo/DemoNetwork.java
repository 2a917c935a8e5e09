package org.sysmol.train.zoo;

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

/**
 * The demonstration's network: a 5x5 stem, a residual block of 64 channels, one to 128 channels
 * with a projection, global average pooling and a linear layer; 0.31 million weights, 7.6 million
 * multiply-accumulates on 28x28 pictures.
 */
public final class DemoNetwork {
  private final SplittableRandom random;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  private DemoNetwork(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * The untrained network.
   *
   * @param channels of a picture
   * @param classes number of results
   * @param seed of the weights
   */
  public static Network create(int channels, int classes, long seed) {
    return new DemoNetwork(seed).build(channels, classes);
  }

  private Network build(int channels, int classes) {
    String stem = relu("stem/relu", convolution("stem", "image", channels, 64, 5, 2));
    int[] two = {2, 2};
    String pool =
        add("pool", new Operator.MaxPool(two, two, new int[] {1, 1}, Padding.none(2), false), stem);
    String first = block("block1", pool, 64, 64, 1);
    String second = block("block2", first, 64, 128, 2);
    String mean = add("mean", new Operator.GlobalAveragePool(), second);
    String flat = add("flatten", new Operator.Flatten(1), mean);
    weights("classifier.weight", new int[] {classes, 128}, 128);
    constants.put("classifier.bias", Tensor.zeros(classes));
    nodes.add(
        new Node(
            "classifier",
            new Operator.Gemm(1f, 1f, false, true),
            List.of(flat, "classifier.weight", "classifier.bias"),
            List.of("scores")));
    return new Network(
        "demo",
        List.of(new Network.Input("image", new int[] {-1, channels, 28, 28})),
        nodes,
        List.of("scores"),
        constants);
  }

  private String block(String name, String input, int from, int to, int stride) {
    String inner = relu(name + "/relu1", convolution(name + "/conv1", input, from, to, 3, stride));
    String shortcut =
        stride == 1 && from == to
            ? input
            : convolution(name + "/project", input, from, to, 1, stride);
    String outer = convolution(name + "/conv2", inner, to, to, 3, 1);
    nodes.add(
        new Node(
            name + "/add", new Operator.Add(), List.of(outer, shortcut), List.of(name + "/sum")));
    return relu(name + "/relu2", name + "/sum");
  }

  private String convolution(String name, String input, int from, int to, int kernel, int stride) {
    weights(name + ".weight", new int[] {to, from, kernel, kernel}, from * kernel * kernel);
    int[] strides = {stride, stride};
    nodes.add(
        new Node(
            name,
            new Operator.Conv(strides, new int[] {1, 1}, Padding.all(kernel / 2), 1),
            List.of(input, name + ".weight"),
            List.of(name + "/out")));
    String norm = name + "/norm";
    constants.put(norm + ".scale", filled(to, 1f));
    constants.put(norm + ".bias", filled(to, 0f));
    constants.put(norm + ".mean", filled(to, 0f));
    constants.put(norm + ".variance", filled(to, 1f));
    nodes.add(
        new Node(
            norm,
            new Operator.BatchNormalization(1e-5f, false),
            List.of(
                name + "/out", norm + ".scale", norm + ".bias", norm + ".mean", norm + ".variance"),
            List.of(norm + "/out")));
    return norm + "/out";
  }

  private String relu(String name, String input) {
    return add(name, new Operator.Relu(), input);
  }

  private String add(String name, Operator operator, String input) {
    nodes.add(new Node(name, operator, List.of(input), List.of(name + "/out")));
    return name + "/out";
  }

  private static Tensor filled(int size, float value) {
    Tensor tensor = Tensor.zeros(size);
    java.util.Arrays.fill(tensor.data(), value);
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
