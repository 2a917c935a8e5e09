package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Tensor;

/**
 * Writes {@link Network}s as ONNX files: opset 17, IR version 8, float32, weights inside the file.
 *
 * <p>Sizes that are free in the network are free in the file. The same network gives the same
 * bytes.
 */
public final class OnnxWriter {
  /** The version of ONNX's operators that is written. */
  static final int OPSET = 17;

  private static final int IR_VERSION = 8;

  /** Protobuf can't hold more than 2 GB; some of that is left for the graph. */
  static final long MOST_WEIGHT_BYTES = 2_000_000_000L;

  private OnnxWriter() {}

  /**
   * Writes {@code network} to {@code file}: to a temporary file beside it first, which is synced
   * and then renamed, so that {@code file} is never half written.
   *
   * @throws SysmolException if the network has an operator or size that opset 17 can't say, or if
   *     the file can't be written
   */
  public static void write(Network network, Path file) {
    write(bytes(network), file);
  }

  /** Writes the bytes of a file, whole or not at all. */
  static void write(byte[] bytes, Path file) {
    Path target = file.toAbsolutePath();
    Path last = target.getFileName();
    if (last == null) {
      throw SysmolException.badInput("ONNX can't be written to " + file + "; name a file.");
    }
    Path temporary = target.resolveSibling("." + last + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw SysmolException.failed(
          "ONNX file " + file + " can't be written (" + e + "); name a place where it can.", e);
    }
  }

  /** The bytes of the ONNX file of {@code network}. */
  public static byte[] bytes(Network network) {
    GraphProto.Builder graph = start(network);
    var writer = new NodeWriter(network, graph);
    for (Node node : network.nodes()) {
      writer.write(node);
    }
    writer.writeConstants();
    return model(network, graph);
  }

  /** A graph with the network's inputs; refuses weights that no file can hold. */
  static GraphProto.Builder start(Network network) {
    long weights = 0;
    for (Tensor tensor : network.constants().values()) {
      weights += 4L * tensor.data().length;
    }
    if (weights > MOST_WEIGHT_BYTES) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " has "
              + weights
              + " bytes of weights, more than one ONNX file can hold.");
    }
    GraphProto.Builder graph = GraphProto.newBuilder().setName(network.name());
    for (Network.Input input : network.inputs()) {
      graph.addInput(input(input));
    }
    return graph;
  }

  /** The bytes of a file with a graph whose nodes are complete; adds the network's outputs. */
  static byte[] model(Network network, GraphProto.Builder graph) {
    for (String output : network.outputs()) {
      graph.addOutput(
          ValueInfoProto.newBuilder()
              .setName(output)
              .setType(
                  TypeProto.newBuilder()
                      .setTensorType(
                          TypeProto.Tensor.newBuilder()
                              .setElemType(TensorProto.DataType.FLOAT_VALUE))));
    }
    return model(graph);
  }

  /** The bytes of a file with a complete graph. */
  static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("sysmol")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static ValueInfoProto input(Network.Input input) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int axis = 0; axis < input.shape().length; axis++) {
      int size = input.shape()[axis];
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      if (size != -1) {
        dimension.setDimValue(size);
      } else {
        // All inputs share the batch; any other free size is the input's own.
        dimension.setDimParam(axis == 0 ? "batch" : input.name() + "_" + axis);
      }
      shape.addDim(dimension);
    }
    return value(input.name(), shape.build());
  }

  /** An input or output of binary32 values. */
  static ValueInfoProto value(String name, TensorShapeProto shape) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
