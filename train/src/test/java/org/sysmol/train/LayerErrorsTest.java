package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;

class LayerErrorsTest {
  private static TrainedNetwork at(TrainedNetwork trained, int bits) {
    Quantisers old = trained.quantisers();
    int[][] precision = new int[old.precision().length][];
    for (InputGroup group : trained.plan().groups()) {
      precision[group.id()] = old.precision()[group.id()].clone();
      if (group.searched()) {
        java.util.Arrays.fill(precision[group.id()], bits);
      }
    }
    return new TrainedNetwork(
        trained.network(),
        trained.plan(),
        new Quantisers(old.valueStep(), old.alpha(), precision, old.continuous(), old.delta()),
        "FREE",
        trained.assign(),
        trained.preprocessing(),
        trained.classNames(),
        trained.provenance());
  }

  private static LayerErrors.Part named(List<LayerErrors.Part> parts, String name) {
    return parts.stream().filter(p -> p.name().contains(name)).findFirst().orElseThrow();
  }

  @Test
  void everyPartIsThereTheCostliestFirstAndMoreBitsHaveSmallerErrors() {
    TinyTraining tiny = TinyTraining.residual(200);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(6, 1, 1);
    TrainingResult result = tiny.run(recipe, null, TrainingListener.NONE);
    Plan plan = result.trained().plan();
    List<LayerErrors.Part> one =
        LayerErrors.measure(result.full(), at(result.trained(), 1), tiny.images());
    List<LayerErrors.Part> four =
        LayerErrors.measure(result.full(), at(result.trained(), 4), tiny.images());
    assertThat(one).hasSize(plan.groups().size() + 1);
    assertThat(one)
        .isSortedAccordingTo(Comparator.comparingDouble(LayerErrors.Part::lossRise).reversed());
    double rise1 = 0;
    double rise4 = 0;
    for (InputGroup group : plan.groups()) {
      String name = plan.readers(group).stream().map(Stage::name).findFirst().orElseThrow();
      LayerErrors.Part coarse = named(one, name);
      LayerErrors.Part fine = named(four, name);
      assertThat(coarse.activations()).hasSize(plan.value(group).channels());
      assertThat(coarse.weights()).hasSize(plan.value(group).channels());
      if (group.searched()) {
        assertThat(coarse.bits()).isEqualTo(1);
        assertThat(fine.bits()).isEqualTo(4);
        // Each bit quarters the error where a range is not clipped: three bits give much more than
        // 8.
        assertThat(mean(fine.weights())).isLessThan(mean(coarse.weights()) / 8);
        assertThat(mean(fine.activations())).isLessThan(mean(coarse.activations()) / 8);
        rise1 += coarse.lossRise();
        rise4 += fine.lossRise();
      } else {
        assertThat(coarse.lossRise()).isEqualTo(fine.lossRise());
      }
    }
    assertThat(rise4).isLessThan(rise1 / 2);
    assertThat(one).anyMatch(part -> part.name().equals("image and streams"));
  }

  private static double mean(double[] values) {
    return java.util.Arrays.stream(values).average().orElseThrow();
  }
}
