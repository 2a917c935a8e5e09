package org.sysmol.bench.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.bench.Bench;
import org.sysmol.bench.Correlation;
import org.sysmol.bench.RangeCalibrator;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.bench.synthetic.SyntheticQuantisation;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;
import org.sysmol.onnx.BatchNormFolding;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.onnx.ValueRange;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.train.zoo.NetworkZoo;

/** oneDNN in its child process answers as the float evaluator does, in floats and in eight bits. */
class OneDnnPeerTest {
  @TempDir private static Path folder;

  @ParameterizedTest
  @CsvSource({"resnet20, 0.99", "mobilenetv2, 0.9"})
  void answersLikeTheEvaluator(String name, double least) {
    Network network = SyntheticQuantisation.of(NetworkZoo.create(name, 3), 3).network();
    Network folded = BatchNormFolding.fold(network);
    int side = network.inputs().getFirst().shape()[2];
    long[] shape = {1, 3, side, side};
    List<float[]> pictures =
        SmoothPictures.normalised(SyntheticQuantisation.preprocessing(network), 2, 8);
    Map<String, ValueRange> ranges = RangeCalibrator.ranges(folded, shape, pictures);
    float[] expected =
        new FloatEvaluator(network)
            .evaluate(Map.of("image", Tensor.of(pictures.get(1), 1, 3, side, side)))
            .get("scores")
            .data();
    try (OneDnnPeer floats = open(folded, Optional.empty(), shape, pictures, Optional.empty())) {
      assertThat(floats.scores(1)).containsExactly(expected, Offset.offset(2e-3f));
      // Running again must not find anything changed.
      assertThat(floats.scores(1)).isEqualTo(floats.scores(1));
      assertThat(floats.scores(0)).isNotEqualTo(floats.scores(1));
      long[] nanoseconds = new long[3];
      floats.time(pictures, 1, nanoseconds);
      assertThat(nanoseconds).doesNotContain(0L);
    }
    for (CpuClass cpuClass : CpuClass.values()) {
      if (cpuClass == CpuClass.BASELINE || !CpuFeatures.detect().supports(cpuClass)) {
        continue;
      }
      try (OneDnnPeer bytes =
          open(folded, Optional.of(ranges), shape, pictures, Optional.of(cpuClass))) {
        assertThat(Correlation.of(expected, bytes.scores(1)))
            .as("%s on %s", name, cpuClass)
            .isGreaterThan(least);
        assertThat(bytes.scores(1)).isEqualTo(bytes.scores(1));
        assertThat(bytes.instructions())
            .isEqualTo(OneDnnPeer.cap(cpuClass).toLowerCase(Locale.ROOT));
        List<Bench.Layer> layers = bytes.layers();
        assertThat(layers).anyMatch(layer -> layer.name().equals("classifier"));
        assertThat(layers).as("%s", layers).noneMatch(layer -> layer.kernel().startsWith("ref"));
        // The image is brought in once; nothing else needs another layout.
        assertThat(layers.stream().filter(layer -> layer.name().contains("reorder")).count())
            .as("%s", layers)
            .isLessThanOrEqualTo(2);
      }
    }
  }

  private static OneDnnPeer open(
      Network folded,
      Optional<Map<String, ValueRange>> ranges,
      long[] shape,
      List<float[]> pictures,
      Optional<CpuClass> isa) {
    return new OneDnnPeer(folder, folded, ranges, shape, pictures, isa, 1);
  }

  @Test
  void whatItCannotRunIsSaidByName() {
    Network network = NetworkZoo.create("resnet20", 3);
    List<Node> nodes = new java.util.ArrayList<>(network.nodes());
    nodes.add(1, new Node("odd", new Operator.Relu(), List.of("image"), List.of("odd/out")));
    Node stem = nodes.get(0);
    nodes.set(0, new Node("odd", new Operator.Relu(), List.of("image"), List.of("odd/out")));
    nodes.set(
        1,
        new Node(
            stem.name(),
            stem.operator(),
            List.of("odd/out", stem.inputs().get(1)),
            stem.outputs()));
    Network odd =
        BatchNormFolding.fold(
            new Network("odd", network.inputs(), nodes, network.outputs(), network.constants()));
    long[] shape = {1, 3, 32, 32};
    assertThatThrownBy(
            () -> open(odd, Optional.empty(), shape, List.of(new float[3072]), Optional.empty()))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("node stem of network odd");
  }
}
