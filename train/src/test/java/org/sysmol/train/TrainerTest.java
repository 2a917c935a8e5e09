package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

/** Whole runs on tiny networks. */
class TrainerTest {
  @TempDir Path folder;

  /** Stops a run after so many epochs. */
  static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static TrainingListener stopAfter(int epochs) {
    int[] left = {epochs};
    return new TrainingListener() {
      @Override
      public void step(double loss, double imagesPerSecond, double bits) {
        // In the first step of the next epoch: what it did is lost.
        if (left[0] == 0) {
          throw new Stop();
        }
      }

      @Override
      public void epoch(EpochRecord epoch) {
        left[0]--;
      }
    };
  }

  @Test
  void aRunThatIsCutOffAnywhereEndsInTheSameBits() {
    TinyTraining tiny = TinyTraining.residual(64);
    TrainingRecipe recipe = TinyTraining.recipe().withAverage(true);
    List<Integer> expected = TinyTraining.bits(tiny.run(recipe, null, TrainingListener.NONE));
    int epochs = 2 + (3 + 2) + 3 + 2;
    for (int cut = 0; cut < epochs; cut++) {
      Path checkpoint = folder.resolve("cut" + cut);
      int at = cut;
      assertThatThrownBy(() -> tiny.run(recipe, checkpoint, stopAfter(at)))
          .isInstanceOf(Stop.class);
      TrainingResult resumed = tiny.run(recipe, checkpoint, TrainingListener.NONE);
      assertThat(TinyTraining.bits(resumed)).as("cut after epoch %d", cut).isEqualTo(expected);
    }
    // A finished run is not done again.
    List<EpochRecord> again = new ArrayList<>();
    tiny.run(
        recipe,
        folder.resolve("cut3"),
        new TrainingListener() {
          @Override
          public void epoch(EpochRecord epoch) {
            again.add(epoch);
          }
        });
    assertThat(again).isEmpty();
  }

  @Test
  void everyEpochKeepsItsTimeThroughACut() {
    TinyTraining tiny = TinyTraining.residual(64);
    Path checkpoint = folder.resolve("checkpoint");
    List<EpochRecord> first = new ArrayList<>();
    TrainingListener stop = stopAfter(3);
    assertThatThrownBy(
            () ->
                tiny.run(
                    TinyTraining.recipe(),
                    checkpoint,
                    new TrainingListener() {
                      @Override
                      public void step(double loss, double imagesPerSecond, double bits) {
                        stop.step(loss, imagesPerSecond, bits);
                      }

                      @Override
                      public void epoch(EpochRecord epoch) {
                        stop.epoch(epoch);
                        first.add(epoch);
                      }
                    }))
        .isInstanceOf(Stop.class);
    List<EpochRecord> log =
        tiny.run(TinyTraining.recipe(), checkpoint, TrainingListener.NONE).log();
    assertThat(log.stream().limit(3).map(EpochRecord::seconds))
        .containsExactlyElementsOf(first.stream().map(EpochRecord::seconds).toList());
    assertThat(log)
        .allSatisfy(
            e -> {
              // Three full batches of twenty.
              assertThat(e.images()).isEqualTo(60);
              assertThat(e.seconds()).isPositive();
              assertThat(e.imagesPerSecond()).isEqualTo(60 / e.seconds());
            });
  }

  @Test
  void aCheckpointWithoutTimesIsStillRead() {
    EpochRecord epoch =
        new EpochRecord(Phase.NOISE, 2, 0.5, 75, 70, 3.5, new double[] {3, 4}, 9, 1.5);
    var checkpoint = new org.sysmol.core.file.Checkpoint();
    EpochLog.write(List.of(epoch), checkpoint);
    var older = new org.sysmol.core.file.Checkpoint().put("log", checkpoint.doubles("log"));
    assertThat(EpochLog.read(checkpoint))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(epoch);
    EpochRecord read = EpochLog.read(older).getFirst();
    assertThat(read.loss()).isEqualTo(0.5);
    assertThat(read.bitsByGroup()).containsExactly(3, 4);
    assertThat(read.seconds()).isNaN();
    assertThat(read.imagesPerSecond()).isNaN();
    assertThat(read.heldOut()).isNaN();
  }

  @Test
  void anotherSeedGivesOtherBits() {
    TinyTraining tiny = TinyTraining.depthwise(40);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(1, 1, 1);
    List<Integer> one = TinyTraining.bits(tiny.run(recipe, null, TrainingListener.NONE));
    assertThat(TinyTraining.bits(tiny.run(recipe.withSeed(4), null, TrainingListener.NONE)))
        .isNotEqualTo(one);
  }

  @Test
  void learnsAndKeepsTheBudget() {
    TinyTraining tiny = TinyTraining.residual(200);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(12, 6, 6);
    TrainingResult result = tiny.run(recipe, null, TrainingListener.NONE);
    TrainedNetwork trained = result.trained();
    var assigner = new PrecisionAssigner(trained.plan(), patterns("FREE"), "budget", 2.6);
    assertThat(assigner.bits(trained.quantisers().precision())).isLessThanOrEqualTo(2.6);
    double full = Trainer.accuracy(result.full(), tiny.images(), tiny.preprocessing());
    double quantised =
        100 * new QuantisedEvaluation(trained).accuracy(tiny.images(), tiny.preprocessing());
    assertThat(full).isGreaterThan(90);
    assertThat(quantised).isGreaterThan(80);
    // The search came down to the budget by its own control.
    EpochRecord last =
        result.log().stream().filter(r -> r.phase() == Phase.NOISE).toList().getLast();
    assertThat(last.bits()).isBetween(2.2, 3.0);
  }

  @Test
  void storedFunctionsAndProductsLearn() {
    TinyTraining tiny = TinyTraining.excited(200);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(12, 6, 6);
    TrainingResult result = tiny.run(recipe, null, TrainingListener.NONE);
    double full = Trainer.accuracy(result.full(), tiny.images(), tiny.preprocessing());
    double quantised =
        100
            * new QuantisedEvaluation(result.trained())
                .accuracy(tiny.images(), tiny.preprocessing());
    assertThat(full).isGreaterThan(90);
    assertThat(quantised).isGreaterThan(80);
  }

  private static org.sysmol.core.pattern.Packing patterns(String name) {
    return org.sysmol.core.pattern.Packing.parse(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "depthwise"})
  void deadChannelsStayFinite(String kind) {
    TinyTraining tiny =
        kind.equals("residual") ? TinyTraining.residual(40) : TinyTraining.depthwise(40);
    for (String name : List.of("a1.w", "a2.w", "expand.w", "deep.w", "project.w")) {
      tiny.network()
          .constant(name)
          .ifPresent(t -> Arrays.fill(t.data(), 0, t.data().length / t.extent(0), 0f));
    }
    tiny.network().constant("stem.bn.scale").ifPresent(t -> Arrays.fill(t.data(), 0f));
    tiny.network().constant("stem.bn.bias").ifPresent(t -> Arrays.fill(t.data(), -1f));
    TrainingRecipe recipe =
        TinyTraining.recipe().withEpochs(1, 1, 1).withRates(0.005, 0.002, 0.002);
    TrainedNetwork trained = tiny.run(recipe, null, TrainingListener.NONE).trained();
    Quantisers q = trained.quantisers();
    for (InputGroup group : trained.plan().groups()) {
      if (group.searched()) {
        assertThat(q.alpha()[group.id()]).isPositive().isFinite();
      }
    }
    for (float[] delta : q.delta()) {
      for (float d : delta) {
        assertThat(d).isPositive().isFinite();
      }
    }
    float[] image = new float[trained.plan().image().size()];
    for (float result : new QuantisedEvaluation(trained).results(image, 1)) {
      assertThat(result).isFinite();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChannelThatIsDeadThroughAllPhasesHarmsNothing(boolean equalised) {
    TinyTraining tiny = TinyTraining.residual(60);
    // Far below a ReLU: no gradient ever wakes it, whatever the noise.
    tiny.network().requireConstant("a1.bn.scale").data()[2] = 0f;
    tiny.network().requireConstant("a1.bn.bias").data()[2] = -100f;
    TrainingRecipe recipe =
        TinyTraining.recipe().withEpochs(3, 3, 3).withAverage(true).withEqualisation(equalised);
    TrainingResult result = tiny.run(recipe, null, TrainingListener.NONE);
    TrainedNetwork trained = result.trained();
    assertThat(result.log()).hasSize(3 + 6 + 3 + 3);
    assertThat(result.log()).allSatisfy(e -> assertThat(e.loss()).isFinite());
    for (var network : List.of(result.full(), result.control(), trained.network())) {
      assertThat(network.requireConstant("a1.bn.bias").data()[2]).isLessThan(-1);
      network
          .constants()
          .forEach((name, t) -> assertThat(t.data()).as(name).doesNotContain(Float.NaN));
    }
    stepsArePositive(trained);
    for (float[] continuous : trained.quantisers().continuous()) {
      for (float p : continuous) {
        assertThat(p).isBetween(1f, 16f);
      }
    }
    float[] scores =
        new QuantisedEvaluation(trained).results(new float[trained.plan().image().size()], 1);
    assertThat(scores).doesNotContain(Float.NaN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "depthwise", "excited"})
  void stepsAreStillPositiveAfterTraining(String kind) {
    TinyTraining tiny =
        switch (kind) {
          case "depthwise" -> TinyTraining.depthwise(60);
          case "excited" -> TinyTraining.excited(60);
          default -> TinyTraining.residual(60);
        };
    // A rate at which weights move by far more than a step.
    TrainingRecipe recipe =
        TinyTraining.recipe().withEpochs(1, 2, 6).withRates(0.05, 0.05, 0.3).withControl(false);
    stepsArePositive(tiny.run(recipe, null, TrainingListener.NONE).trained());
  }

  /** Normal numbers, not only positive ones: their inverses must be finite. */
  private static void stepsArePositive(TrainedNetwork trained) {
    Quantisers q = trained.quantisers();
    for (var value : trained.plan().values()) {
      if (value.eightBit()) {
        assertThat(q.valueStep()[value.id()]).isGreaterThanOrEqualTo(Float.MIN_NORMAL).isFinite();
      }
    }
    for (InputGroup group : trained.plan().groups()) {
      if (group.searched()) {
        assertThat(q.alpha()[group.id()]).isGreaterThanOrEqualTo(Float.MIN_NORMAL).isFinite();
      }
    }
    for (float[] delta : q.delta()) {
      for (float d : delta) {
        assertThat(d).isGreaterThanOrEqualTo(Float.MIN_NORMAL).isFinite();
      }
    }
  }

  @Test
  void aBatchOfOneTrains() {
    TinyTraining tiny = TinyTraining.residual(1);
    TrainingRecipe recipe =
        TinyTraining.recipe().withEpochs(1, 1, 1).withRates(0.005, 0.002, 0.002);
    TrainedNetwork trained = tiny.run(recipe, null, TrainingListener.NONE).trained();
    for (var constant : trained.network().constants().values()) {
      for (float value : constant.data()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void aLossThatIsNotFiniteIsNamed() throws Exception {
    TinyTraining tiny = TinyTraining.residual(40);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), checkpoint, stopAfter(1)))
        .isInstanceOf(Stop.class);
    byte[] before = Files.readAllBytes(checkpoint);
    TrainingListener poison =
        new TrainingListener() {
          @Override
          public void phase(Phase phase, long steps, long done) {
            if (phase == Phase.NOISE) {
              throw new Stop();
            }
          }
        };
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), checkpoint, poison))
        .isInstanceOf(Stop.class);
    assertThat(Files.readAllBytes(checkpoint)).isNotEqualTo(before);

    TinyTraining broken = TinyTraining.residual(40);
    broken.network().requireFinite();
    broken.network().requireConstant("a2.w").data()[5] = Float.NaN;
    assertThatThrownBy(() -> broken.network().requireFinite())
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("Tensor a2.w of network ");
    Path other = folder.resolve("other");
    assertThatThrownBy(() -> broken.run(TinyTraining.recipe(), other, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Training stopped in step 1 of phase full precision: layer a2 is not finite;"
                + " nothing was learned yet, so look at the weights the training started from, and"
                + " at --mean and --std.");
    assertThat(other).doesNotExist();
  }

  @Test
  void aRateThatIsTooHighLeavesTheLastCheckpointWhole() {
    TinyTraining tiny = TinyTraining.residual(40);
    TrainingRecipe wild = TinyTraining.recipe().withRates(0.05, 0.02, 1e30);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() -> tiny.run(wild, checkpoint, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("Training stopped in step ")
        .hasMessageContaining(" of phase baseline trained on: ")
        .hasMessageEndingWith(
            " is not finite; lower the learning rate and start again, the last checkpoint is"
                + " whole.");
    assertThat(org.sysmol.core.file.CheckpointFile.read(checkpoint).fact("FULL/epochs"))
        .isEqualTo("2");
  }

  @Test
  void anImpossibleBudgetIsRefusedBeforeTraining() {
    TinyTraining tiny = TinyTraining.residual(40);
    assertThatThrownBy(
            () ->
                tiny.run(
                    TinyTraining.recipe().with(0.9, "P4", "budget"),
                    null,
                    new TrainingListener() {
                      @Override
                      public void phase(Phase phase, long steps, long done) {
                        throw new Stop();
                      }
                    }))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("the smallest possible is");
  }

  @Test
  void memoryStaysFlat() {
    // About 3 MB of activations a step: a leak of a tenth of them would show at once.
    TinyTraining tiny = TinyTraining.residual(400);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(6, 6, 6);
    List<Long> bytes = new ArrayList<>();
    tiny.run(
        recipe,
        null,
        new TrainingListener() {
          @Override
          public void epoch(EpochRecord epoch) {
            bytes.add(Pointer.physicalBytes());
          }
        });
    assertThat(bytes.getLast() - bytes.get(3)).isLessThan(96L << 20);
  }
}
