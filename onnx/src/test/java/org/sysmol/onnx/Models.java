package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;

/** Small ONNX models, said in a few words. */
final class Models {
  private final int opset;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("small");

  Models(int opset) {
    this.opset = opset;
  }

  /** An input of float32; sizes of -1 and -2 are free: N and M. */
  Models input(String name, long... sizes) {
    return input(name, TensorProto.DataType.FLOAT, sizes);
  }

  Models input(String name, TensorProto.DataType type, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(
          size < 0
              ? TensorShapeProto.Dimension.newBuilder().setDimParam(size == -1 ? "N" : "M")
              : TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(type.getNumber())
                            .setShape(shape))));
    return this;
  }

  Models output(String... names) {
    for (String name : names) {
      graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    }
    return this;
  }

  /** A float32 initializer that holds 1, 2, 3 ... times 1/8. */
  Models weights(String name, long... sizes) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
    long cells = 1;
    for (long size : sizes) {
      tensor.addDims(size);
      cells *= size;
    }
    for (int cell = 0; cell < cells; cell++) {
      tensor.addFloatData((cell + 1) / 8f);
    }
    return tensor(tensor);
  }

  Models numbers(String name, long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    return tensor(tensor);
  }

  Models tensor(TensorProto.Builder tensor) {
    graph.addInitializer(tensor);
    return this;
  }

  /** A tensor of float32 in another file. */
  Models external(String name, long size, String... entries) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addDims(size);
    for (int index = 0; index < entries.length; index += 2) {
      tensor.addExternalData(
          StringStringEntryProto.newBuilder().setKey(entries[index]).setValue(entries[index + 1]));
    }
    return tensor(tensor);
  }

  /**
   * A node in the form {@code name: kind a, b -> c, d}; inputs, outputs and the name may be empty.
   */
  Models node(String text, AttributeProto... attributes) {
    String name = text.substring(0, text.indexOf(": "));
    String rest = text.substring(text.indexOf(": ") + 2);
    String[] sides = rest.split(" -> ", -1);
    String kind = sides[0].split(" ", 2)[0];
    NodeProto.Builder node = NodeProto.newBuilder().setName(name).setOpType(kind);
    if (kind.contains("::")) {
      node.setDomain(kind.split("::")[0]).setOpType(kind.split("::")[1]);
    }
    if (sides[0].contains(" ")) {
      node.addAllInput(names(sides[0].substring(sides[0].indexOf(' ') + 1)));
    }
    graph.addNode(node.addAllOutput(names(sides[1])).addAllAttribute(List.of(attributes)));
    return this;
  }

  private static List<String> names(String text) {
    var names = new ArrayList<String>();
    for (String name : text.split(",", -1)) {
      names.add(name.strip());
    }
    return names;
  }

  GraphProto.Builder graph() {
    return graph;
  }

  ModelProto.Builder model() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph);
  }

  /** Writes the model and reads it back. */
  OnnxReader.Result read(Path folder) throws IOException {
    return read(folder, model());
  }

  static OnnxReader.Result read(Path folder, ModelProto.Builder model) throws IOException {
    Path file = folder.resolve("small.onnx");
    Files.write(file, model.build().toByteArray());
    return OnnxReader.read(file);
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto decimal(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** A convolution's input, weights and output; its node is to be added. */
  static Models conv(int opset) {
    return new Models(opset).input("x", -1, 2, 6, 6).weights("w", 4, 2, 3, 3).output("y");
  }

  /** Reading it from a folder is refused as bad input, with these words. */
  void assertRefused(Path folder, String... words) {
    assertThatThrownBy(() -> read(folder))
        .isInstanceOfSatisfying(
            SysmolException.class,
            e -> assertThat(e.kind()).isEqualTo(SysmolException.Kind.BAD_INPUT))
        .hasMessageContaining("small.onnx")
        .hasMessageContainingAll(words);
  }
}
