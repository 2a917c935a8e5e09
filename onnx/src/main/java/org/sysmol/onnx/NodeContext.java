package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** One node while it is read: what its inputs are, and ways to say what it becomes. */
final class NodeContext {
  /** A run of one picture that needs a larger tensor than this (1 GiB) is not taken. */
  private static final long MOST_CELLS = 1L << 28;

  /** Constants of up to this size are folded even if that makes them larger than their sources. */
  private static final long SMALL_CONSTANT = 1 << 16;

  private final GraphReader graph;
  private final String name;
  private final String kind;
  private final List<String> inputs;
  private final List<String> outputs;

  /**
   * A node of {@code graph}.
   *
   * @param inputs names after aliases were followed; empty where left out
   */
  NodeContext(
      GraphReader graph, String name, String kind, List<String> inputs, List<String> outputs) {
    this.graph = graph;
    this.name = name;
    this.kind = kind;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The node is not legal: it {@code what}. */
  SysmolException broken(String what) {
    return graph.origin().broken("node " + name + " (" + kind + ")", what);
  }

  /** The node is legal, but sysmol doesn't take it with {@code what}. */
  Refused refuse(String what) {
    return new Refused(kind + " with " + what);
  }

  /** Tells the user something that does not stop the reading; {@code text} follows the name. */
  void warn(String text) {
    graph.warn("Node " + name + " (" + kind + ") " + text);
  }

  /** The node must have between {@code least} and {@code most} inputs, the first ones given. */
  void requireInputs(int least, int most) {
    boolean fits = inputs.size() <= most;
    for (int index = 0; index < least; index++) {
      fits &= has(index);
    }
    if (!fits) {
      String expected = least == most ? "" + least : least + " to " + most;
      throw broken("has the inputs " + inputs + " where the standard wants " + expected);
    }
  }

  /** How many inputs the file lists. */
  int inputCount() {
    return inputs.size();
  }

  /** How many outputs have a name. */
  int namedOutputs() {
    return (int) outputs.stream().filter(output -> !output.isEmpty()).count();
  }

  /** True if input {@code index} is given. */
  boolean has(int index) {
    return index < inputs.size() && !inputs.get(index).isEmpty();
  }

  /** What is known of input {@code index}. */
  Value value(int index) {
    return graph.value(inputs.get(index));
  }

  /** True if input {@code index} is whole numbers of the shape arithmetic. */
  boolean isNumbers(int index) {
    return value(index) instanceof Value.Numbers;
  }

  /** The sizes of a float input. */
  Dim[] sizes(int index) {
    return switch (value(index)) {
      case Value.Computed computed -> computed.shape();
      case Value.Floats floats -> known(floats.tensor().shape());
      default -> throw refuse("whole numbers as input " + inputs.get(index));
    };
  }

  /** The sizes of any input. */
  Dim[] anySizes(int index) {
    return value(index) instanceof Value.Numbers numbers ? known(numbers.shape()) : sizes(index);
  }

  /** Known sizes. */
  static Dim[] known(int... shape) {
    Dim[] sizes = new Dim[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      sizes[axis] = Dim.of(shape[axis]);
    }
    return sizes;
  }

  /** The numbers of input {@code index}. */
  Value.Numbers numbers(int index) {
    if (value(index) instanceof Value.Numbers numbers) {
      return numbers;
    }
    throw refuse("a computed or float input " + inputs.get(index) + " where whole numbers belong");
  }

  /** The numbers of input {@code index}, all of which must be known now. */
  long[] knownNumbers(int index) {
    Dim[] elements = numbers(index).elements();
    long[] values = new long[elements.length];
    for (int at = 0; at < values.length; at++) {
      if (!elements[at].known()) {
        throw refuse("input " + inputs.get(index) + " that depends on a free size");
      }
      values[at] = elements[at].value();
    }
    return values;
  }

  /** Axes given by input {@code index}. */
  int[] axes(int index) {
    long[] values = knownNumbers(index);
    int[] axes = new int[values.length];
    for (int at = 0; at < axes.length; at++) {
      axes[at] = Math.clamp(values[at], -1000, 1000);
    }
    return axes;
  }

  /** Axes counted from the beginning, each inside {@code rank} and named once. */
  int[] resolved(int[] axes, int rank) {
    int[] result = new int[axes.length];
    var seen = new boolean[rank];
    for (int at = 0; at < axes.length; at++) {
      result[at] = axis(axes[at], rank);
      if (seen[result[at]]) {
        throw broken("names the axis " + axes[at] + " twice");
      }
      seen[result[at]] = true;
    }
    return result;
  }

  /** An axis counted from the beginning, inside {@code rank}. */
  int axis(int axis, int rank) {
    int own = Layout.axis(axis, rank);
    if (own < 0) {
      throw broken("names the axis " + axis + " of a tensor of " + rank + " dimensions");
    }
    return own;
  }

  /** The constant of input {@code index}, or null if a run computes it. */
  @Nullable Tensor constant(int index) {
    return value(index) instanceof Value.Floats floats ? floats.tensor() : null;
  }

  /**
   * The one float of input {@code index}, which must be a constant; {@code otherwise} if absent.
   */
  float scalar(int index, float otherwise) {
    if (!has(index)) {
      return otherwise;
    }
    if (value(index) instanceof Value.Floats floats) {
      if (floats.tensor().data().length == 1) {
        return floats.tensor().data()[0];
      }
      throw broken("has an input " + inputs.get(index) + " that is not one number");
    }
    throw refuse("an input " + inputs.get(index) + " that is not a float constant");
  }

  /** Reads the tensor of an attribute. */
  Value tensor(TensorProto proto) {
    return graph.tensor(proto, "of node " + name);
  }

  /** The node's value is a constant or whole numbers: nothing is left to run. */
  void define(Value value) {
    graph.define(outputs.getFirst(), value);
  }

  /** The node passes input {@code index} on. */
  void alias(int index) {
    graph.alias(name, outputs.getFirst(), inputs.get(index));
  }

  /** The node runs {@code operator} on all its inputs and gives a tensor of these sizes. */
  void emit(Operator operator, Dim... sizes) {
    emit(operator, inputs, sizes);
  }

  /** As {@link #emit(Operator, Dim...)}, on the first {@code count} inputs only. */
  void emitOnFirst(int count, Operator operator, Dim... sizes) {
    emit(operator, inputs.subList(0, Math.min(count, inputs.size())), sizes);
  }

  /** As {@link #emit(Operator, Dim...)}, on the first input and a constant made for the node. */
  void emitWith(Operator operator, Tensor constant, Dim... sizes) {
    String made = graph.fresh(name + ".shape");
    graph.define(made, new Value.Floats(constant));
    emit(operator, List.of(inputs.getFirst(), made), sizes);
  }

  /** How many outputs the file lists. */
  int outputCount() {
    return outputs.size();
  }

  /**
   * The first input through {@code operator} is output {@code index}; nothing where that has no
   * name.
   */
  void emitOutput(int index, Operator operator, Dim... sizes) {
    if (!outputs.get(index).isEmpty()) {
      var part =
          new NodeContext(
              graph,
              index == 0 ? name : name + "/" + index,
              kind,
              inputs.subList(0, 1),
              List.of(outputs.get(index)));
      part.emit(operator, sizes);
    }
  }

  /** The first input through two operators; {@code between} are the sizes after the first. */
  void emitTwo(Operator first, Dim[] between, Operator second, Dim... sizes) {
    String made = graph.fresh(name + "/part");
    new NodeContext(graph, name + "/part", kind, inputs.subList(0, 1), List.of(made))
        .emit(first, between);
    new NodeContext(graph, name, kind, List.of(made), outputs).emit(second, sizes);
  }

  private void emit(Operator operator, List<String> used, Dim... sizes) {
    long cells = 1;
    boolean fixed = true;
    for (Dim size : sizes) {
      if (size.known() && size.value() < 1) {
        throw broken("would give a tensor of sizes " + List.of(sizes) + ", with nothing in it");
      }
      fixed &= size.known();
      cells = Math.multiplyExact(cells, size.known() ? size.value() : 1);
      if (cells > MOST_CELLS) {
        throw refuse("a result of sizes " + List.of(sizes) + ", more than 2^28 cells");
      }
    }
    var node = new Node(name, operator, used, List.of(outputs.getFirst()));
    List<@Nullable Tensor> constants = new ArrayList<>();
    long largest = SMALL_CONSTANT;
    for (String input : used) {
      if (input.isEmpty()) {
        constants.add(null);
      } else if (graph.value(input) instanceof Value.Floats floats) {
        constants.add(floats.tensor());
        largest = Math.max(largest, floats.tensor().data().length);
      }
    }
    if (fixed && constants.size() == used.size() && cells <= largest) {
      try {
        define(new Value.Floats(NodeEvaluator.evaluate(node, constants)));
      } catch (SysmolException e) {
        throw graph
            .origin()
            .broken("its constants contradict each other:", String.valueOf(e.getMessage()), e);
      }
    } else {
      graph.emit(node, new Value.Computed(sizes.clone()));
    }
  }
}
