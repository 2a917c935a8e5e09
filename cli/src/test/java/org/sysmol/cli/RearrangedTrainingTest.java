package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.network.Network;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.data.MemoryImageSet;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.train.Phase;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingListener;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;

/** The contract of docs/arithmetic.md after training, for a network that moves its channels. */
class RearrangedTrainingTest {
  private final SplittableRandom random = new SplittableRandom(42);

  @Test
  void rearrangementsTrainThroughAllPhasesAndGiveTheSameIntegers() {
    int count = 40;
    byte[] pixels = new byte[count * ContractTest.SIZE * ContractTest.SIZE];
    int[] labels = new int[count];
    for (int i = 0; i < pixels.length; i++) {
      // Dark ones and bright ones.
      int label = i / (ContractTest.SIZE * ContractTest.SIZE) % 2;
      labels[i / (ContractTest.SIZE * ContractTest.SIZE)] = label;
      pixels[i] = (byte) (random.nextInt(128) + 100 * label);
    }
    ImageSet images =
        new MemoryImageSet(
            "dark or bright",
            1,
            ContractTest.SIZE,
            ContractTest.SIZE,
            pixels,
            labels,
            List.of("a", "b"));
    Network network = new ContractTest().rearrangedNetwork();
    float[] one = {0.5f};
    float[] quarter = {0.25f};
    Preprocessing preprocessing =
        new Preprocessing(1, ContractTest.SIZE, ContractTest.SIZE, new Resize.None(), one, quarter);
    TrainingRecipe recipe =
        TrainingRecipe.demo(1, 1)
            .with(3, "P4", "budget")
            .withEpochs(2, 3, 3)
            .withBatch(10)
            .withRates(0.02, 0.02, 0.02)
            .withAugmentation(0, false);
    Set<Phase> phases = EnumSet.noneOf(Phase.class);
    TrainingResult result =
        Trainer.train(network, images, preprocessing, recipe, null, TrainingListener.NONE);
    result.log().forEach(e -> phases.add(e.phase()));
    assertThat(phases).containsExactlyInAnyOrder(Phase.values());
    TrainedNetwork trained = result.trained();
    assertThat(trained.network().constant("narrow.weight")).isPresent();
    assertThat(trained.network().requireConstant("narrow.weight").data())
        .isNotEqualTo(network.requireConstant("narrow.weight").data());
    PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(trained));
    assertThat(packed.steps()).anyMatch(step -> step instanceof Step.Gather);
    EngineComparison.Outcome outcome =
        EngineComparison.run(trained, packed, EngineComparison.engines(), images, count);
    assertThat(outcome.firstDifference()).isEmpty();
    assertThat(outcome.mismatches()).isZero();
  }
}
