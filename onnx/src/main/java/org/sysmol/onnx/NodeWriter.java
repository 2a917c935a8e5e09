package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** Writes the nodes of one network, and the constants that they read, in the words of opset 17. */
final class NodeWriter {
  private final Network network;
  private final GraphProto.Builder graph;
  private final Set<String> names = new HashSet<>();
  private final Set<String> floats = new HashSet<>();

  /** A writer of {@code network} into {@code graph}. */
  NodeWriter(Network network, GraphProto.Builder graph) {
    this.network = network;
    this.graph = graph;
    names.addAll(network.constants().keySet());
    network.inputs().forEach(input -> names.add(input.name()));
    network.nodes().forEach(node -> names.addAll(node.outputs()));
    floats.addAll(network.outputs());
  }

  /** Writes one node. */
  void write(Node node) {
    switch (node.operator()) {
      case Operator.Reshape reshape -> {
        Tensor target = network.requireConstant(node.inputs().get(1));
        long[] sizes = new long[target.data().length];
        for (int axis = 0; axis < sizes.length; axis++) {
          sizes[axis] = (long) target.data()[axis];
        }
        NodeProto.Builder proto = start(node, 1);
        proto.addInput(numbers(node, "shape", sizes));
        if (reshape.allowZero()) {
          integer(proto, "allowzero", 1);
        }
        graph.addNode(proto);
      }
      case Operator.Softmax softmax when softmax.toEnd() -> writeSoftmaxToEnd(node, softmax);
      default -> {
        NodeProto.Builder proto = start(node, node.inputs().size());
        describe(node, proto);
        graph.addNode(proto);
      }
    }
  }

  /** Writes the float constants that were read, in the network's order. */
  void writeConstants() {
    for (Map.Entry<String, Tensor> entry : network.constants().entrySet()) {
      if (floats.contains(entry.getKey())) {
        float[] data = entry.getValue().data();
        ByteBuffer raw = ByteBuffer.allocate(4 * data.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(data);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(entry.getKey());
        for (int size : entry.getValue().shape()) {
          tensor.addDims(size);
        }
        graph.addInitializer(
            tensor
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(raw)));
      }
    }
  }

  /** A node of the operator's name on the first {@code count} inputs. */
  private NodeProto.Builder start(Node node, int count) {
    List<String> inputs = node.inputs().subList(0, count);
    floats.addAll(inputs);
    return NodeProto.newBuilder()
        .setName(node.name())
        .setOpType(node.operator().kind())
        .addAllInput(inputs)
        .addOutput(node.output());
  }

  private void describe(Node node, NodeProto.Builder proto) {
    switch (node.operator()) {
      case Operator.Conv conv -> {
        window(proto, conv.strides(), conv.dilations(), conv.padding());
        integer(proto, "group", conv.groups());
      }
      case Operator.ConvTranspose conv -> {
        window(proto, conv.strides(), conv.dilations(), conv.padding());
        integers(proto, "output_padding", conv.outputPadding());
        integer(proto, "group", conv.groups());
      }
      case Operator.Gemm gemm -> {
        decimal(proto, "alpha", gemm.alpha());
        decimal(proto, "beta", gemm.beta());
        integer(proto, "transA", gemm.transA() ? 1 : 0);
        integer(proto, "transB", gemm.transB() ? 1 : 0);
      }
      case Operator.BatchNormalization norm -> {
        decimal(proto, "epsilon", norm.epsilon());
        if (norm.trainingMode()) {
          integer(proto, "training_mode", 1);
          proto.addOutput(fresh(node.name() + ".mean")).addOutput(fresh(node.name() + ".variance"));
        }
      }
      case Operator.InstanceNormalization norm -> decimal(proto, "epsilon", norm.epsilon());
      case Operator.Softmax softmax -> integer(proto, "axis", softmax.axis());
      case Operator.HardSigmoid hard -> {
        decimal(proto, "alpha", hard.alpha());
        decimal(proto, "beta", hard.beta());
      }
      case Operator.LeakyRelu leaky -> decimal(proto, "alpha", leaky.alpha());
      case Operator.Elu elu -> decimal(proto, "alpha", elu.alpha());
      case Operator.Gelu _ ->
          throw unsayable(node, "a Gelu, which opset " + OnnxWriter.OPSET + " lacks");
      case Operator.Clip clip -> {
        boolean below = clip.min() != Float.NEGATIVE_INFINITY;
        boolean above = clip.max() != Float.POSITIVE_INFINITY;
        if (below || above) {
          proto.addInput(below ? scalar(node, "min", clip.min()) : "");
        }
        if (above) {
          proto.addInput(scalar(node, "max", clip.max()));
        }
      }
      case Operator.Concat concat -> integer(proto, "axis", concat.axis());
      case Operator.MaxPool pool -> {
        integers(proto, "kernel_shape", pool.kernel());
        window(proto, pool.strides(), pool.dilations(), pool.padding());
        integer(proto, "ceil_mode", pool.ceil() ? 1 : 0);
      }
      case Operator.AveragePool pool -> {
        for (int dilation : pool.dilations()) {
          if (dilation != 1) {
            throw unsayable(node, "a dilated average, which opset " + OnnxWriter.OPSET + " lacks");
          }
        }
        integers(proto, "kernel_shape", pool.kernel());
        window(proto, pool.strides(), new int[0], pool.padding());
        integer(proto, "ceil_mode", pool.ceil() ? 1 : 0);
        integer(proto, "count_include_pad", pool.countIncludePad() ? 1 : 0);
      }
      case Operator.ReduceMean mean -> {
        if (mean.axes().length > 0) {
          integers(proto, "axes", mean.axes());
        }
        integer(proto, "keepdims", mean.keepDimensions() ? 1 : 0);
      }
      case Operator.Flatten flatten -> integer(proto, "axis", flatten.axis());
      case Operator.Squeeze squeeze -> {
        if (squeeze.axes().length > 0) {
          proto.addInput(numbers(node, "axes", longs(squeeze.axes())));
        }
      }
      case Operator.Unsqueeze unsqueeze ->
          proto.addInput(numbers(node, "axes", longs(unsqueeze.axes())));
      case Operator.Transpose transpose -> integers(proto, "perm", transpose.permutation());
      case Operator.Slice slice ->
          proto
              .addInput(numbers(node, "starts", longs(slice.starts())))
              .addInput(numbers(node, "ends", longs(slice.ends())))
              .addInput(numbers(node, "axes", longs(slice.axes())))
              .addInput(numbers(node, "steps", longs(slice.steps())));
      case Operator.Pad pad -> {
        text(proto, "mode", pad.mode().name().toLowerCase(Locale.ROOT));
        proto
            .addInput(numbers(node, "pads", longs(pad.pads())))
            .addInput(scalar(node, "value", pad.value()));
      }
      case Operator.Resize resize -> {
        text(proto, "mode", resize.mode().name().toLowerCase(Locale.ROOT));
        text(
            proto,
            "coordinate_transformation_mode",
            resize.coordinates().name().toLowerCase(Locale.ROOT));
        text(proto, "nearest_mode", resize.rounding().name().toLowerCase(Locale.ROOT));
        if (resize.scales().length > 0) {
          proto.addInput("").addInput(decimals(node, "scales", resize.scales()));
        } else {
          proto.addInput("").addInput("").addInput(numbers(node, "sizes", longs(resize.sizes())));
        }
      }
      case Operator.Reshape _ -> throw new IllegalStateException("Written before: " + node);
      case Operator.MatMul _,
          Operator.Add _,
          Operator.Sub _,
          Operator.Mul _,
          Operator.Div _,
          Operator.Relu _,
          Operator.Sigmoid _,
          Operator.Tanh _,
          Operator.Erf _,
          Operator.Softplus _,
          Operator.HardSwish _,
          Operator.GlobalAveragePool _,
          Operator.GlobalMaxPool _,
          Operator.Identity _ -> {}
    }
  }

  /** Opset 13 has no sum over several axes: the tensor is flattened and gets its shape back. */
  private void writeSoftmaxToEnd(Node node, Operator.Softmax softmax) {
    String input = node.inputs().getFirst();
    floats.add(input);
    String shape = fresh(node.name() + ".shape");
    String flat = fresh(node.name() + ".flat");
    String shares = fresh(node.name() + ".shares");
    graph.addNode(step(shape, "Shape", input));
    NodeProto.Builder flatten = step(flat, "Flatten", input);
    integer(flatten, "axis", softmax.axis());
    graph.addNode(flatten);
    NodeProto.Builder sums = step(shares, "Softmax", flat);
    integer(sums, "axis", 1);
    graph.addNode(sums);
    graph.addNode(step(node.output(), "Reshape", shares, shape).setName(node.name()));
  }

  private static NodeProto.Builder step(String output, String kind, String... inputs) {
    return NodeProto.newBuilder()
        .setName(output)
        .setOpType(kind)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static void window(
      NodeProto.Builder proto, int[] strides, int[] dilations, Padding padding) {
    integers(proto, "strides", strides);
    if (dilations.length > 0) {
      integers(proto, "dilations", dilations);
    }
    if (padding.mode() == Padding.Mode.EXPLICIT) {
      integers(proto, "pads", padding.pads());
    } else {
      text(proto, "auto_pad", padding.mode().name());
    }
  }

  private static SysmolException unsayable(Node node, String what) {
    return SysmolException.badInput(
        "Node " + node.name() + " can't be written as ONNX: it is " + what + ".");
  }

  /** A name that nothing has yet; {@code wanted} itself if it is free. */
  String fresh(String wanted) {
    String name = wanted;
    for (int count = 2; !names.add(name); count++) {
      name = wanted + "#" + count;
    }
    return name;
  }

  private static long[] longs(int[] values) {
    long[] longs = new long[values.length];
    for (int index = 0; index < longs.length; index++) {
      longs[index] = values[index];
    }
    return longs;
  }

  /** Adds a list of whole numbers and returns its name. */
  private String numbers(Node node, String what, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    String name = fresh(node.name() + "." + what);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length)
            .setRawData(ByteString.copyFrom(raw)));
    return name;
  }

  private String decimals(Node node, String what, float... values) {
    String name = fresh(node.name() + "." + what);
    var list = new ArrayList<Float>();
    for (float value : values) {
      list.add(value);
    }
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(values.length)
            .addAllFloatData(list));
    return name;
  }

  private String scalar(Node node, String what, float value) {
    String name = fresh(node.name() + "." + what);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addFloatData(value));
    return name;
  }

  static void integer(NodeProto.Builder proto, String name, long value) {
    proto.addAttribute(
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value));
  }

  private static void decimal(NodeProto.Builder proto, String name, float value) {
    proto.addAttribute(
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOAT).setF(value));
  }

  private static void text(NodeProto.Builder proto, String name, String value) {
    proto.addAttribute(
        AttributeProto.newBuilder()
            .setName(name)
            .setType(AttributeType.STRING)
            .setS(ByteString.copyFromUtf8(value)));
  }

  static void integers(NodeProto.Builder proto, String name, int... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (int value : values) {
      attribute.addInts(value);
    }
    proto.addAttribute(attribute);
  }
}
