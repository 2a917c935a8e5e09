package org.sysmol.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;

/**
 * What the file says of a packed network; that it gives the reference's bits is tested on random
 * networks beside the engines.
 */
class PackedOnnxWriterTest {
  private static final Window ONE = new Window(1, 1, 1, 1, 1, 1, 0, 0, 1, 1);

  private static PackedTensor tensor(String name, int channels, int side, Encoding encoding) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      order[c] = c;
    }
    return new PackedTensor(name, channels, side, side, order, encoding);
  }

  private static Step.Convolution convolution(
      int input, byte[] precision, boolean signed, int[] codes, float scale, float offset, int to) {
    PackedWeights weights = PackedWeights.pack(1, 1, precision, 1, codes);
    return new Step.Convolution(
        "layer" + to,
        input,
        ONE,
        1,
        weights,
        new Affine(new float[] {scale}, new float[] {offset}),
        -1,
        Clamp.RELU,
        BoundsCalculator.of("layer" + to, weights, signed),
        to);
  }

  private static PackedNetwork network(List<PackedTensor> tensors, List<Step> steps) {
    PackedTensor image = tensors.getFirst();
    float[] ones = new float[image.channels()];
    Arrays.fill(ones, 1f);
    PackedNetwork network =
        new PackedNetwork(
            "net",
            "FREE",
            "budget",
            tensors,
            steps,
            List.of(),
            new Preprocessing(
                image.channels(),
                image.height(),
                image.width(),
                new Resize.None(),
                new float[image.channels()],
                ones),
            List.of(),
            new Provenance(Map.of()),
            List.of());
    NetworkCheck.check(network);
    return network;
  }

  /** The worked numbers of docs/arithmetic.md §13 without the shortcut, and a channel of 0. */
  @Test
  void everyOperationOfAnEpilogueIsANode() throws InvalidProtocolBufferException, OrtException {
    byte[] precision = {4, 1, 1};
    PackedNetwork network =
        network(
            List.of(
                tensor("image", 3, 1, new Encoding.Eight(1 / 64f, true)),
                tensor("codes", 3, 1, new Encoding.Mixed(precision, 1f, false)),
                tensor("scores", 1, 1, new Encoding.Real())),
            List.of(
                new Step.QuantiseImage("image", -1, 0),
                new Step.Requantise("codes", 0, null, Clamp.RELU, null, 1),
                convolution(1, precision, false, new int[] {-5, 1, 1}, 0.015625f, 0.25f, 2)));
    byte[] file = PackedOnnxWriter.bytes(network);
    List<String> kinds = new ArrayList<>();
    for (NodeProto node : ModelProto.parseFrom(file).getGraph().getNodeList()) {
      kinds.add(node.getOpType());
    }
    assertThat(kinds)
        .containsExactly(
            // The image: units, limits, rounding, bytes.
            "Mul",
            "Clip",
            "Round",
            "Cast",
            // Codes of each channel's precision.
            "Cast",
            "Mul",
            "Relu",
            "Mul",
            "Max",
            "Min",
            "Round",
            "Cast",
            // The sum as an integer, then S, B and a ReLU that never gives -0.
            "Cast",
            "Conv",
            "Cast",
            "Cast",
            "Mul",
            "Add",
            "Less",
            "Where",
            "Greater",
            "Where",
            "Flatten");
    Map<String, Tensor> result =
        OnnxRuntimeRunner.run(
            file, Map.of("image", Tensor.of(new float[] {1.9f, 1.2f, 0f}, 1, 3, 1, 1)));
    assertThat(result.get("scores").data()).containsExactly(0.625f);
  }

  @Test
  void windowsTooLargeForExactSumsAreRefused() {
    int side = 257;
    Window whole = new Window(side, side, 1, 1, 1, 1, 0, 0, 1, 1);
    float[] factor = new float[side * side];
    Arrays.fill(factor, 1f / (side * side));
    PackedNetwork network =
        network(
            List.of(
                tensor("image", 1, side, new Encoding.Eight(1f, true)),
                tensor("mean", 1, 1, new Encoding.Eight(1f, true)),
                tensor("scores", 1, 1, new Encoding.Real())),
            List.of(
                new Step.QuantiseImage("image", -1, 0),
                new Step.AveragePool("mean", 0, whole, false, 0, 0, factor, 1),
                convolution(1, new byte[] {8}, true, new int[] {3}, 1f, 0f, 2)));
    assertThatThrownBy(() -> PackedOnnxWriter.bytes(network))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("Pool mean sums 66049 cells")
        .extracting(e -> ((SysmolException) e).exitCode())
        .isEqualTo(2);
  }
}
