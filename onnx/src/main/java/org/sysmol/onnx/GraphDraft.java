package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sysmol.core.SysmolException;

/**
 * An ONNX graph in the making: each method adds a node or a constant and returns the name of the
 * value that it defines, which is the wanted one unless that is taken.
 */
final class GraphDraft {
  private final GraphProto.Builder graph;
  private final Set<String> names = new HashSet<>();
  private long constantBytes;

  /** A draft of {@code graph}, in which no value is named yet. */
  GraphDraft(GraphProto.Builder graph) {
    this.graph = graph;
  }

  /** A name that nothing has yet; {@code wanted} itself if it is free. */
  String fresh(String wanted) {
    String name = wanted;
    for (int count = 2; !names.add(name); count++) {
      name = wanted + "#" + count;
    }
    return name;
  }

  /** Adds a node without attributes. */
  String node(String kind, String wanted, String... inputs) {
    return add(NodeProto.newBuilder().setOpType(kind), wanted, inputs);
  }

  /** Adds a node that has its kind and its attributes already. */
  String add(NodeProto.Builder node, String wanted, String... inputs) {
    String name = fresh(wanted);
    graph.addNode(node.setName(name).addAllInput(List.of(inputs)).addOutput(name));
    return name;
  }

  /** The value converted to another type, one of {@link TensorProto.DataType}. */
  String cast(String wanted, String input, int type) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType("Cast");
    NodeWriter.integer(node, "to", type);
    return add(node, wanted, input);
  }

  /** A constant without axes. */
  String scalar(String wanted, float value) {
    return floats(wanted, new long[0], value);
  }

  /** A constant that differs by channel, to stand beside {@code [batch, channels, y, x]}. */
  String byChannel(String wanted, float[] values) {
    return floats(wanted, new long[] {1, values.length, 1, 1}, values);
  }

  /** A constant of the shape {@code sizes}. */
  String floats(String wanted, long[] sizes, float... values) {
    ByteBuffer raw = buffer(4L * values.length);
    raw.asFloatBuffer().put(values);
    return constant(wanted, TensorProto.DataType.FLOAT_VALUE, raw, sizes);
  }

  /** A list of whole numbers. */
  String list(String wanted, long... values) {
    ByteBuffer raw = buffer(8L * values.length);
    raw.asLongBuffer().put(values);
    return constant(wanted, TensorProto.DataType.INT64_VALUE, raw, values.length);
  }

  /** A constant of 32-bit integers. */
  String integers(String wanted, long[] sizes, int... values) {
    ByteBuffer raw = buffer(4L * values.length);
    raw.asIntBuffer().put(values);
    return constant(wanted, TensorProto.DataType.INT32_VALUE, raw, sizes);
  }

  /** A constant of bytes, signed or not. */
  String bytes(String wanted, int type, long[] sizes, byte... values) {
    return constant(wanted, type, ByteBuffer.wrap(values), sizes);
  }

  private ByteBuffer buffer(long size) {
    constantBytes += size;
    if (constantBytes > OnnxWriter.MOST_WEIGHT_BYTES) {
      throw SysmolException.badInput(
          "Network "
              + graph.getName()
              + " has more weights than one ONNX file can hold as binary32; give it fewer"
              + " channels.");
    }
    return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String constant(String wanted, int type, ByteBuffer raw, long... sizes) {
    String name = fresh(wanted);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(raw.rewind()));
    for (long size : sizes) {
      tensor.addDims(size);
    }
    graph.addInitializer(tensor);
    return name;
  }
}
