package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sysmol.onnx.Models.integer;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** What the reader makes of files. */
class OnnxReaderTest {
  @TempDir Path folder;

  private void refused(Models model, String... words) {
    model.assertRefused(folder, words);
  }

  @Test
  void nodesOfTheSameNameAreToldApart() throws Exception {
    OnnxReader.Result result =
        Models.conv(13).node("a: Relu x -> z").node("a: Relu z -> y").read(folder);
    assertThat(result.network().nodes()).extracting("name").containsExactly("a", "a#2");
    assertThat(result.warnings())
        .singleElement()
        .asString()
        .contains("More than one node is called a");
  }

  @Test
  void trainingModeIsSaidByOutputsBeforeOpset14() throws Exception {
    for (int opset : new int[] {7, 9, 13}) {
      OnnxReader.Result result =
          Models.conv(opset)
              .weights("v", 2)
              .node("bn: BatchNormalization x, v, v, v, v -> y, m, s, m2, s2")
              .read(folder);
      assertThat(result.warnings()).singleElement().asString().contains("Node bn (Batch");
      assertThat(result.network().nodes().getFirst().operator())
          .isEqualTo(new Operator.BatchNormalization(1e-5f, true));
    }
    refused(
        Models.conv(14)
            .weights("v", 2)
            .node("bn: BatchNormalization x, v, v, v, v -> z, m, s", integer("training_mode", 1))
            .node("a: Add z, m -> y"),
        "BatchNormalization whose output 2 is used (once: bn)");
    refused(
        Models.conv(8)
            .weights("v", 2)
            .node("bn: BatchNormalization x, v, v, v, v -> y", integer("spatial", 0)),
        "spatial 0");
  }

  @Test
  void aBatchThatIsBakedInIsSaid() throws Exception {
    OnnxReader.Result result =
        Models.conv(13).numbers("s", 1, 72).node("r: Reshape x, s -> y").read(folder);
    assertThat(result.warnings()).singleElement().asString().contains("Node r (Reshape) fixes");
    var evaluator = new FloatEvaluator(result.network());
    assertThat(evaluator.evaluate(Map.of("x", Tensor.zeros(1, 2, 6, 6))).get("y").shape())
        .containsExactly(1, 72);
    assertThatThrownBy(() -> evaluator.evaluate(Map.of("x", Tensor.zeros(2, 2, 6, 6))))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("Node r (Reshape): a tensor of shape 2x2x6x6 can't take the shape");
  }

  @Test
  void shapeArithmeticOfExportersIsFollowed() throws Exception {
    // x.view(x.size(0), x.size(1) * x.size(2) * x.size(3)), then all but the batch sliced off.
    Network network =
        new Models(13)
            .input("x", -1, 2, 3, 4)
            .output("y")
            .numbers("zero", 0)
            .numbers("one", 1)
            .numbers("far", Long.MAX_VALUE)
            .numbers("rest", -1)
            .node(": Shape x -> s")
            .node(": Gather s, zero -> n")
            .node(": Slice s, one, far -> chw")
            .node(": Cast chw -> f", integer("to", 1))
            .node(": Cast f -> i", integer("to", 7))
            .node(": Concat n, rest -> t", integer("axis", 0))
            .node(": Reshape x, t -> flat")
            .node(": Concat n, i -> back", integer("axis", 0))
            .node(": Reshape flat, back -> y")
            .read(folder)
            .network();
    assertThat(network.nodes()).hasSize(2);
    assertThat(network.constants().values())
        .extracting(Tensor::data)
        .containsExactly(new float[] {0, -1}, new float[] {0, 2, 3, 4});
    refused(
        new Models(13)
            .input("x", -1, 2, 3, -2)
            .output("y")
            .node(": Shape x -> s")
            .numbers("order", 3, 2, 1, 0)
            .node(": Gather s, order -> t")
            .node("r: Reshape x, t -> y"),
        "Reshape with a target shape [M, 3, 2, N] of more than one free size (once: r)");
  }

  @Test
  void constantsAreFoldedAndSharedNotCopied() throws Exception {
    Network network =
        Models.conv(13)
            .numbers("s", 4, 2, 3, 3)
            .node(": Identity w -> w1")
            .node(": Reshape w1, s -> w2")
            .node(": Mul w2, w2 -> w3")
            .node("c: Conv x, w1 -> a")
            .node("d: Conv x, w -> b")
            .node("e: Conv x, w3 -> e")
            .node(": Add a, b -> ab")
            .node(": Add ab, e -> y")
            .read(folder)
            .network();
    assertThat(network.constants().keySet()).containsExactly("w", "w3");
    assertThat(network.requireConstant("w3").data()[3]).isEqualTo(0.25f);
    assertThat(network.nodes()).hasSize(5);
    assertThat(network.readers("w")).isEqualTo(2);
  }

  @Test
  void outputsMayBeInputsOrConstants() throws Exception {
    Network network =
        Models.conv(13)
            .node(": Identity x -> y")
            .node(": Identity w -> v")
            .output("v", "w")
            .read(folder)
            .network();
    var outputs = new FloatEvaluator(network).evaluate(Map.of("x", Tensor.zeros(1, 2, 6, 6)));
    assertThat(outputs.keySet()).containsExactly("y", "v", "w");
    assertThat(outputs.get("v")).isEqualTo(outputs.get("w"));
    refused(Models.conv(13).node(": Shape x -> y"), "output of whole numbers (once: y)");
  }

  @Test
  void otherTypesBecomeFloat32OrAreRefusedByName() throws Exception {
    float[] want = {0.5f, -2f, 65504f};
    ByteBuffer half = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer brain = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
    TensorProto.Builder wide =
        TensorProto.newBuilder().setDataType(TensorProto.DataType.DOUBLE_VALUE);
    TensorProto.Builder typedHalf =
        TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT16_VALUE);
    for (float value : want) {
      half.putShort(Float.floatToFloat16(value));
      brain.putShort((short) (Float.floatToRawIntBits(value) >> 16));
      wide.addDoubleData(value);
      typedHalf.addInt32Data(Float.floatToFloat16(value) & 0xffff);
    }
    TensorProto.Builder rawHalf =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.FLOAT16_VALUE)
            .setRawData(ByteString.copyFrom(half.flip()));
    TensorProto.Builder rawBrain =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.BFLOAT16_VALUE)
            .setRawData(ByteString.copyFrom(brain.flip()));
    for (TensorProto.Builder tensor : List.of(wide, typedHalf, rawHalf, rawBrain)) {
      Network network =
          new Models(13)
              .input("x", 3)
              .output("y")
              .tensor(tensor.setName("c").clearDims().addDims(3))
              .node(": Add x, c -> y")
              .read(folder)
              .network();
      float[] read = network.requireConstant("c").data();
      float last = tensor == rawBrain ? 65280f : want[2];
      assertThat(read).containsExactly(want[0], want[1], last);
    }
    refused(
        new Models(13)
            .input("x", 1)
            .output("y")
            .tensor(
                TensorProto.newBuilder()
                    .setName("c")
                    .setDataType(TensorProto.DataType.DOUBLE_VALUE)
                    .addDims(1)
                    .addDoubleData(1e300))
            .node(": Add x, c -> y"),
        "tensor c holds the double 1.0E300, which is too large for float32");
    refused(
        new Models(13)
            .input("x", 1)
            .output("y")
            .tensor(
                TensorProto.newBuilder()
                    .setName("c")
                    .setDataType(TensorProto.DataType.UINT8_VALUE)
                    .addDims(1)
                    .addInt32Data(1))
            .node(": Add x, c -> y"),
        "tensor of type UINT8 (once: c)");
    refused(
        new Models(13).input("x", TensorProto.DataType.INT64, 1).output("y").node(": Relu x -> y"),
        "input of type INT64 (once: x)");
    OnnxReader.Result half32 =
        new Models(13)
            .input("x", TensorProto.DataType.FLOAT16, 1)
            .output("y")
            .node(": Relu x -> y")
            .read(folder);
    assertThat(half32.warnings()).singleElement().asString().contains("Input x is of type FLOAT16");
  }

  @Test
  void freeSizesStayFree() throws Exception {
    Network network =
        new Models(13)
            .input("x", -1, 3, -1, -1)
            .output("y")
            .node(": Relu x -> y")
            .read(folder)
            .network();
    assertThat(network.inputs().getFirst().shape()).containsExactly(-1, 3, -1, -1);
  }
}
