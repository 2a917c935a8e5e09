package org.sysmol.bench.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.onnx.FloatEvaluator;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.train.zoo.NetworkZoo;

/** Networks without training behave like trained ones where it matters for their time. */
class SyntheticQuantisationTest {
  private static final Network NETWORK = NetworkZoo.create("resnet20", 4);
  private static final SyntheticQuantisation QUANTISATION = SyntheticQuantisation.of(NETWORK, 4);

  @Test
  void batchNormalisationsNormaliseWhatTheyWereCalibratedOn() {
    Preprocessing preprocessing = SyntheticQuantisation.preprocessing(NETWORK);
    List<float[]> pictures = SmoothPictures.normalised(preprocessing, 16, 4);
    Tensor batch = Tensor.zeros(16, 3, 32, 32);
    for (int i = 0; i < 16; i++) {
      System.arraycopy(pictures.get(i), 0, batch.data(), i * 3072, 3072);
    }
    Map<String, Tensor> values =
        new FloatEvaluator(QUANTISATION.network()).evaluateAll(Map.of("image", batch));
    int norms = 0;
    for (Node node : QUANTISATION.network().nodes()) {
      if (node.operator() instanceof Operator.BatchNormalization) {
        float[] data = values.get(node.output()).data();
        double mean = 0;
        double square = 0;
        for (float v : data) {
          mean += v / (double) data.length;
          square += v * (double) v / data.length;
        }
        assertThat(mean).as(node.name()).isCloseTo(0, within(1e-4));
        assertThat(square).as(node.name()).isCloseTo(1, within(1e-2));
        norms++;
      }
    }
    assertThat(norms).isEqualTo(21);
  }

  @Test
  void codesAreSpreadAndNeverAllZero() {
    PackedNetwork packed =
        NetworkCompiler.compile(QUANTISATION.quantise(new ChannelMix(50, 30, 20), 1));
    float[] picture = SmoothPictures.normalised(packed.preprocessing(), 1, 99).getFirst();
    try (SmolNetwork network =
        SmolNetwork.of(packed, new EngineChoice(new ScalarEngine(), List.of()))) {
      SmolNetwork.Session session = network.newSession();
      session.run(picture);
      for (int t = 0; t < packed.tensors().size(); t++) {
        Encoding encoding = packed.tensors().get(t).encoding();
        if (encoding instanceof Encoding.Real) {
          continue;
        }
        byte[] codes = session.tensors().codes(t);
        int zeros = 0;
        for (byte code : codes) {
          zeros += code == 0 ? 1 : 0;
        }
        assertThat((double) zeros / codes.length).as(packed.tensors().get(t).name()).isLessThan(.8);
      }
    }
  }

  @Test
  void bitsAreThoseAskedFor() {
    for (double bits : new double[] {1, 1.2, 2, 3.3, 4}) {
      NetworkSize size =
          NetworkSize.of(
              NetworkCompiler.compile(QUANTISATION.quantise(ChannelMix.ofBits(bits), 1)));
      assertThat(size.bitsSearchedByMacs()).isCloseTo(bits, within(0.01));
    }
  }

  @Test
  void picturesAreSmoothAndSeeded() {
    Preprocessing preprocessing = SyntheticQuantisation.preprocessing(NETWORK);
    float[] one = SmoothPictures.normalised(preprocessing, 1, 5).getFirst();
    assertThat(SmoothPictures.normalised(preprocessing, 1, 5).getFirst()).isEqualTo(one);
    assertThat(SmoothPictures.normalised(preprocessing, 1, 6).getFirst()).isNotEqualTo(one);
    // Neighbours are alike, pixels far apart are not.
    double near = 0;
    double far = 0;
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 16; x++) {
        near += Math.pow(one[y * 32 + x] - one[y * 32 + x + 1], 2);
        far += Math.pow(one[y * 32 + x] - one[y * 32 + x + 16], 2);
      }
    }
    assertThat(near).isLessThan(far / 3);
    assertThat(Set.of(one[0], one[500], one[1000])).hasSizeGreaterThan(1);
  }
}
