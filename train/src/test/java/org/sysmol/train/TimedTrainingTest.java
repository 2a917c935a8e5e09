package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.TimeBudget;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.trained.TrainedNetwork;

/** Training for a budget of time: precisions keep it, the search is steered by it. */
class TimedTrainingTest {
  private static final TinyTraining TINY = TinyTraining.residual(60);
  private static final Plan PLAN = TrainingStages.plan(TINY.network(), TINY.preprocessing());

  @TempDir private Path folder;

  /** A processor on which two bits are as slow as four, and one bit is fast four at a time. */
  private static List<LayerTime> times(double factor) {
    List<LayerTime> times = new ArrayList<>();
    for (InputGroup group : PLAN.groups()) {
      if (group.searched()) {
        int channels = PLAN.value(group).channels();
        double each = factor * PLAN.weightsPerChannel(group) * 1000;
        long[] one = new long[channels + 1];
        long[] more = new long[channels + 1];
        for (int n = 0; n <= channels; n++) {
          one[n] = Math.round(each * (0.25 * (n / 4 * 4) + n % 4));
          more[n] = Math.round(each * n);
        }
        times.add(new LayerTime(one, more, more));
      }
    }
    return times;
  }

  private static long uniform(List<LayerTime> times, int precision) {
    return times.stream().mapToLong(time -> time.uniform(precision)).sum();
  }

  /** A budget so far from the fastest, 0, to the slowest, 1, and five nanoseconds fixed. */
  private static TimeBudget budget(double place) {
    List<LayerTime> times = times(1);
    double least = uniform(times, 1);
    double most = uniform(times, 4);
    return new TimeBudget(
        (5000 + least + place * (most - least) + 0.5) / 1e9, "a test", 5000, times);
  }

  private static TrainingRecipe recipe(double place) {
    return TinyTraining.recipe().with(8, "P4", "budget").withTime(budget(place));
  }

  private static long time(TimeBudget budget, TrainedNetwork trained) {
    long sum = budget.fixedPicoseconds();
    int next = 0;
    for (InputGroup group : PLAN.groups()) {
      if (group.searched()) {
        int[] count = new int[5];
        Arrays.stream(trained.quantisers().precision()[group.id()]).forEach(p -> count[p]++);
        sum += budget.layers().get(next++).picoseconds(new Demand(count[1], count[2], count[4]));
      }
    }
    return sum;
  }

  @Test
  void theBudgetIsKeptAndUsedAndACutRunEndsInTheSameBits() {
    TrainingRecipe recipe = recipe(0.4);
    TrainingResult whole = TINY.run(recipe, null, TrainingListener.NONE);
    TimeBudget budget = budget(0.4);
    long time = time(budget, whole.trained());
    assertThat(time).isLessThanOrEqualTo(budget.picoseconds());
    // What is left is less than the cheapest step of any layer could use.
    assertThat(time).isGreaterThan((long) (0.8 * budget.picoseconds()));
    assertThat(whole.trained().assign()).isEqualTo("time");
    assertThat(whole.trained().provenance().facts().get("recipe"))
        .contains("assign=time")
        .contains("time=" + budget);
    for (int cut : new int[] {3, 6}) {
      Path checkpoint = folder.resolve("cut" + cut);
      assertThatThrownBy(() -> TINY.run(recipe, checkpoint, TrainerTest.stopAfter(cut)))
          .isInstanceOf(TrainerTest.Stop.class);
      assertThat(TinyTraining.bits(TINY.run(recipe, checkpoint, TrainingListener.NONE)))
          .as("cut after epoch %d", cut)
          .isEqualTo(TinyTraining.bits(whole));
    }
    Path checkpoint = folder.resolve("other costs");
    assertThatThrownBy(() -> TINY.run(recipe, checkpoint, TrainerTest.stopAfter(1)))
        .isInstanceOf(TrainerTest.Stop.class);
    TimeBudget slower = new TimeBudget(budget.milliseconds(), "a test", 5000, times(1.01));
    assertThatThrownBy(() -> TINY.run(recipe.withTime(slower), checkpoint, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("is of another run")
        .hasMessageContaining("ms by costs of a test");
  }

  @Test
  void theSearchComesDownToWhatTheBudgetAsksFor() {
    // Long enough for the price to take hold.
    for (double place : new double[] {0.2, 0.7}) {
      TrainingRecipe recipe = recipe(place).withEpochs(1, 25, 0).withControl(false);
      TrainingResult result = TINY.run(recipe, null, TrainingListener.NONE);
      TimedPrecisions timed = new TimedPrecisions(PLAN, Packing.parse("P4"), budget(place));
      assertThat(timed.goal()).isCloseTo(1 + 3 * place, within(1e-6));
      assertThat(timed.mean(result.trained().quantisers().continuous()))
          .as("place %s", place)
          .isCloseTo(timed.goal(), within(0.25));
    }
  }

  @Test
  void theSearchPaysForTimeNotForWeights() {
    List<LayerTime> times = new ArrayList<>(times(1));
    // The first layer's bits cost nothing.
    int channels = times.getFirst().channels();
    long[] same = new long[channels + 1];
    Arrays.setAll(same, n -> 1000L * n);
    times.set(0, new LayerTime(same, same, same));
    TimedPrecisions timed =
        new TimedPrecisions(PLAN, Packing.parse("P4"), new TimeBudget(1e-3, "a test", 0, times));
    List<InputGroup> searched = PLAN.groups().stream().filter(InputGroup::searched).toList();
    assertThat(timed.price(searched.getFirst())).isZero();
    double weights = 0;
    double prices = 0;
    for (InputGroup group : searched) {
      weights += (double) PLAN.weightsPerChannel(group) * PLAN.value(group).channels();
      prices += timed.price(group) * PLAN.value(group).channels();
    }
    assertThat(prices).isCloseTo(weights, within(1e-6 * weights));
    assertThat(searched.size()).isGreaterThan(2);
    // The others' are in proportion to their times, which are to their weights.
    double ratio = timed.price(searched.get(1)) / PLAN.weightsPerChannel(searched.get(1));
    assertThat(timed.price(searched.get(2)))
        .isCloseTo(ratio * PLAN.weightsPerChannel(searched.get(2)), within(0.05 * ratio * 1000));
  }

  @Test
  void calibrationAndRetargetingKeepItToo() {
    TrainedNetwork calibrated =
        Trainer.calibrate(TINY.network(), TINY.images(), TINY.preprocessing(), recipe(0.5));
    assertThat(time(budget(0.5), calibrated)).isLessThanOrEqualTo(budget(0.5).picoseconds());
    Retargeting.Result tighter =
        Retargeting.run(
            calibrated,
            TINY.images(),
            recipe(0.1).withEpochs(0, 1, 0),
            null,
            TrainingListener.NONE);
    assertThat(tighter.changed()).isPositive();
    assertThat(time(budget(0.1), tighter.trained()))
        .isLessThanOrEqualTo(budget(0.1).picoseconds())
        .isLessThan(time(budget(0.5), calibrated));
    assertThat(tighter.trained().assign()).isEqualTo("time");
  }

  @Test
  void anImpossibleBudgetIsRefusedBeforeTraining() {
    assertThatThrownBy(() -> TINY.run(recipe(-0.1), null, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("ms is impossible with pattern set P4: by the costs of a test");
    assertThatThrownBy(() -> TinyTraining.recipe().with(2, "P4", "time"))
        .hasMessage("The rule time and a budget in time go together; give both or neither.");
  }

  @Test
  void linesOfRecipesAreReadBackAndThoseWithoutATimeAreAsTheyWere() {
    TrainingRecipe recipe = TinyTraining.recipe().with(2, "128,0,0;0,0,32", "budget");
    assertThat(recipe.toString())
        .isEqualTo(
            "TrainingRecipe[seed=3, threads=1, batch=20, fullEpochs=2, noiseEpochs=3,"
                + " quantisedEpochs=2, control=true, bits=2.0, patterns=128,0,0;0,0,32,"
                + " assign=budget, shift=1, flip=true, fullRate=0.05, noiseRate=0.02,"
                + " quantisedRate=0.02, decay=1.0E-4, startPrecision=5.0, noiseStep=0.1, ramp=0.6,"
                + " equalise=false, distil=0.5, average=false]");
    RecordedRecipe read = recorded(recipe.withAugmentation(7, false).toString());
    assertThat(read.batch(1)).isEqualTo(20);
    assertThat(read.shift(1)).isEqualTo(7);
    assertThat(read.flip(true)).isFalse();
    RecordedRecipe timed = recorded(recipe(0.5).withBatch(31).toString());
    assertThat(timed.batch(1)).isEqualTo(31);
    for (String other :
        List.of(
            "",
            "batch=5",
            "TrainingRecipe[batch=0, shift=-1, flip=perhaps]",
            "TrainingRecipe[rebatch=5, batch=1e3, shift=, flip]",
            "TrainingRecipe[batch=5",
            "TrainingRecipe[batch=99999999999]")) {
      RecordedRecipe none = recorded(other);
      assertThat(none.batch(11)).as(other).isEqualTo(11);
      assertThat(none.shift(3)).as(other).isEqualTo(3);
      assertThat(none.flip(true)).as(other).isTrue();
    }
  }

  private static RecordedRecipe recorded(String line) {
    return RecordedRecipe.of(
        new org.sysmol.core.trained.Provenance(java.util.Map.of("recipe", line)));
  }
}
