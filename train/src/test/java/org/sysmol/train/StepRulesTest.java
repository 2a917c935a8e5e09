package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Quantisers;

/** Which steps there are, and what of them is learned. */
class StepRulesTest {
  private final TinyTraining tiny = TinyTraining.residual(80);

  private Quantisers trained(TrainingRecipe recipe) {
    return tiny.run(recipe, null, TrainingListener.NONE).trained().quantisers();
  }

  @Test
  void aLayerHasOneDeltaWhereThatIsAsked() {
    TrainingRecipe recipe = TinyTraining.recipe();
    var provenance = tiny.run(recipe.withLayerDelta(true), null, TrainingListener.NONE).trained();
    assertThat(RecordedRecipe.of(provenance.provenance()).layerDelta(false)).isTrue();
    assertThat(RecordedRecipe.of(provenance.provenance()).fixedSteps(true)).isTrue();
    int several = 0;
    for (float[] outputs : trained(recipe.withLayerDelta(true)).delta()) {
      for (float delta : outputs) {
        assertThat(delta).isEqualTo(outputs[0]).isPositive();
      }
    }
    for (float[] outputs : trained(recipe).delta()) {
      several += outputs.length > 1 && outputs[0] != outputs[1] ? 1 : 0;
    }
    assertThat(several).as("layers whose outputs have their own").isPositive();
  }

  @Test
  void theDeltaOfALayerIsTheBestForAllItsOutputsTogether() {
    Plan plan = TrainingStages.plan(tiny.network(), tiny.preprocessing());
    Network network = Simplification.of(tiny.network());
    int[][] precision = new int[plan.groups().size()][];
    plan.groups()
        .forEach(
            g -> {
              precision[g.id()] = new int[plan.value(g).channels()];
              Arrays.fill(precision[g.id()], g.searched() ? 2 : 8);
            });
    float[][] one = Calibration.delta(plan, network, precision, true);
    for (int i = 0; i < one.length; i++) {
      if (one[i].length > 0) {
        Stage.Convolution layer = plan.convolutions().get(i);
        float[] weights = network.requireConstant(layer.weight()).data();
        double best = error(weights, one[i][0]);
        for (double factor : new double[] {0.7, 0.9, 1.1, 1.4}) {
          assertThat(best).isLessThan(error(weights, (float) (one[i][0] * factor)));
        }
      }
    }
  }

  /** Squared error of weights at 2 bits: values are odd halves of the step. */
  private static double error(float[] weights, float delta) {
    double sum = 0;
    for (float w : weights) {
      double cell = Math.max(-2, Math.min(1, Math.floor(w / delta)));
      sum += Math.pow((cell + 0.5) * delta - w, 2);
    }
    return sum;
  }

  @Test
  void fixedStepsStayWhatTheyWereFittedTo() {
    TrainingRecipe recipe = TinyTraining.recipe().withFixedSteps(true);
    Quantisers untuned = trained(recipe.withEpochs(2, 3, 0).withControl(false));
    Quantisers tuned = trained(recipe.withEpochs(2, 3, 2).withControl(false));
    for (int i = 0; i < untuned.delta().length; i++) {
      assertThat(tuned.delta()[i]).isEqualTo(untuned.delta()[i]);
    }
    assertThat(tuned.alpha()).isEqualTo(untuned.alpha());
    Quantisers learned = trained(recipe.withFixedSteps(false).withControl(false));
    assertThat(learned.alpha()).isNotEqualTo(untuned.alpha());
  }

  @Test
  void aConstantRateIsAnotherFineTuningOfTheSameSearch() {
    TrainingRecipe recipe = TinyTraining.recipe();
    List<EpochRecord> cosine = tiny.run(recipe, null, TrainingListener.NONE).log();
    List<EpochRecord> constant =
        tiny.run(recipe.withConstantRate(true), null, TrainingListener.NONE).log();
    List<Phase> changed = new ArrayList<>();
    for (int i = 0; i < cosine.size(); i++) {
      if (cosine.get(i).loss() != constant.get(i).loss()) {
        changed.add(cosine.get(i).phase());
      }
    }
    assertThat(changed).contains(Phase.CONTROL, Phase.QUANTISED);
    assertThat(changed).doesNotContain(Phase.FULL, Phase.NOISE);
  }
}
