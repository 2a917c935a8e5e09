package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;

/** Phases that runs share, on tiny networks. */
class SharedTrainingTest {
  @TempDir Path folder;

  private TinyTraining tiny = TinyTraining.residual(64);
  private final List<Phase> epochs = new ArrayList<>();

  private SharedTraining shared() {
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epoch(EpochRecord epoch) {
            epochs.add(epoch.phase());
          }
        };
    return new SharedTraining(
        tiny.network(), tiny.images(), tiny.preprocessing(), folder, listener);
  }

  private TrainingResult run(TrainingRecipe recipe) {
    SharedTraining shared = shared();
    var full = shared.full(recipe);
    var control = shared.control(recipe, full.result());
    var searched = shared.search(recipe, full.result());
    int[][] precision = shared.assign(recipe, searched.result());
    var trained = shared.fineTune(recipe, searched.result(), precision, control.result());
    List<EpochRecord> log = new ArrayList<>();
    for (var done : List.of(full, control, searched, trained)) {
      log.addAll(done.log());
      assertThat(done.seconds()).isPositive();
    }
    return new TrainingResult(
        full.result(), control.result(), trained.result(), recipe.bits(), log);
  }

  @Test
  void partsGiveTheBitsOfTheWhole() {
    TrainingRecipe recipe = TinyTraining.recipe();
    List<Integer> whole = TinyTraining.bits(tiny.run(recipe, null, TrainingListener.NONE));
    assertThat(TinyTraining.bits(run(recipe))).isEqualTo(whole);
    int all = epochs.size();
    assertThat(all).isEqualTo(2 + (3 + 2) + 3 + 2);
    assertThat(TinyTraining.bits(run(recipe))).isEqualTo(whole);
    assertThat(epochs).as("what is there is read").hasSize(all);
  }

  @Test
  void onlyWhatAPhaseDependsOnIsTrainedAgain() {
    TrainingRecipe recipe = TinyTraining.recipe();
    run(recipe);
    epochs.clear();
    run(recipe.with(recipe.bits(), "P45", "budget"));
    assertThat(epochs).as("the same precisions under another name").isEmpty();
    run(recipe.with(recipe.bits(), "U2", "paper"));
    assertThat(epochs).as("other precisions").containsOnly(Phase.QUANTISED).hasSize(2);
    epochs.clear();
    run(recipe.with(3.0, "FREE", "budget"));
    assertThat(epochs).as("another budget").containsOnly(Phase.NOISE, Phase.QUANTISED).hasSize(5);
    epochs.clear();
    run(recipe.withLayerDelta(true));
    assertThat(epochs).as("other deltas").containsOnly(Phase.NOISE, Phase.QUANTISED).hasSize(5);
    epochs.clear();
    run(recipe.withFixedSteps(true));
    assertThat(epochs).as("fixed steps").containsOnly(Phase.QUANTISED).hasSize(2);
    epochs.clear();
    run(recipe.withConstantRate(true));
    assertThat(epochs).as("another course").containsOnly(Phase.CONTROL, Phase.QUANTISED);
    epochs.clear();
    run(recipe.withSeed(9));
    assertThat(epochs).as("another seed").hasSize(12);
  }

  @Test
  void bfloat16IsOfTheSearchAndTheFineTuningAlone() {
    assumeTrue(Bfloat16.here(), "this processor has no bfloat16");
    tiny = TinyTraining.even(64);
    TrainingRecipe recipe = TinyTraining.recipe();
    List<Integer> plain = TinyTraining.bits(run(recipe));
    epochs.clear();
    TrainingRecipe rounded = recipe.withBfloat16(true);
    List<Integer> shared = TinyTraining.bits(run(rounded));
    assertThat(epochs).as("trained anew").containsOnly(Phase.NOISE, Phase.QUANTISED).hasSize(5);
    assertThat(shared).isNotEqualTo(plain);
    assertThat(TinyTraining.bits(tiny.run(rounded, null, TrainingListener.NONE))).isEqualTo(shared);
  }

  @Test
  void bfloat16IsRefusedForLayersThatWouldBeSlow() {
    assumeTrue(Bfloat16.here(), "this processor has no bfloat16");
    TrainingRecipe recipe = TinyTraining.recipe().withBfloat16(true);
    assertThatThrownBy(() -> tiny.run(recipe, null, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Convolutions in bfloat16 are for networks of one group, no dilation and even padding;"
                + " layer b1 is not so. Train without --bf16.");
  }

  @Test
  void randomPrecisionsKeepTheirCounts() {
    Plan plan = shared().plan();
    int[][] precision = new int[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      precision[group.id()] = new int[plan.value(group).channels()];
      for (int c = 0; c < precision[group.id()].length; c++) {
        precision[group.id()][c] =
            group.searched() ? 1 << (c * 3 / precision[group.id()].length) : 8;
      }
    }
    int[][] channels = RandomPrecisions.amongChannels(plan, precision, 1);
    int[][] layers = RandomPrecisions.amongLayers(plan, precision, 1);
    boolean moved = false;
    for (int g = 0; g < precision.length; g++) {
      assertThat(sorted(channels[g])).isEqualTo(sorted(precision[g]));
      moved |= !Arrays.equals(channels[g], precision[g]);
      int difference = Arrays.stream(layers[g]).sum() - Arrays.stream(precision[g]).sum();
      assertThat(Math.abs(difference)).isLessThanOrEqualTo(4);
    }
    assertThat(moved).isTrue();
    assertThat(RandomPrecisions.amongLayers(plan, precision, 1)).isDeepEqualTo(layers);
  }

  private static int[] sorted(int[] values) {
    int[] copy = values.clone();
    Arrays.sort(copy);
    return copy;
  }
}
