package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.data.Partition;

/** Training that is watched by images that it never sees. */
class HeldOutTest {
  private static final TinyTraining TINY = TinyTraining.residual(80);
  private static final Partition PARTS = Partition.of(TINY.images(), 0.25);

  @TempDir Path folder;

  /** Stops a run. */
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Counts epochs, hears which were chosen, and stops in the first step after so many. */
  private static final class Ears implements TrainingListener {
    final Map<Phase, Integer> chosen = new EnumMap<>(Phase.class);
    final List<EpochRecord> epochs = new ArrayList<>();
    private final int stopAfter;

    Ears(int stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public void step(double loss, double imagesPerSecond, double bits) {
      if (epochs.size() == stopAfter) {
        throw new Stop();
      }
    }

    @Override
    public void epoch(EpochRecord epoch) {
      epochs.add(epoch);
    }

    @Override
    public void chosen(Phase phase, int epoch) {
      chosen.put(phase, epoch);
    }
  }

  private static TrainingResult run(
      TrainingRecipe recipe, int patience, @Nullable Path checkpoint, TrainingListener listener) {
    return run(recipe, new HeldOut(PARTS.heldOut(), patience, null), checkpoint, listener);
  }

  private static TrainingResult run(
      TrainingRecipe recipe, HeldOut held, @Nullable Path checkpoint, TrainingListener listener) {
    return Trainer.train(
        TINY.network(), PARTS.training(), TINY.preprocessing(), recipe, held, checkpoint, listener);
  }

  private static double accuracy(Network network) {
    return Trainer.accuracy(network, PARTS.heldOut(), TINY.preprocessing());
  }

  private static double quantised(TrainingResult result) {
    return 100
        * new QuantisedEvaluation(result.trained()).accuracy(PARTS.heldOut(), TINY.preprocessing());
  }

  private static List<EpochRecord> of(TrainingResult result, Phase phase) {
    return result.log().stream().filter(e -> e.phase() == phase).toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsMeasuredIsWhatThePhaseEndsWith(boolean average) {
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(3, 2, 3).withAverage(average);
    TrainingResult result = run(recipe, 0, null, TrainingListener.NONE);
    assertThat(of(result, Phase.FULL).getLast().heldOut()).isEqualTo(accuracy(result.full()));
    assertThat(of(result, Phase.CONTROL).getLast().heldOut()).isEqualTo(accuracy(result.control()));
    assertThat(of(result, Phase.QUANTISED).getLast().heldOut()).isEqualTo(quantised(result));
    assertThat(of(result, Phase.NOISE)).allSatisfy(e -> assertThat(e.heldOut()).isNaN());
  }

  @Test
  void watchingChangesNoBitOfTraining() {
    TrainingRecipe recipe = TinyTraining.recipe().withAverage(true);
    TrainingResult watched = run(recipe, 0, null, TrainingListener.NONE);
    TrainingResult alone =
        Trainer.train(
            TINY.network(),
            PARTS.training(),
            TINY.preprocessing(),
            recipe,
            null,
            TrainingListener.NONE);
    TrainingResult deaf =
        new TrainingResult(
            watched.full(),
            watched.control(),
            watched.trained(),
            watched.bits(),
            watched.log().stream().map(e -> e.withHeldOut(Double.NaN)).toList());
    assertThat(TinyTraining.bits(deaf)).isEqualTo(TinyTraining.bits(alone));
  }

  @Test
  void theBestEpochIsKeptAndTheSearchGoesToItsEnd() {
    // A rate at which accuracy swings.
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(9, 4, 9).withRates(0.2, 0.02, 0.2);
    Ears ears = new Ears(-1);
    TrainingResult result = run(recipe, 2, null, ears);
    assertThat(of(result, Phase.NOISE)).hasSize(4);
    double[] ends = {accuracy(result.full()), accuracy(result.control()), quantised(result)};
    int checked = 0;
    boolean early = false;
    for (Phase phase : List.of(Phase.FULL, Phase.CONTROL, Phase.QUANTISED)) {
      List<EpochRecord> epochs = of(result, phase);
      EpochRecord best =
          epochs.stream()
              .max(
                  Comparator.comparingDouble(EpochRecord::heldOut)
                      .thenComparing(EpochRecord::epoch, Comparator.reverseOrder()))
              .orElseThrow();
      assertThat(ears.chosen).containsEntry(phase, best.epoch());
      assertThat(ends[checked++]).as(phase.title()).isEqualTo(best.heldOut());
      int limit = phase == Phase.CONTROL ? 13 : 9;
      assertThat(epochs).hasSizeLessThanOrEqualTo(limit);
      assertThat(epochs.size() == limit || epochs.size() - best.epoch() == 2).isTrue();
      early |= epochs.size() < limit;
    }
    assertThat(early).as("some phase ended early").isTrue();
  }

  @Test
  void aPatientRunThatIsCutOffAnywhereEndsInTheSameBits() {
    TrainingRecipe recipe =
        TinyTraining.recipe().withEpochs(4, 2, 4).withRates(0.2, 0.02, 0.2).withAverage(true);
    TrainingResult whole = run(recipe, 1, null, TrainingListener.NONE);
    int epochs = whole.log().size();
    assertThat(epochs).as("some phase ended early").isLessThan(4 + 6 + 2 + 4);
    for (int cut = 0; cut < epochs; cut++) {
      Path checkpoint = folder.resolve("cut" + cut);
      int at = cut;
      assertThatThrownBy(() -> run(recipe, 1, checkpoint, new Ears(at))).isInstanceOf(Stop.class);
      TrainingResult resumed = run(recipe, 1, checkpoint, TrainingListener.NONE);
      assertThat(TinyTraining.bits(resumed))
          .as("cut after epoch %d", cut)
          .isEqualTo(TinyTraining.bits(whole));
    }
    Ears again = new Ears(-1);
    run(recipe, 1, folder.resolve("cut1"), again);
    assertThat(again.epochs).as("a phase that ended early is done").isEmpty();
  }

  @Test
  void aGreatestDropBecomesABudgetAndResumesExactly() {
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(3, 1, 1);
    List<double[]> tried = new ArrayList<>();
    TrainingListener ears =
        new TrainingListener() {
          @Override
          public void estimated(double bits, double drop) {
            tried.add(new double[] {bits, drop});
          }
        };
    HeldOut held = new HeldOut(PARTS.heldOut(), 1, 15.0);
    TrainingResult whole = run(recipe, held, null, ears);
    assertThat(tried).hasSizeBetween(4, 7);
    double fits =
        tried.stream().filter(t -> t[1] <= 15).mapToDouble(t -> t[0]).min().orElse(Double.NaN);
    double most = tried.stream().mapToDouble(t -> t[0]).max().orElseThrow();
    assertThat(Double.isNaN(fits) ? whole.bits() > most : whole.bits() == fits).isTrue();
    PrecisionAssigner assigner =
        PrecisionAssigner.of(TrainingStages.plan(TINY.network(), TINY.preprocessing()), recipe);
    assertThat(whole.bits()).isBetween(assigner.least(), assigner.most());
    assertThat(assigner.bits(whole.trained().quantisers().precision()))
        .isLessThanOrEqualTo(whole.bits());
    for (int cut = 0; cut < whole.log().size(); cut++) {
      Path checkpoint = folder.resolve("drop" + cut);
      int at = cut;
      assertThatThrownBy(() -> run(recipe, held, checkpoint, new Ears(at)))
          .isInstanceOf(Stop.class);
      TrainingResult resumed = run(recipe, held, checkpoint, TrainingListener.NONE);
      assertThat(TinyTraining.bits(resumed)).isEqualTo(TinyTraining.bits(whole));
      assertThat(resumed.bits()).isEqualTo(whole.bits());
    }
    // What was estimated is not estimated again.
    tried.clear();
    run(recipe, held, folder.resolve("drop0"), ears);
    assertThat(tried).isEmpty();
    HeldOut generous = new HeldOut(PARTS.heldOut(), 0, 100.0);
    assertThat(run(recipe, generous, null, TrainingListener.NONE).bits())
        .isEqualTo(Math.min(8, assigner.least()));
    assertThatThrownBy(
            () -> run(recipe.with(2, "P4", "paper"), generous, null, TrainingListener.NONE))
        .hasMessage(
            "A greatest drop is turned into a budget of assigned bits, which the rule paper does"
                + " not have; take the rule budget.");
  }

  @Test
  void memoryStaysFlat() {
    List<Long> bytes = new ArrayList<>();
    run(
        TinyTraining.recipe().withEpochs(15, 1, 15).withControl(false),
        20,
        null,
        new TrainingListener() {
          @Override
          public void epoch(EpochRecord epoch) {
            bytes.add(Pointer.physicalBytes());
          }
        });
    assertThat(bytes.getLast() - bytes.get(3)).isLessThan(96L << 20);
  }

  @Test
  void patienceNeedsSomethingToLookAt() {
    assertThatThrownBy(() -> new HeldOut(null, 1, null))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Patience looks at images that training never sees, and there are none; hold some"
                + " out.");
    assertThatThrownBy(() -> new HeldOut(PARTS.heldOut(), -1, null))
        .isInstanceOf(SysmolException.class)
        .hasMessage("A patience of -1 epochs makes no sense; give a number of at least 0.");
  }
}
