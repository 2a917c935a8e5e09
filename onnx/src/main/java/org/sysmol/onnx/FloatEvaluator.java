package org.sysmol.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Tensor;

/**
 * Computes a {@link Network} as the ONNX standard defines it: the plain second opinion that others
 * are checked against.
 *
 * <p>Every sum is taken in double precision, in one fixed order, and each node's result is stored
 * as float32. So a row of a batch has the same bits whatever else is in the batch, and results on
 * coarse binary grids are exact. Speed is no aim. Instances hold no state besides the network and
 * may be used by many threads at once.
 */
public final class FloatEvaluator {
  private final Network network;
  private final Map<String, Integer> readers;

  /** An evaluator of {@code network}. */
  public FloatEvaluator(Network network) {
    this.network = network;
    var counts = new HashMap<String, Integer>();
    for (Node node : network.nodes()) {
      for (String input : node.inputs()) {
        counts.merge(input, 1, Integer::sum);
      }
    }
    for (String output : network.outputs()) {
      counts.merge(output, 1, Integer::sum);
    }
    this.readers = counts;
  }

  /**
   * The network's outputs, in its order, for {@code inputs} by name.
   *
   * @throws SysmolException if an input is missing, unknown or of another shape than the network
   *     takes, or if a node can't work on the sizes that reach it
   */
  @SuppressWarnings("NonApiType") // The order is part of the answer.
  public LinkedHashMap<String, Tensor> evaluate(Map<String, Tensor> inputs) {
    var values = new LinkedHashMap<String, Tensor>();
    start(inputs, values);
    var left = new HashMap<>(readers);
    for (Node node : network.nodes()) {
      step(node, values);
      for (String used : node.inputs()) {
        // A value that nothing reads any more makes room.
        if (left.merge(used, -1, Integer::sum) == 0) {
          values.remove(used);
        }
      }
    }
    var results = new LinkedHashMap<String, Tensor>();
    for (String output : network.outputs()) {
      results.put(output, value(output, values));
    }
    return results;
  }

  /**
   * As {@link #evaluate}, but returns what every node computes, in the order of the nodes, after
   * the inputs.
   */
  @SuppressWarnings("NonApiType")
  public LinkedHashMap<String, Tensor> evaluateAll(Map<String, Tensor> inputs) {
    var values = new LinkedHashMap<String, Tensor>();
    start(inputs, values);
    for (Node node : network.nodes()) {
      step(node, values);
    }
    return values;
  }

  /**
   * What one node computes, for callers that walk a network themselves.
   *
   * @param inputs its inputs in order, none left out
   * @throws SysmolException naming the node, if the sizes don't fit
   */
  public static Tensor compute(Node node, List<Tensor> inputs) {
    return NodeEvaluator.evaluate(node, new ArrayList<@Nullable Tensor>(inputs));
  }

  private void start(Map<String, Tensor> inputs, Map<String, Tensor> values) {
    for (Network.Input input : network.inputs()) {
      Tensor given = inputs.get(input.name());
      if (given == null) {
        throw SysmolException.badInput(
            "Network "
                + network.name()
                + " needs the input "
                + input.name()
                + " of shape "
                + shown(input.shape())
                + ", which was not given.");
      }
      if (!fits(input.shape(), given.shape())) {
        throw SysmolException.badInput(
            "Input "
                + input.name()
                + " of network "
                + network.name()
                + " must have the shape "
                + shown(input.shape())
                + " but was given "
                + shown(given.shape())
                + ".");
      }
      values.put(input.name(), given);
    }
    for (String name : inputs.keySet()) {
      if (!values.containsKey(name)) {
        throw SysmolException.badInput(
            "Network " + network.name() + " has no input called " + name + "; leave it out.");
      }
    }
  }

  private void step(Node node, Map<String, Tensor> values) {
    List<@Nullable Tensor> arguments = new ArrayList<>();
    for (String input : node.inputs()) {
      arguments.add(input.isEmpty() ? null : value(input, values));
    }
    values.put(node.output(), NodeEvaluator.evaluate(node, arguments));
  }

  private Tensor value(String name, Map<String, Tensor> values) {
    Tensor value = values.get(name);
    return value != null ? value : network.requireConstant(name);
  }

  private static boolean fits(int[] expected, int[] given) {
    if (expected.length != given.length) {
      return false;
    }
    for (int axis = 0; axis < expected.length; axis++) {
      if (expected[axis] == -1 ? given[axis] < 1 : expected[axis] != given[axis]) {
        return false;
      }
    }
    return true;
  }

  /** A shape as people write it: {@code 1x3x32x32}, with {@code any} for a free size. */
  static String shown(int[] shape) {
    if (shape.length == 0) {
      return "scalar";
    }
    var text = new StringBuilder();
    for (int extent : shape) {
      text.append(text.isEmpty() ? "" : "x").append(extent == -1 ? "any" : extent);
    }
    return text.toString();
  }
}
