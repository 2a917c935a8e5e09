package org.sysmol.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.bench.synthetic.SyntheticQuantisation;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;
import org.sysmol.onnx.BatchNormFolding;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.onnx.QuantisedOnnxWriter;
import org.sysmol.onnx.ValueRange;
import org.sysmol.train.zoo.NetworkZoo;

/** ONNX Runtime runs our quantised files with its integer kernels and answers as in floats. */
class QuantisedPeerTest {
  @TempDir private static Path folder;

  @ParameterizedTest
  @CsvSource({"resnet20, 21, 9, 0.99", "mobilenetv2, 52, 10, 0.9"})
  void everyLayerIsFused(String name, int convolutions, int sums, double least)
      throws IOException, OrtException {
    SyntheticQuantisation synthetic = SyntheticQuantisation.of(NetworkZoo.create(name, 3), 3);
    Network folded = BatchNormFolding.fold(synthetic.network());
    List<float[]> pictures =
        SmoothPictures.normalised(SyntheticQuantisation.preprocessing(folded), 3, 8);
    int[] declared = folded.inputs().getFirst().shape();
    long[] shape = {1, 3, declared[2], declared[3]};
    Map<String, ValueRange> ranges = RangeCalibrator.ranges(folded, shape, pictures);
    Path floats = folder.resolve(name + ".onnx");
    Path bytes = folder.resolve(name + "-int8.onnx");
    OnnxWriter.write(synthetic.network(), floats);
    QuantisedOnnxWriter.write(folded, ranges, bytes);

    Map<String, Integer> kinds = kindsAfterOptimisation(bytes);
    assertThat(kinds).as("%s", kinds).containsEntry("QLinearConv", convolutions);
    assertThat(kinds).containsEntry("QLinearAdd", sums).containsEntry("QGemm", 1);
    assertThat(kinds)
        .containsEntry("QLinearGlobalAveragePool", 1)
        .containsEntry("QuantizeLinear", 1);
    assertThat(kinds).doesNotContainKeys("Conv", "Gemm", "Add", "Relu", "Clip", "DequantizeLinear");

    float[] picture = pictures.getLast();
    try (OnnxRuntimePeer exact = new OnnxRuntimePeer(floats, shape, 1);
        OnnxRuntimePeer quantised = new OnnxRuntimePeer(bytes, shape, 1)) {
      assertThat(Correlation.of(exact.run(picture), quantised.run(picture))).isGreaterThan(least);
    }
  }

  @Test
  void foldingKeepsTheFunction() {
    Network network = SyntheticQuantisation.of(NetworkZoo.create("resnet20", 3), 3).network();
    Network folded = BatchNormFolding.fold(network);
    assertThat(folded.nodes())
        .hasSize(network.nodes().size() - 21)
        .noneMatch(node -> node.operator() instanceof Operator.BatchNormalization);
    assertThat(folded.constants().keySet()).noneMatch(name -> name.contains("norm"));
    Tensor picture =
        Tensor.of(
            SmoothPictures.normalised(SyntheticQuantisation.preprocessing(network), 1, 8)
                .getFirst(),
            1,
            3,
            32,
            32);
    float[] before =
        new FloatEvaluator(network).evaluate(Map.of("image", picture)).get("scores").data();
    float[] after =
        new FloatEvaluator(folded).evaluate(Map.of("image", picture)).get("scores").data();
    assertThat(after).containsExactly(before, Offset.offset(1e-3f));
  }

  @Test
  void rangesAlwaysHoldZero() {
    assertThat(new ValueRange(2, 10).zeroPoint()).isEqualTo(0);
    assertThat(new ValueRange(2, 10).scale()).isEqualTo(10 / 255f);
    assertThat(new ValueRange(-10, -2).zeroPoint()).isEqualTo(255);
    assertThat(new ValueRange(-1, 1).zeroPoint()).isBetween(127, 128);
    assertThat(new ValueRange(0, 0).scale()).isEqualTo(1f);
    assertThat(ValueRange.of(new float[] {3, -2, 1}).with(new ValueRange(0, 5)))
        .isEqualTo(new ValueRange(-2, 5));
  }

  private static Map<String, Integer> kindsAfterOptimisation(Path file)
      throws IOException, OrtException {
    Path optimised = folder.resolve("optimised.onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
      options.setOptimizedModelFilePath(optimised.toString());
      OrtEnvironment.getEnvironment().createSession(file.toString(), options).close();
    }
    Map<String, Integer> kinds = new TreeMap<>();
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(optimised));
    for (NodeProto node : model.getGraph().getNodeList()) {
      kinds.merge(node.getOpType(), 1, Integer::sum);
    }
    return kinds;
  }
}
