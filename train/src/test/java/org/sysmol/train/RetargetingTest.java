package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.trained.FoldedLayer;
import org.sysmol.core.trained.TrainedNetwork;

/** Other patterns for a trained network; a first answer without training; phases that end early. */
class RetargetingTest {
  private static final TinyTraining TINY = TinyTraining.residual(120);
  private static final TrainingRecipe RECIPE = TinyTraining.recipe().withEpochs(8, 4, 4);

  private static TrainingResult result;

  @TempDir Path folder;

  @BeforeAll
  static void train() {
    result = TINY.run(RECIPE, null, TrainingListener.NONE);
  }

  private static Retargeting.Result to(String patterns, double bits, int epochs) {
    return Retargeting.run(
        result.trained(),
        TINY.images(),
        RECIPE.with(bits, patterns, "budget").withEpochs(0, 1, epochs),
        null,
        TrainingListener.NONE);
  }

  @Test
  void theSamePatternsChangeNothing() {
    Retargeting.Result same = to("FREE", 2.6, 0);
    assertThat(same.changed()).isZero();
    assertThat(same.after()).isEqualTo(same.before()).isEqualTo(same.tuned());
    for (int i = 0; i < result.trained().plan().convolutions().size(); i++) {
      assertThat(FoldedLayer.of(same.trained(), i).codes())
          .isEqualTo(FoldedLayer.of(result.trained(), i).codes());
    }
  }

  @Test
  void changedChannelsAreQuantisedAnewAndTuningHelps() {
    Retargeting.Result raw = to("U2", 8, 0);
    int[][] precision = raw.trained().quantisers().precision();
    int changed = 0;
    int searched = 0;
    for (InputGroup group : raw.trained().plan().groups()) {
      if (group.searched()) {
        for (int c = 0; c < precision[group.id()].length; c++) {
          assertThat(precision[group.id()][c]).isEqualTo(2);
          searched++;
          changed += result.trained().quantisers().precision()[group.id()][c] == 2 ? 0 : 1;
        }
      }
    }
    assertThat(raw.changed()).isEqualTo(changed).isPositive();
    assertThat(raw.channels()).isEqualTo(searched);
    assertThat(raw.after()).isNotEqualTo(raw.before()).isFinite();
    assertThat(raw.trained().network().constants())
        .as("float weights are kept")
        .containsAllEntriesOf(result.trained().network().constants());
    Retargeting.Result tuned = to("U2", 8, 6);
    assertThat(tuned.before()).isEqualTo(raw.before());
    assertThat(tuned.after()).isEqualTo(raw.after());
    assertThat(tuned.tuned()).isLessThan(tuned.after());
    assertThat(tuned.log()).hasSize(6);
  }

  @Test
  void aTuningThatIsCutOffEndsInTheSameBits() {
    TrainingRecipe recipe = RECIPE.with(8, "U4", "budget").withEpochs(0, 1, 2);
    Path checkpoint = folder.resolve("retarget.ckpt");
    List<Integer> epochs = new ArrayList<>();
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void kept(List<EpochRecord> log) {
            throw new IllegalStateException("stop after " + log.size());
          }
        };
    assertThatThrownBy(
            () -> Retargeting.run(result.trained(), TINY.images(), recipe, checkpoint, stop))
        .hasMessage("stop after 1");
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void epoch(EpochRecord epoch) {
            epochs.add(epoch.epoch());
          }
        };
    Retargeting.Result resumed =
        Retargeting.run(result.trained(), TINY.images(), recipe, checkpoint, counting);
    assertThat(epochs).containsExactly(2);
    Retargeting.Result whole =
        Retargeting.run(result.trained(), TINY.images(), recipe, null, TrainingListener.NONE);
    assertThat(resumed.tuned()).isEqualTo(whole.tuned());
    assertThat(resumed.trained().quantisers().alpha())
        .isEqualTo(whole.trained().quantisers().alpha());
  }

  @Test
  void budgetsAreKeptOrNamed() {
    assertThat(Retargeting.budget(result.trained(), "P4", "budget")).isBetween(2.0, 2.6);
    double least = Retargeting.budget(result.trained(), "U4", "budget");
    assertThat(least).isGreaterThan(4);
    assertThat(to("U4", least, 0).changed()).isPositive();
    assertThatThrownBy(() -> to("U4", 2.0, 0))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("the smallest possible is");
  }

  @Test
  void calibrationAloneIsBetterThanChanceAndKeepsTheBudget() {
    TrainedNetwork calibrated =
        Trainer.calibrate(
            result.full(), TINY.images(), TINY.preprocessing(), RECIPE.with(3.5, "P4", "budget"));
    var assigner = new PrecisionAssigner(calibrated.plan(), Packing.parse("P4"), "budget", 3.5);
    assertThat(assigner.bits(calibrated.quantisers().precision())).isBetween(3.0, 3.5);
    double accuracy =
        100 * new QuantisedEvaluation(calibrated).accuracy(TINY.images(), TINY.preprocessing());
    assertThat(accuracy).isGreaterThan(60);
    for (float[] wishes : calibrated.quantisers().continuous()) {
      for (float wish : wishes) {
        assertThat(wish).isBetween(1f, 16f);
      }
    }
  }
}
