package org.sysmol.core.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sysmol.core.SysmolException;

/**
 * A float network: a directed acyclic graph of operators over named values, each defined once.
 *
 * @param name what the network is called
 * @param inputs what a caller feeds, in order
 * @param nodes in an order in which every value is defined before it is used
 * @param outputs names of the values that a caller gets, in order
 * @param constants weights and other fixed values by name, in insertion order
 */
public record Network(
    String name,
    List<Input> inputs,
    List<Node> nodes,
    List<String> outputs,
    Map<String, Tensor> constants) {

  /**
   * A value that a caller feeds.
   *
   * @param name its name
   * @param shape its sizes; -1 where any size is accepted (a free batch or picture size)
   */
  public record Input(String name, int[] shape) {}

  /** Copies the lists and checks that every value is defined exactly once and before its use. */
  public Network {
    inputs = List.copyOf(inputs);
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
    constants = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    check(name, inputs, nodes, outputs, constants);
  }

  private static void check(
      String name,
      List<Input> inputs,
      List<Node> nodes,
      List<String> outputs,
      Map<String, Tensor> constants) {
    var defined = new java.util.HashSet<String>(constants.keySet());
    for (Input input : inputs) {
      if (!defined.add(input.name())) {
        throw SysmolException.badInput(
            "Network " + name + " defines the value " + input.name() + " twice.");
      }
    }
    for (Node node : nodes) {
      for (String used : node.inputs()) {
        if (!used.isEmpty() && !defined.contains(used)) {
          throw SysmolException.badInput(
              "Node "
                  + node.name()
                  + " of network "
                  + name
                  + " reads "
                  + used
                  + ", which nothing before it defines.");
        }
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !defined.add(output)) {
          throw SysmolException.badInput(
              "Network " + name + " defines the value " + output + " twice.");
        }
      }
    }
    for (String output : outputs) {
      if (!defined.contains(output)) {
        throw SysmolException.badInput(
            "Output " + output + " of network " + name + " is defined by no node.");
      }
    }
  }

  /**
   * Refuses weights that are no numbers: nothing can be quantised or learned from them.
   *
   * @throws SysmolException (bad input) naming the first tensor with an infinite value or NaN
   */
  public void requireFinite() {
    for (Map.Entry<String, Tensor> constant : constants.entrySet()) {
      // Single numbers may be bounds, which may be infinite.
      if (constant.getValue().rank() > 0) {
        for (float value : constant.getValue().data()) {
          if (!Float.isFinite(value)) {
            throw SysmolException.badInput(
                "Tensor %s of network %s has the value %s, which is no finite number; export the network again from sound weights."
                    .formatted(constant.getKey(), name, value));
          }
        }
      }
    }
  }

  /** The constant called {@code valueName}, if it is one. */
  public Optional<Tensor> constant(String valueName) {
    return Optional.ofNullable(constants.get(valueName));
  }

  /** The constant called {@code valueName}; refuses a value that is computed. */
  public Tensor requireConstant(String valueName) {
    Tensor tensor = constants.get(valueName);
    if (tensor == null) {
      throw SysmolException.badInput(
          "Value " + valueName + " of network " + name + " must be a constant but is computed.");
    }
    return tensor;
  }

  /** The same graph with some constants replaced; each keeps its shape. */
  public Network withConstants(Map<String, Tensor> replacements) {
    var merged = new LinkedHashMap<>(constants);
    replacements.forEach(
        (key, tensor) -> {
          Tensor old = merged.put(key, tensor);
          if (old == null || !java.util.Arrays.equals(old.shape(), tensor.shape())) {
            throw SysmolException.badInput(
                "Constant "
                    + key
                    + " of network "
                    + name
                    + " can't be replaced by "
                    + tensor
                    + ": "
                    + (old == null ? "there is no such constant." : "it is " + old + "."));
          }
        });
    return new Network(name, inputs, nodes, outputs, merged);
  }

  /** How many nodes read the value, counting a network output as one reader. */
  public int readers(String valueName) {
    int count = 0;
    for (Node node : nodes) {
      for (String used : node.inputs()) {
        if (used.equals(valueName)) {
          count++;
        }
      }
    }
    for (String output : outputs) {
      if (output.equals(valueName)) {
        count++;
      }
    }
    return count;
  }
}
