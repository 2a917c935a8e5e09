package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Tensor;

/** Channels that move, spelled as exporters spell it: read, and equal to ONNX Runtime. */
class RearrangedModelsTest {
  @TempDir Path folder;

  /** {@code F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2))} of a residual network's shortcut. */
  @Test
  void shortcutsOfOptionA() throws Exception {
    Models model =
        new Models(13)
            .input("x", -1, 3, 8, 8)
            .weights("w", 4, 3, 3, 3)
            .weights("v", 8, 4, 3, 3)
            .numbers("zero", 0)
            .numbers("two", 2)
            .numbers("axis2", 2)
            .numbers("axis3", 3)
            .numbers("end", Long.MAX_VALUE)
            .numbers("front", -1)
            .numbers("least", Long.MIN_VALUE)
            .numbers("minus", -1)
            .numbers("pairs", -1, 2)
            .numbers("given", 0, 0, 0, 0, 2, 2)
            .numbers("missing", 2)
            .node("c1: Conv x, w -> a", Models.integers("pads", 1, 1, 1, 1))
            .node("r1: Relu a -> y")
            .node("c2: Conv y, v -> b", Models.integers("pads", 1, 1, 1, 1), strides())
            .node("s1: Slice y, zero, end, axis2, two -> s1")
            .node("s2: Slice s1, zero, end, axis3, two -> s2")
            .node("f: ConstantOfShape missing -> f", zeros())
            .node("g: Concat given, f -> g", Models.integer("axis", 0))
            .node("h: Reshape g, pairs -> h")
            .node("i: Slice h, front, least, zero, minus -> i")
            .node("j: Transpose i -> j", Models.integers("perm", 1, 0))
            .node("k: Reshape j, minus -> k")
            .node("l: Cast k -> l", Models.integer("to", 7))
            .node("p: Pad s2, l -> p", Models.text("mode", "constant"))
            .node("add: Add b, p -> z")
            .output("z");
    assertRuntimeAgrees(model, 3, 8, 8);
    Network network = model.read(folder).network();
    Map<String, Integer> kinds = new TreeMap<>();
    network.nodes().forEach(node -> kinds.merge(node.operator().kind(), 1, Integer::sum));
    assertThat(kinds).isEqualTo(Map.of("Add", 1, "Conv", 2, "Pad", 1, "Relu", 1, "Slice", 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 13, 18})
  void splits(int opset) throws Exception {
    Models model = new Models(opset).input("x", -1, 5, 4, 4);
    switch (opset) {
      case 11 ->
          model.node(
              "s: Split x -> a, b", Models.integer("axis", 1), Models.integers("split", 2, 3));
      case 13 ->
          model.numbers("parts", 2, 3).node("s: Split x, parts -> a, b", Models.integer("axis", 1));
      default ->
          model.node(
              "s: Split x -> b, a", Models.integer("axis", -3), Models.integer("num_outputs", 2));
    }
    model.node("c: Concat b, a -> y", Models.integer("axis", 1)).output("y");
    assertRuntimeAgrees(model, 5, 4, 4);
  }

  @Test
  void splitsThatSayTwoThingsAreRefused() {
    Models both =
        new Models(18)
            .input("x", -1, 5, 4, 4)
            .numbers("parts", 2, 3)
            .node(
                "s: Split x, parts -> a, b",
                Models.integer("axis", 1),
                Models.integer("num_outputs", 2));
    Models three =
        new Models(18)
            .input("x", -1, 6, 4, 4)
            .node(
                "s: Split x -> a, b", Models.integer("axis", 1), Models.integer("num_outputs", 3));
    Models uneven =
        new Models(13)
            .input("x", -1, 5, 4, 4)
            .node("s: Split x -> a, b", Models.integer("axis", 1));
    Map<Models, String> wrong =
        Map.of(
            both, "has both num_outputs and the sizes of its parts",
            three, "has num_outputs 3 and 2 outputs",
            uneven, "cuts an axis of 5 into 2 equal parts");
    wrong.forEach(
        (model, why) ->
            assertThatThrownBy(
                    () ->
                        model
                            .node("c: Concat b, a -> y", Models.integer("axis", 1))
                            .output("y")
                            .read(folder))
                .isInstanceOf(SysmolException.class)
                .hasMessageContaining("s (Split)")
                .hasMessageContaining(why));
  }

  @Test
  void aSlopeOfNothingIsRefused() {
    Models model =
        new Models(20)
            .input("x", -1, 3, 4, 4)
            .weights("slope", 0)
            .node("p: PRelu x, slope -> y")
            .output("y");
    assertThatThrownBy(() -> model.read(folder))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("has no slope");
  }

  @Test
  void halvesTakenOutOfAReshapedMap() throws Exception {
    TensorProto.Builder scalar =
        TensorProto.newBuilder()
            .setName("i")
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addInt64Data(1);
    Models model =
        new Models(13)
            .input("x", -1, 6, 2, 3)
            .numbers("shape", 0, 2, 3, 2, 3)
            .numbers("odd", 0, 2)
            .tensor(scalar)
            .node("r: Reshape x, shape -> r")
            .node("g: Gather r, i -> h", Models.integer("axis", 1))
            .node("o: Gather x, odd -> o", Models.integer("axis", 1))
            .node("c: Concat h, o -> y", Models.integer("axis", 1))
            .output("y");
    assertRuntimeAgrees(model, 6, 2, 3);
  }

  @Test
  void functions() throws Exception {
    Models model =
        new Models(20)
            .input("x", -1, 3, 4, 4)
            .weights("slope", 1, 1)
            .node("p: PRelu x, slope -> p")
            .node("g: Gelu p -> g")
            .node("t: Gelu x -> t", Models.text("approximate", "tanh"))
            .node("a: Add g, t -> y")
            .output("y");
    assertRuntimeAgrees(model, 3, 4, 4);
    Models channels =
        new Models(20)
            .input("x", -1, 3, 4, 4)
            .weights("slope", 3, 1, 1)
            .node("p: PRelu x, slope -> y")
            .output("y");
    assertThatThrownBy(() -> channels.read(folder))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("PRelu with a slope of its own for each channel (once: p)");
  }

  private void assertRuntimeAgrees(Models model, int channels, int height, int width)
      throws Exception {
    Random random = new Random(3);
    Tensor input = Tensor.zeros(2, channels, height, width);
    for (int i = 0; i < input.data().length; i++) {
      input.data()[i] = (float) random.nextGaussian();
    }
    Network network = model.read(folder).network();
    String output = network.outputs().getFirst();
    Tensor got = new FloatEvaluator(network).evaluate(Map.of("x", input)).get(output);
    Tensor want =
        OnnxRuntimeRunner.run(model.model().build().toByteArray(), Map.of("x", input)).get(output);
    float largest = 0;
    for (float value : want.data()) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(got.shape()).isEqualTo(want.shape());
    assertThat(got.data()).containsExactly(want.data(), within(1e-4f * largest));
  }

  private static AttributeProto strides() {
    return Models.integers("strides", 2, 2);
  }

  /** Whole numbers, as PyTorch fills them. */
  private static AttributeProto zeros() {
    return AttributeProto.newBuilder()
        .setName("value")
        .setType(AttributeType.TENSOR)
        .setT(
            TensorProto.newBuilder()
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(1)
                .addInt64Data(0))
        .build();
  }
}
