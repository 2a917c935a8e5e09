package org.sysmol.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.EdgeWeights;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * Writes a network quantised statically to 8 bits, in the form that ONNX Runtime turns into its
 * integer kernels: {@code QuantizeLinear} and {@code DequantizeLinear} around every operator.
 *
 * <p>Activations are unsigned bytes with a zero point, weights signed bytes with a scale per output
 * channel, biases 32-bit integers. A ReLU or a clip at 0 behind a convolution, a linear layer or a
 * sum is left out: saturation to its range does its work. Batch normalisations must be folded
 * before ({@link BatchNormFolding}). The result of the network stays float.
 */
public final class QuantisedOnnxWriter {
  private final Network network;
  private final Map<String, ValueRange> ranges;
  private final GraphProto.Builder graph;
  private final NodeWriter writer;
  private final Map<String, Parameters> quantised = new HashMap<>();
  private final Set<Node> leftOut = new HashSet<>();

  /** How a value is quantised, and the name under which its dequantised form is read. */
  private record Parameters(float scale, int zeroPoint, String dequantised) {}

  private QuantisedOnnxWriter(
      Network network, Map<String, ValueRange> ranges, GraphProto.Builder graph) {
    this.network = network;
    this.ranges = ranges;
    this.graph = graph;
    writer = new NodeWriter(network, graph);
  }

  /**
   * Writes {@code network} to {@code file}, whole or not at all.
   *
   * @param ranges by name, of the input and of every value that a node defines
   * @throws SysmolException if a range is missing or the file can't be written
   */
  public static void write(Network network, Map<String, ValueRange> ranges, Path file) {
    OnnxWriter.write(bytes(network, ranges), file);
  }

  /** The bytes of the file. */
  public static byte[] bytes(Network network, Map<String, ValueRange> ranges) {
    GraphProto.Builder graph = OnnxWriter.start(network);
    new QuantisedOnnxWriter(network, ranges, graph).write();
    return OnnxWriter.model(network, graph);
  }

  private void write() {
    for (Network.Input input : network.inputs()) {
      quantise(input.name(), input.name(), parameters(input.name()));
    }
    for (Node node : network.nodes()) {
      if (!leftOut.contains(node)) {
        write(node);
      }
    }
    writer.writeConstants();
  }

  private void write(Node node) {
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      Parameters known = quantised.get(input);
      inputs.add(known == null ? input : known.dequantised());
    }
    if (node.operator() instanceof Operator.Conv || node.operator() instanceof Operator.Gemm) {
      quantiseConstants(node, inputs);
    }
    Node clamp = clampBehind(node);
    String output = node.output();
    if (clamp != null) {
      leftOut.add(clamp);
      output = clamp.output();
    }
    if (network.outputs().contains(output)) {
      writer.write(new Node(node.name(), node.operator(), inputs, List.of(output)));
      return;
    }
    String raw = writer.fresh(output + "/float");
    writer.write(new Node(node.name(), node.operator(), inputs, List.of(raw)));
    Parameters from = quantised.get(node.inputs().getFirst());
    quantise(output, raw, from != null && keepsValues(node) ? from : parameters(output));
  }

  /** Operators that only move values: with other parameters behind them they would not be fused. */
  private static boolean keepsValues(Node node) {
    return switch (node.operator()) {
      case Operator.MaxPool _,
          Operator.Flatten _,
          Operator.Reshape _,
          Operator.Squeeze _,
          Operator.Unsqueeze _,
          Operator.Transpose _,
          Operator.Identity _ ->
          true;
      default -> false;
    };
  }

  private @Nullable Node clampBehind(Node node) {
    boolean computes =
        node.operator() instanceof Operator.Conv
            || node.operator() instanceof Operator.Gemm
            || node.operator() instanceof Operator.Add;
    if (!computes || network.readers(node.output()) != 1) {
      return null;
    }
    for (Node reader : network.nodes()) {
      if (reader.inputs().contains(node.output())) {
        boolean fromZero =
            reader.operator() instanceof Operator.Relu
                || (reader.operator() instanceof Operator.Clip clip && clip.min() == 0f);
        return fromZero && !network.outputs().contains(reader.output()) ? reader : null;
      }
    }
    return null;
  }

  private Parameters parameters(String value) {
    ValueRange range = ranges.get(value);
    if (range == null) {
      throw SysmolException.badInput(
          "Value "
              + value
              + " of network "
              + network.name()
              + " has no range; calibrate all values before quantising.");
    }
    return new Parameters(range.scale(), range.zeroPoint(), "");
  }

  /** Quantises {@code raw} and dequantises it again, as the value {@code name}. */
  private void quantise(String name, String raw, Parameters how) {
    String scale = initializer(name + "/scale", how.scale());
    String zero = writer.fresh(name + "/zero_point");
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(zero)
            .setDataType(TensorProto.DataType.UINT8_VALUE)
            .setRawData(ByteString.copyFrom(new byte[] {(byte) how.zeroPoint()})));
    String bytes = writer.fresh(name + "/quantised");
    String back = writer.fresh(name + "/dequantised");
    graph.addNode(node("QuantizeLinear", bytes, raw, scale, zero));
    graph.addNode(node("DequantizeLinear", back, bytes, scale, zero));
    quantised.put(name, new Parameters(how.scale(), how.zeroPoint(), back));
  }

  /** Replaces the weights and the bias among {@code inputs} by dequantised integers. */
  private void quantiseConstants(Node node, List<String> inputs) {
    Parameters input = quantised.get(node.inputs().getFirst());
    String name = node.inputs().get(1);
    boolean rows = !(node.operator() instanceof Operator.Gemm gemm) || gemm.transB();
    if (input == null || !rows || network.constant(name).isEmpty()) {
      return;
    }
    Tensor weights = network.requireConstant(name);
    int outputs = weights.extent(0);
    int per = weights.data().length / outputs;
    float[] scales = new float[outputs];
    byte[] codes = new byte[weights.data().length];
    for (int o = 0; o < outputs; o++) {
      scales[o] = EdgeWeights.step(weights.data(), o * per, (o + 1) * per);
      for (int i = o * per; i < (o + 1) * per; i++) {
        codes[i] = (byte) EdgeWeights.code(weights.data()[i], scales[o]);
      }
    }
    inputs.set(
        1,
        dequantised(
            name,
            TensorProto.DataType.INT8_VALUE,
            weights.shape(),
            ByteBuffer.wrap(codes),
            scales));
    if (!node.has(2) || network.constant(node.inputs().get(2)).isEmpty()) {
      return;
    }
    float[] bias = network.requireConstant(node.inputs().get(2)).data();
    ByteBuffer sums = ByteBuffer.allocate(4 * bias.length).order(ByteOrder.LITTLE_ENDIAN);
    float[] units = new float[bias.length];
    for (int o = 0; o < bias.length; o++) {
      units[o] = scales[o] * input.scale();
      sums.putInt(Math.toIntExact(Math.round((double) bias[o] / units[o])));
    }
    int[] shape = {bias.length};
    inputs.set(
        2,
        dequantised(
            node.inputs().get(2), TensorProto.DataType.INT32_VALUE, shape, sums.flip(), units));
  }

  private String dequantised(
      String name, int type, int[] shape, ByteBuffer integers, float[] scales) {
    String stored = writer.fresh(name + "/quantised");
    String scale = writer.fresh(name + "/scale");
    String zero = writer.fresh(name + "/zero_point");
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(stored).setDataType(type);
    for (int size : shape) {
      tensor.addDims(size);
    }
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(integers)));
    ByteBuffer floats = ByteBuffer.allocate(4 * scales.length).order(ByteOrder.LITTLE_ENDIAN);
    floats.asFloatBuffer().put(scales);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(scale)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(scales.length)
            .setRawData(ByteString.copyFrom(floats)));
    int bytes = type == TensorProto.DataType.INT8_VALUE ? 1 : 4;
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(zero)
            .setDataType(type)
            .addDims(scales.length)
            .setRawData(ByteString.copyFrom(new byte[bytes * scales.length])));
    String output = writer.fresh(name + "/dequantised");
    NodeProto.Builder proto = node("DequantizeLinear", output, stored, scale, zero);
    NodeWriter.integer(proto, "axis", 0);
    graph.addNode(proto);
    return output;
  }

  private String initializer(String wanted, float value) {
    String name = writer.fresh(wanted);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addFloatData(value));
    return name;
  }

  private static NodeProto.Builder node(String kind, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName(output)
        .setOpType(kind)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }
}
