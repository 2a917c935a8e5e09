package org.sysmol.core.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * A float network in the few forms that {@link PlanBuilder} takes: the same function but for a
 * softmax at its end.
 *
 * <ul>
 *   <li>matrix products with constants are {@code Gemm} with transposed weights, no factors, and a
 *       bias vector;
 *   <li>sums and products with one number a channel are folded into the layer or batch
 *       normalisation before them, or are a batch normalisation without epsilon, which training
 *       leaves as it is;
 *   <li>weights that several layers share are a copy for each;
 *   <li>a softmax over the classes at the very end is left out: results are the scores before it,
 *       in the same order;
 *   <li>batch normalisations exported in training mode use the stored statistics, which training
 *       renews.
 * </ul>
 */
public final class Simplification {
  private static final Operator LINEAR = new Operator.Gemm(1f, 1f, false, true);

  private final Network network;
  private final Map<String, Tensor> constants;
  private final List<Node> nodes = new ArrayList<>();

  /** Where the node that defines a value stands in {@link #nodes}. */
  private final Map<String, Integer> producers = new HashMap<>();

  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> weights = new HashSet<>();

  private Simplification(Network network) {
    this.network = network;
    constants = new LinkedHashMap<>(network.constants());
  }

  /** The network in these forms; itself if it has them. */
  public static Network of(Network network) {
    return new Simplification(network).run();
  }

  private Network run() {
    network.inputs().forEach(input -> ranks.put(input.name(), input.shape().length));
    for (Node node : network.nodes()) {
      List<String> inputs =
          node.inputs().stream().map(name -> renamed.getOrDefault(name, name)).toList();
      add(new Node(node.name(), node.operator(), inputs, node.outputs()));
    }
    List<String> outputs = network.outputs();
    String scores = beforeSoftmax();
    if (scores != null) {
      nodes.removeLast();
      outputs = List.of(scores);
    }
    if (nodes.equals(network.nodes())) {
      return network;
    }
    Set<String> read = new HashSet<>(outputs);
    nodes.forEach(node -> read.addAll(node.inputs()));
    constants.keySet().retainAll(read);
    return new Network(network.name(), network.inputs(), nodes, outputs, constants);
  }

  /** What the network's one result is a softmax of, over the classes of a linear layer, or null. */
  private @Nullable String beforeSoftmax() {
    Node last = nodes.isEmpty() ? null : nodes.getLast();
    if (last == null
        || !(last.operator() instanceof Operator.Softmax softmax)
        || !last.outputs().equals(network.outputs())
        || (softmax.axis() != 1 && softmax.axis() != -1)) {
      return null;
    }
    String input = last.inputs().getFirst();
    Integer producer = producers.get(input);
    Operator before = producer == null ? null : nodes.get(producer).operator();
    boolean scores = before instanceof Operator.Gemm || before instanceof Operator.Flatten;
    return scores && network.readers(input) == 1 ? input : null;
  }

  private void add(Node node) {
    Tensor matrix = constant(node, 1, 2);
    switch (node.operator()) {
      case Operator.MatMul _ when matrix != null ->
          layer(gemm(node, new Operator.Gemm(1f, 1f, false, false), matrix));
      case Operator.Gemm gemm when matrix != null && !gemm.transA() ->
          layer(gemm(node, gemm, matrix));
      case Operator.Conv _ -> layer(node);
      case Operator.BatchNormalization bn when bn.trainingMode() ->
          emit(with(node, new Operator.BatchNormalization(bn.epsilon(), false), node.inputs()));
      case Operator.Add _, Operator.Sub _, Operator.Mul _, Operator.Div _ -> arithmetic(node);
      default -> emit(node);
    }
  }

  private void emit(Node node) {
    node.outputs().forEach(output -> producers.put(output, nodes.size()));
    ranks.put(node.output(), rank(node));
    nodes.add(node);
  }

  private static Node with(Node node, Operator operator, List<String> inputs) {
    return new Node(node.name(), operator, inputs, node.outputs());
  }

  /** A constant input of that many dimensions, or null. */
  private @Nullable Tensor constant(Node node, int input, int rank) {
    Tensor tensor = node.has(input) ? constants.get(node.inputs().get(input)) : null;
    return tensor != null && tensor.rank() == rank ? tensor : null;
  }

  private String constant(String wanted, float[] data, int... shape) {
    String name = wanted;
    for (int count = 2; constants.containsKey(name) || producers.containsKey(name); count++) {
      name = wanted + "#" + count;
    }
    constants.put(name, Tensor.of(data, shape));
    return name;
  }

  /**
   * Weights {@code [out, in]} times alpha, and beta times C as a vector; what can't be, as it is.
   */
  private Node gemm(Node node, Operator.Gemm gemm, Tensor given) {
    boolean plain = gemm.transB() && gemm.alpha() == 1f;
    int outputs = given.extent(gemm.transB() ? 0 : 1);
    int inputs = given.extent(gemm.transB() ? 1 : 0);
    List<String> names = new ArrayList<>(node.inputs());
    if (node.has(2)) {
      Tensor bias = constants.get(names.get(2));
      float[] vector = bias == null ? null : vector(bias, outputs, bias.rank() - 1);
      if (bias == null || vector == null) {
        return node;
      }
      if (gemm.beta() != 1f || bias.rank() != 1 || bias.data().length != outputs) {
        for (int o = 0; o < outputs; o++) {
          vector[o] *= gemm.beta();
        }
        names.set(2, constant(names.get(2) + "/vector", vector, outputs));
      }
    }
    if (!plain) {
      float[] data = new float[given.data().length];
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
          int at = gemm.transB() ? o * inputs + i : i * outputs + o;
          data[o * inputs + i] = gemm.alpha() * given.data()[at];
        }
      }
      names.set(1, constant(names.get(1) + "/transposed", data, outputs, inputs));
    }
    return with(node, LINEAR, names);
  }

  /** A layer, with a copy of its weights if another one has them. */
  private void layer(Node node) {
    String name = node.has(1) ? node.inputs().get(1) : "";
    Tensor tensor = constants.get(name);
    if (tensor == null || weights.add(name)) {
      emit(node);
      return;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, constant(name + "/" + node.name(), tensor.data().clone(), tensor.shape()));
    weights.add(inputs.get(1));
    emit(with(node, node.operator(), inputs));
  }

  /** A sum or product with one number a channel becomes {@code x * scale + offset}. */
  private void arithmetic(Node node) {
    if (node.inputs().size() != 2) {
      emit(node);
      return;
    }
    Tensor right = constants.get(node.inputs().get(1));
    Tensor left = constants.get(node.inputs().get(0));
    boolean second = right != null;
    Tensor tensor = second ? right : left;
    String input = node.inputs().get(second ? 0 : 1);
    Integer rank = ranks.get(input);
    boolean turned = !second && node.operator() instanceof Operator.Div;
    if (tensor == null || (second && left != null) || rank == null || rank < 2 || turned) {
      emit(node);
      return;
    }
    int axis = tensor.rank() - (rank - 1);
    int size = axis < 0 || tensor.rank() > rank ? 1 : tensor.extent(axis);
    float[] numbers = size < 2 ? null : vector(tensor, size, axis);
    if (numbers == null) {
      emit(node);
      return;
    }
    float[] scale = new float[size];
    float[] offset = new float[size];
    Arrays.fill(scale, 1f);
    for (int c = 0; c < size; c++) {
      switch (node.operator()) {
        case Operator.Mul _ -> scale[c] = numbers[c];
        case Operator.Div _ -> scale[c] = 1f / numbers[c];
        case Operator.Sub _ when second -> offset[c] = -numbers[c];
        case Operator.Sub _ -> {
          scale[c] = -1f;
          offset[c] = numbers[c];
        }
        default -> offset[c] = numbers[c];
      }
    }
    affine(node, input, scale, offset);
  }

  /** The numbers along one axis, which alone may be longer than 1, or null; one number repeated. */
  private static float @Nullable [] vector(Tensor tensor, int size, int axis) {
    float[] data = tensor.data();
    if (data.length == 1) {
      float[] all = new float[size];
      Arrays.fill(all, data[0]);
      return all;
    }
    return data.length == size && axis >= 0 && tensor.extent(axis) == size ? data.clone() : null;
  }

  private void affine(Node node, String input, float[] scale, float[] offset) {
    Integer producer = producers.get(input);
    if (producer != null
        && network.readers(input) == 1
        && (intoNorm(producer, node, scale, offset) || intoLayer(producer, node, scale, offset))) {
      return;
    }
    int channels = scale.length;
    float[] ones = new float[channels];
    Arrays.fill(ones, 1f);
    emit(
        with(
            node,
            new Operator.BatchNormalization(0f, false),
            List.of(
                input,
                constant(node.name() + "/scale", scale, channels),
                constant(node.name() + "/offset", offset, channels),
                constant(node.name() + "/mean", new float[channels], channels),
                constant(node.name() + "/variance", ones, channels))));
  }

  /** Folds a factor and an offset into the batch normalisation at {@code at}, if there is one. */
  private boolean intoNorm(int at, Node node, float[] scale, float[] offset) {
    Node before = nodes.get(at);
    Tensor gamma = constant(before, 1, 1);
    Tensor beta = constant(before, 2, 1);
    if (!(before.operator() instanceof Operator.BatchNormalization)
        || gamma == null
        || beta == null
        || gamma.data().length != scale.length
        || beta.data().length != scale.length) {
      return false;
    }
    List<String> inputs = new ArrayList<>(before.inputs());
    float[] scaled = times(gamma.data(), scale, null);
    float[] moved = times(beta.data(), scale, offset);
    inputs.set(1, constant(inputs.get(1) + "/scaled", scaled, scale.length));
    inputs.set(2, constant(inputs.get(2) + "/scaled", moved, scale.length));
    replace(at, before, inputs, node);
    return true;
  }

  /** Folds a factor and an offset into the weights and bias of the layer at {@code at}. */
  private boolean intoLayer(int at, Node node, float[] scale, float[] offset) {
    Node before = nodes.get(at);
    boolean layer = before.operator() instanceof Operator.Conv || before.operator().equals(LINEAR);
    Tensor kernel = before.has(1) ? constants.get(before.inputs().get(1)) : null;
    Tensor bias = constant(before, 2, 1);
    boolean biased = bias != null && bias.data().length == scale.length;
    if (!layer
        || kernel == null
        || kernel.rank() < 2
        || kernel.extent(0) != scale.length
        || (before.has(2) && !biased)) {
      return false;
    }
    List<String> inputs = new ArrayList<>(before.inputs());
    int per = kernel.data().length / scale.length;
    float[] data = new float[kernel.data().length];
    for (int i = 0; i < data.length; i++) {
      data[i] = kernel.data()[i] * scale[i / per];
    }
    if (!Arrays.equals(data, kernel.data())) {
      inputs.set(1, constant(inputs.get(1) + "/scaled", data, kernel.shape()));
    }
    float[] sum = bias == null ? offset : times(bias.data(), scale, offset);
    String name = constant(node.name() + "/bias", sum, scale.length);
    if (inputs.size() > 2) {
      inputs.set(2, name);
    } else {
      inputs.add(name);
    }
    replace(at, before, inputs, node);
    return true;
  }

  /** The node before, with other constants, defines what the absorbed node did. */
  private void replace(int at, Node before, List<String> inputs, Node absorbed) {
    nodes.set(at, new Node(before.name(), before.operator(), inputs, absorbed.outputs()));
    producers.put(absorbed.output(), at);
    ranks.put(absorbed.output(), ranks.getOrDefault(before.output(), 4));
  }

  private static float[] times(float[] values, float[] scale, float @Nullable [] offset) {
    float[] result = new float[scale.length];
    for (int c = 0; c < result.length; c++) {
      result[c] = values[c] * scale[c] + (offset == null ? 0f : offset[c]);
    }
    return result;
  }

  /** Dimensions of a node's result, those of its first input where nothing else is known. */
  private int rank(Node node) {
    int first = 0;
    for (String input : node.inputs()) {
      Tensor tensor = constants.get(input);
      int rank = tensor != null ? tensor.rank() : ranks.getOrDefault(input, 0);
      boolean map = first == 0 || node.operator() instanceof Operator.Add;
      first = map || node.operator() instanceof Operator.Mul ? Math.max(first, rank) : first;
    }
    return switch (node.operator()) {
      case Operator.Flatten _, Operator.Gemm _ -> 2;
      case Operator.Reshape _ when constants.containsKey(node.inputs().get(1)) ->
          constants.get(node.inputs().get(1)).data().length;
      case Operator.Squeeze squeeze -> first - squeeze.axes().length;
      case Operator.Unsqueeze unsqueeze -> first + unsqueeze.axes().length;
      case Operator.ReduceMean mean when !mean.keepDimensions() -> first - mean.axes().length;
      default -> first;
    };
  }
}
