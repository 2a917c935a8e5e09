package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

class OnnxWriterTest {
  @TempDir Path folder;

  @Test
  void onnxRuntimeComputesTheSameFromWhatIsWritten() throws Exception {
    var random = new Random(11);
    var kinds = new TreeSet<String>();
    for (int round = 0; round < 250; round++) {
      Network network = RandomNetworks.convolutional(random);
      network.nodes().forEach(node -> kinds.add(node.operator().kind()));
      byte[] bytes = OnnxWriter.bytes(network);
      for (int batch : new int[] {1, 3}) {
        Tensor input = RandomNetworks.input(network, batch, random);
        String output = network.outputs().getFirst();
        Tensor want = new FloatEvaluator(network).evaluate(Map.of("x", input)).get(output);
        Tensor got = OnnxRuntimeRunner.run(bytes, Map.of("x", input)).get(output);
        assertClose("round " + round + " " + network.nodes(), want, got);
      }
    }
    assertThat(kinds)
        .contains(
            "Add",
            "AveragePool",
            "BatchNormalization",
            "Clip",
            "Concat",
            "Conv",
            "ConvTranspose",
            "Div",
            "Flatten",
            "Gemm",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "HardSigmoid",
            "HardSwish",
            "InstanceNormalization",
            "MatMul",
            "MaxPool",
            "Mul",
            "Pad",
            "ReduceMean",
            "Relu",
            "Reshape",
            "Resize",
            "Sigmoid",
            "Softmax",
            "Squeeze",
            "Sub",
            "Transpose");
  }

  /** Within 1e-5 of the largest value: sums in float32 cancel, so a small value says little. */
  private static void assertClose(String what, Tensor want, Tensor got) {
    assertThat(got.shape()).as(what).isEqualTo(want.shape());
    double largest = 1;
    for (float value : want.data()) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int cell = 0; cell < want.data().length; cell++) {
      assertThat((double) got.data()[cell])
          .as(what + " value " + cell)
          .isCloseTo(want.data()[cell], org.assertj.core.api.Assertions.within(1e-5 * largest));
    }
  }

  @Test
  void whatIsWrittenReadsBackTheSame() throws Exception {
    var random = new Random(12);
    Path file = folder.resolve("network.onnx");
    for (int round = 0; round < 100; round++) {
      Network network = RandomNetworks.convolutional(random);
      OnnxWriter.write(network, file);
      OnnxReader.Result read = OnnxReader.read(file);
      assertThat(read.warnings()).isEmpty();
      assertThat(read.network().inputs().getFirst().shape())
          .isEqualTo(network.inputs().getFirst().shape());
      Tensor input = RandomNetworks.input(network, 2, random);
      assertThat(new FloatEvaluator(read.network()).evaluate(Map.of("x", input)))
          .isEqualTo(new FloatEvaluator(network).evaluate(Map.of("x", input)));
    }
  }

  @Test
  void theSameNetworkGivesTheSameBytes() {
    byte[] first = OnnxWriter.bytes(RandomNetworks.convolutional(new Random(13)));
    assertThat(OnnxWriter.bytes(RandomNetworks.convolutional(new Random(13)))).isEqualTo(first);
  }

  private static Network single(Operator operator, int[] shape) {
    return new Network(
        "single",
        List.of(new Network.Input("x", shape)),
        List.of(new Node("n", operator, List.of("x"), List.of("y"))),
        List.of("y"),
        Map.of());
  }

  @Test
  void operatorsThatChangeTheirFormAreWrittenRight() throws Exception {
    var random = new Random(14);
    Tensor input =
        RandomNetworks.input(single(new Operator.Relu(), new int[] {-1, 3, 4, 5}), 2, random);
    var pool =
        new Operator.AveragePool(
            new int[] {3, 2},
            new int[] {2, 2},
            new int[] {1, 1},
            new Padding(Padding.Mode.EXPLICIT, new int[] {1, 0, 1, 1}),
            true,
            true);
    for (Operator operator :
        List.of(
            new Operator.Softmax(1, true),
            new Operator.Softmax(2, true),
            new Operator.Softmax(-1, false),
            new Operator.Softmax(1, false),
            new Operator.Unsqueeze(new int[] {0, 3}),
            new Operator.ReduceMean(new int[] {-1, 1}, true),
            new Operator.ReduceMean(new int[0], false),
            new Operator.Flatten(0),
            new Operator.Flatten(-1),
            new Operator.Flatten(4),
            new Operator.Transpose(new int[] {3, 1, 0, 2}),
            new Operator.Slice(
                new int[] {-1, 1},
                new int[] {-1, 1},
                new int[] {Integer.MIN_VALUE, 9},
                new int[] {-2, 1}),
            new Operator.Pad(Operator.PadMode.REFLECT, new int[] {0, 0, 2, 1, 0, 0, 1, 3}, 0),
            new Operator.Pad(Operator.PadMode.EDGE, new int[] {0, 1, 2, 1, 0, 0, 1, 3}, 0),
            new Operator.Pad(Operator.PadMode.CONSTANT, new int[] {0, 0, -1, 1, 0, 0, 2, -2}, 7),
            new Operator.Identity(),
            new Operator.Tanh(),
            new Operator.Erf(),
            new Operator.Softplus(),
            new Operator.LeakyRelu(0.2f),
            new Operator.Elu(0.6f),
            new Operator.Clip(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
            new Operator.Resize(
                Operator.ResizeMode.LINEAR,
                Operator.ResizeCoordinates.ALIGN_CORNERS,
                Operator.ResizeRounding.FLOOR,
                new float[0],
                new int[] {2, 3, 7, 3}),
            pool)) {
      Network network = single(operator, new int[] {-1, 3, 4, 5});
      Tensor want = new FloatEvaluator(network).evaluate(Map.of("x", input)).get("y");
      byte[] bytes = OnnxWriter.bytes(network);
      assertClose(
          operator.toString(), want, OnnxRuntimeRunner.run(bytes, Map.of("x", input)).get("y"));
      Path file = folder.resolve("single.onnx");
      Files.write(file, bytes);
      if (operator instanceof Operator.Resize) {
        continue; // Sizes fix the batch, so the copy is not free; the warning is tested elsewhere.
      }
      assertThat(
              new FloatEvaluator(OnnxReader.read(file).network())
                  .evaluate(Map.of("x", input))
                  .get("y"))
          .as(operator.toString())
          .isEqualTo(want);
    }
  }

  @Test
  void whatOpset17CantSayIsRefused() {
    var dilated =
        new Operator.AveragePool(
            new int[] {2, 2}, new int[] {1, 1}, new int[] {2, 2}, Padding.none(2), false, false);
    assertThatThrownBy(() -> OnnxWriter.bytes(single(dilated, new int[] {-1, 3, 4, 5})))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("Node n can't be written as ONNX: it is a dilated average");
  }

  @Test
  void nothingIsLeftHalfWritten() throws Exception {
    Network network = RandomNetworks.convolutional(new Random(15));
    Path occupied = Files.createDirectories(folder.resolve("occupied/inside")).getParent();
    assertThatThrownBy(() -> OnnxWriter.write(network, occupied))
        .isInstanceOfSatisfying(
            SysmolException.class, e -> assertThat(e.kind()).isEqualTo(SysmolException.Kind.FAILED))
        .hasMessageContaining("occupied can't be written");
    assertThatThrownBy(() -> OnnxWriter.write(network, folder.resolve("absent/a.onnx")))
        .isInstanceOf(SysmolException.class);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(occupied);
    }
    Path file = folder.resolve("a.onnx");
    Files.writeString(file, "old");
    OnnxWriter.write(network, file);
    assertThat(Files.readAllBytes(file)).isEqualTo(OnnxWriter.bytes(network));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(occupied, file);
    }
  }
}
