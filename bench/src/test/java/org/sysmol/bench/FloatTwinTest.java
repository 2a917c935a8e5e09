package org.sysmol.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.ScalarEngine;

/** The float twin of a packed network answers as the packed network does, but for rounding. */
class FloatTwinTest {
  @ParameterizedTest
  @CsvSource({"resnet20, 0.98", "mobilenetv2, 0.75"})
  void answersAlike(String name, double least) {
    PackedNetwork packed = Subject.ofZoo(name, new ChannelMix(0, 0, 100), 2).packed();
    Network twin = FloatTwin.of(packed);
    float[] picture = SmoothPictures.normalised(packed.preprocessing(), 1, 7).getFirst();
    int side = packed.image().height();
    Tensor scores =
        new FloatEvaluator(twin)
            .evaluate(Map.of("image", Tensor.of(picture, 1, 3, side, side)))
            .get("scores");
    try (SmolNetwork network =
        SmolNetwork.of(packed, new EngineChoice(new ScalarEngine(), List.of()))) {
      float[] integers = network.newSession().run(picture);
      assertThat(Correlation.of(integers, scores.data())).isGreaterThan(least);
    }
  }
}
