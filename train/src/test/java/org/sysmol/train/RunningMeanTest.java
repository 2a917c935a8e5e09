package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sysmol.core.file.Checkpoint;

class RunningMeanTest {
  private static final List<float[]> COURSE =
      List.of(new float[] {1, -2}, new float[] {5, 0.5f}, new float[] {-3, 4});

  @BeforeAll
  static void library() {
    Libtorch.prepare();
  }

  private static void set(Tensor tensor, float[] values) {
    tensor.data_ptr_float().put(values);
  }

  @Test
  void isTheExponentialMeanOfAllStepsWhereverItWasCutOff() {
    double[] expected = {COURSE.get(0)[0], COURSE.get(0)[1]};
    for (int s = 1; s < COURSE.size(); s++) {
      for (int i = 0; i < expected.length; i++) {
        expected[i] += (COURSE.get(s)[i] - expected[i]) / 4;
      }
    }
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor value = Tensors.of(COURSE.get(0).clone(), 2);
      RunningMean mean = new RunningMean(Map.of("w", value), 4);
      set(value, COURSE.get(1));
      mean.step();
      Checkpoint checkpoint = new Checkpoint();
      mean.save(checkpoint);
      RunningMean resumed = new RunningMean(Map.of("w", value), 4);
      resumed.load(checkpoint);
      set(value, COURSE.get(2));
      resumed.step();
      resumed.apply();
      float[] result = Tensors.floats(value);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) result[i]).isCloseTo(expected[i], within(1e-6));
      }
    }
  }

  @Test
  void trainingEndsInTheMeanNotInTheLastValues() {
    TinyTraining tiny = TinyTraining.residual(40);
    TrainingRecipe recipe = TinyTraining.recipe().withEpochs(1, 1, 2);
    List<Integer> last = TinyTraining.bits(tiny.run(recipe, null, TrainingListener.NONE));
    List<Integer> mean =
        TinyTraining.bits(tiny.run(recipe.withAverage(true), null, TrainingListener.NONE));
    assertThat(mean).hasSameSizeAs(last).isNotEqualTo(last);
  }
}
