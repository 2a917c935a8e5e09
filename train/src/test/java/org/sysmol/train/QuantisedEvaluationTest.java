package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.TrainedNetwork;

/** docs/arithmetic.md in libtorch equals the same in loops, bit for bit. */
class QuantisedEvaluationTest {
  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,5", "4,33"})
  void residualBlocks(long seed, int batch) {
    Network network = NetworkSketch.residual(seed);
    assertEqual(RandomTraining.of(network, 3, 11, 9, seed + 100), batch, seed);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,5", "4,33"})
  void depthwiseBlocks(long seed, int batch) {
    Network network = NetworkSketch.depthwise(seed);
    assertEqual(RandomTraining.of(network, 1, 10, 13, seed + 100), batch, seed);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,5", "4,33"})
  void tablesAndProducts(long seed, int batch) {
    Network network = NetworkSketch.excited(seed);
    assertEqual(RandomTraining.of(network, 3, 9, 8, seed + 100), batch, seed);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,5", "4,33"})
  void rearrangements(long seed, int batch) {
    Network network = NetworkSketch.rearranged(seed);
    assertEqual(RandomTraining.of(network, 3, 9, 8, seed + 100), batch, seed);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 65})
  void extremesOfTheSum(int channels) {
    // All weights and activations at their largest: the bounds are attained.
    NetworkSketch s = new NetworkSketch(7, 1, 4, 5);
    String x = s.conv("image", "stem", 1, channels, 1, 1, 1, 0, 0, 0, 0);
    x = s.node("relu", new org.sysmol.core.network.Operator.Relu(), x);
    x = s.conv(x, "mid", channels, 3, 3, 1, 1, 1, 1, 1, 1);
    x = s.node("flat", new org.sysmol.core.network.Operator.Flatten(1), x);
    Network network = s.build(s.linear(x, "fc", 60, 2));
    for (String name : new String[] {"stem.w", "mid.w", "fc.w"}) {
      Arrays.fill(network.requireConstant(name).data(), name.equals("fc.w") ? -50f : 50f);
    }
    TrainedNetwork trained = RandomTraining.of(network, 1, 4, 5, channels);
    float[] image = new float[20];
    Arrays.fill(image, 1e6f);
    assertEqual(trained, image, 1);
    Arrays.fill(image, -1e6f);
    assertEqual(trained, image, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aPlantedMistakeShows(int layer) {
    TrainedNetwork trained = RandomTraining.of(NetworkSketch.residual(5), 3, 11, 9, 50);
    float[] images = images(trained, 4, 5);
    String weight = trained.plan().convolutions().get(layer + 1).weight();
    var evaluation = new QuantisedEvaluation(trained);
    int[] before =
        evaluation.run(images, 4).codes().stream().flatMapToInt(Arrays::stream).toArray();
    float[] data = trained.network().requireConstant(weight).data();
    data[3] = data[3] < 0 ? 9f : -9f;
    evaluation = new QuantisedEvaluation(trained);
    int[] after = evaluation.run(images, 4).codes().stream().flatMapToInt(Arrays::stream).toArray();
    assertThat(Arrays.equals(after, before)).isFalse();
  }

  private static float[] images(TrainedNetwork trained, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] images = new float[batch * trained.plan().image().size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private static void assertEqual(TrainedNetwork trained, int batch, long seed) {
    assertEqual(trained, images(trained, batch, seed), batch);
  }

  private static void assertEqual(TrainedNetwork trained, float[] images, int batch) {
    var evaluation = new QuantisedEvaluation(trained).run(images, batch);
    int size = images.length / batch;
    for (int n = 0; n < batch; n++) {
      var plain =
          new PlainEvaluation(trained, Arrays.copyOfRange(images, n * size, (n + 1) * size));
      for (Value value : trained.plan().values()) {
        if (value.kind() != Value.Kind.REAL) {
          assertThat(part(evaluation.codes().get(value.id()), n, value.size()))
              .as("%s of image %d", value, n)
              .isEqualTo(plain.codes[value.id()]);
        }
      }
      int results = plain.result.length;
      assertThat(Arrays.copyOfRange(evaluation.results(), n * results, (n + 1) * results))
          .isEqualTo(plain.result);
    }
  }

  private static int[] part(int[] all, int n, int size) {
    return Arrays.copyOfRange(all, n * size, (n + 1) * size);
  }
}
