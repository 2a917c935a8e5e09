package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * Walks a graph once, in its order: folds what is constant, follows the shape arithmetic with free
 * sizes as symbols, and turns the rest into nodes.
 *
 * <p>A contradiction in the file ends the walk. What the file may say but sysmol doesn't take is
 * collected, and the walk goes on, so that the user gets all of it in one list.
 */
final class GraphReader {
  private final Origin origin;
  private final GraphProto graph;
  private final int opset;
  private final TensorReader tensors;
  private final Map<String, TensorProto> unread = new LinkedHashMap<>();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> nodeNames = new HashSet<>();
  private final Set<String> read = new HashSet<>();
  private final List<Network.Input> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, List<String>> refusals = new LinkedHashMap<>();

  /** A reader of {@code graph}, written with version {@code opset} of ONNX's operators. */
  GraphReader(Origin origin, GraphProto graph, int opset, List<String> warnings) {
    this.origin = origin;
    this.graph = graph;
    this.opset = opset;
    this.tensors = new TensorReader(origin);
    this.warnings.addAll(warnings);
  }

  /** Reads the graph. */
  OnnxReader.Result read() {
    for (TensorProto initializer : graph.getInitializerList()) {
      claim(initializer.getName(), "tensor");
      tensors.check(initializer, initializer.getName());
      unread.put(initializer.getName(), initializer);
    }
    if (graph.getSparseInitializerCount() > 0) {
      refusals.put("sparse initializer", List.of("" + graph.getSparseInitializerCount()));
    }
    for (ValueInfoProto input : graph.getInputList()) {
      readInput(input);
    }
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().stream().filter(o -> !o.isEmpty()).forEach(o -> claim(o, "value"));
      read.addAll(node.getInputList());
    }
    graph.getOutputList().forEach(output -> read.add(output.getName()));
    for (NodeProto node : graph.getNodeList()) {
      readNode(node);
    }
    List<String> outputs = readOutputs();
    if (!refusals.isEmpty()) {
      throw listing();
    }
    String name = graph.getName().isEmpty() ? "network" : graph.getName();
    return new OnnxReader.Result(new Network(name, inputs, nodes, outputs, constants), warnings);
  }

  private void claim(String name, String what) {
    if (name.isEmpty() && what.equals("tensor")) {
      throw origin.broken("an initializer", "has no name");
    }
    if (!names.add(name)) {
      throw origin.broken(what + " " + name, "is defined twice");
    }
  }

  private void readInput(ValueInfoProto input) {
    String name = input.getName();
    if (unread.containsKey(name)) {
      return; // Files of IR version 3 list every weight as an input too.
    }
    if (name.isEmpty()) {
      throw origin.broken("an input", "has no name");
    }
    claim(name, "input");
    if (!input.getType().hasTensorType() || !input.getType().getTensorType().hasShape()) {
      refuse("input without the sizes of a tensor", name);
      values.put(name, new Value.Unknown());
      return;
    }
    TypeProto.Tensor type = input.getType().getTensorType();
    switch (type.getElemType()) {
      case TensorProto.DataType.FLOAT_VALUE -> {}
      case TensorProto.DataType.FLOAT16_VALUE,
          TensorProto.DataType.BFLOAT16_VALUE,
          TensorProto.DataType.DOUBLE_VALUE ->
          warn(
              "Input "
                  + name
                  + " is of type "
                  + TensorReader.typeName(type.getElemType())
                  + " in the file: sysmol takes it, and computes, in float32.");
      default -> {
        refuse("input of type " + TensorReader.typeName(type.getElemType()), name);
        values.put(name, new Value.Unknown());
        return;
      }
    }
    int rank = type.getShape().getDimCount();
    Dim[] sizes = new Dim[rank];
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      Dimension dimension = type.getShape().getDim(axis);
      if (dimension.hasDimValue() && dimension.getDimValue() != -1) {
        long size = dimension.getDimValue();
        if (size < 1 || size > 1 << 28) {
          throw origin.broken("input " + name, "has an axis of " + size + " cells");
        }
        sizes[axis] = Dim.of(size);
        shape[axis] = (int) size;
      } else {
        String symbol = dimension.getDimParam();
        sizes[axis] = Dim.free(symbol.isEmpty() ? name + "[" + axis + "]" : symbol);
        shape[axis] = -1;
      }
    }
    inputs.add(new Network.Input(name, shape));
    values.put(name, new Value.Computed(sizes));
  }

  private void readNode(NodeProto proto) {
    String label = label(proto);
    String kind = kind(proto);
    var used = new ArrayList<String>();
    boolean unknown = false;
    for (String input : proto.getInputList()) {
      String source = aliases.getOrDefault(input, input);
      if (!input.isEmpty() && !values.containsKey(source) && !unread.containsKey(source)) {
        String why =
            names.contains(input)
                ? "which only a later node defines"
                : "which nothing in the file defines";
        throw origin.broken("node " + label + " (" + kind + ")", "reads " + input + ", " + why);
      }
      used.add(source);
    }
    for (String output : proto.getOutputList()) {
      if (!output.isEmpty()) {
        values.put(output, new Value.Unknown()); // until the rule says better
      }
    }
    try {
      Rule rule = isStandard(proto) ? Rules.of(proto.getOpType()) : null;
      if (rule == null) {
        throw new Refused(kind);
      }
      if (proto.getOutputCount() == 0 || proto.getOutput(0).isEmpty()) {
        throw origin.broken("node " + label + " (" + kind + ")", "has no first output");
      }
      var attributes = new Attributes(origin, proto, label, opset);
      Rule.Step step = rule.read(attributes);
      attributes.finish();
      for (int index = 1; index < proto.getOutputCount(); index++) {
        if (!kind.equals("Split")
            && !proto.getOutput(index).isEmpty()
            && read.contains(proto.getOutput(index))) {
          throw new Refused(kind + " whose output " + (index + 1) + " is used");
        }
      }
      for (String input : used) {
        unknown |= !input.isEmpty() && value(input) instanceof Value.Unknown;
      }
      if (!unknown) {
        step.apply(new NodeContext(this, label, kind, used, proto.getOutputList()));
      }
    } catch (Refused refused) {
      refuse(String.valueOf(refused.getMessage()), label);
    } catch (ArithmeticException e) {
      throw origin.broken(
          "node " + label + " (" + kind + ")",
          "has sizes that can't be computed (they are too large, or divided by 0)",
          e);
    }
  }

  private static boolean isStandard(NodeProto proto) {
    return proto.getDomain().isEmpty() || proto.getDomain().equals("ai.onnx");
  }

  private static String kind(NodeProto proto) {
    return isStandard(proto) ? proto.getOpType() : proto.getDomain() + "::" + proto.getOpType();
  }

  /** The node's name, or that of its first output; made different from all before. */
  private String label(NodeProto proto) {
    String wanted = proto.getName();
    for (int index = 0; wanted.isEmpty() && index < proto.getOutputCount(); index++) {
      wanted = proto.getOutput(index);
    }
    String label = wanted.isEmpty() ? "without name" : wanted;
    for (int count = 2; !nodeNames.add(label); count++) {
      label = wanted + "#" + count;
    }
    if (!label.equals(wanted) && !proto.getName().isEmpty()) {
      warn("More than one node is called " + wanted + ": sysmol calls one of them " + label + ".");
    }
    return label;
  }

  private List<String> readOutputs() {
    var outputs = new ArrayList<String>();
    for (ValueInfoProto output : graph.getOutputList()) {
      String name = output.getName();
      if (!values.containsKey(name) && !unread.containsKey(name)) {
        throw origin.broken("output " + name, "is defined by nothing in the file");
      }
      if (outputs.contains(name)) {
        throw origin.broken("output " + name, "is listed twice");
      }
      outputs.add(name);
      switch (value(name)) {
        case Value.Floats floats -> constants.put(name, floats.tensor());
        case Value.Numbers _ -> refuse("output of whole numbers", name);
        case Value.Computed _, Value.Unknown _ -> {}
      }
    }
    if (outputs.isEmpty()) {
      throw origin.broken("its graph", "has no output");
    }
    return outputs;
  }

  private void refuse(String kind, String where) {
    refusals.computeIfAbsent(Origin.shown(kind), _ -> new ArrayList<>()).add(Origin.shown(where));
  }

  private SysmolException listing() {
    var text =
        new StringBuilder("ONNX file " + origin.file() + " needs what sysmol doesn't take: ");
    String separator = "";
    for (Map.Entry<String, List<String>> refusal : refusals.entrySet()) {
      int count = refusal.getValue().size();
      text.append(separator)
          .append(refusal.getKey())
          .append(count == 1 ? " (once: " : " (" + count + " times: ")
          .append(String.join(", ", refusal.getValue()))
          .append(")");
      separator = "; ";
    }
    return SysmolException.badInput(
        text.append(". Change these places of the network and export it again.").toString());
  }

  /** The file. */
  Origin origin() {
    return origin;
  }

  /** Adds a warning. */
  void warn(String warning) {
    warnings.add(Origin.shown(warning));
  }

  /** What is known of a value; reads an initializer when it is first asked for. */
  Value value(String name) {
    TensorProto initializer = unread.remove(name);
    if (initializer != null) {
      values.put(name, new Value.Unknown());
      try {
        values.put(name, tensors.read(initializer, name));
      } catch (Refused refused) {
        refuse(String.valueOf(refused.getMessage()), name);
      }
    }
    @Nullable Value value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("Asked for " + name + ", which is not defined yet.");
    }
    return value;
  }

  /** Reads the tensor of a Constant node. */
  Value tensor(TensorProto proto, String name) {
    return tensors.read(proto, name);
  }

  /** A value's name is known from now on. */
  void define(String name, Value value) {
    values.put(name, value);
  }

  /** A name like {@code wanted} that nothing else has. */
  String fresh(String wanted) {
    String name = wanted;
    for (int count = 2; !names.add(name); count++) {
      name = wanted + "#" + count;
    }
    return name;
  }

  /** {@code output} is another name of {@code source}; an output of the graph needs a node. */
  void alias(String node, String output, String source) {
    Value value = value(source);
    boolean isOutput =
        graph.getOutputList().stream().anyMatch(each -> each.getName().equals(output));
    if (isOutput && value instanceof Value.Computed) {
      emit(new Node(node, new Operator.Identity(), List.of(source), List.of(output)), value);
      return;
    }
    values.put(output, value);
    if (!isOutput) {
      aliases.put(output, source);
    }
  }

  /** Adds a node; the constants that it reads become the network's. */
  void emit(Node node, Value result) {
    for (String input : node.inputs()) {
      if (!input.isEmpty() && value(input) instanceof Value.Floats floats) {
        constants.putIfAbsent(input, floats.tensor());
      }
    }
    nodes.add(node);
    define(node.output(), result);
  }
}
