package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sysmol.core.SysmolException;

/** Training that its listener stops within an epoch, and that goes on there. */
class StoppedTrainingTest {
  @TempDir Path folder;

  private final TinyTraining tiny = TinyTraining.residual(80);

  /** Stops after some steps of this run, and counts all of them. */
  private static final class Stopper implements TrainingListener {
    private final int after;
    private int steps;
    private long done = -1;
    private @Nullable String message;

    Stopper(int after) {
      this.after = after;
    }

    @Override
    public void phase(Phase phase, long all, long before) {
      done = done < 0 && before > 0 && before < all ? before : done;
    }

    @Override
    public void step(double loss, double imagesPerSecond, double bits) {
      steps++;
    }

    @Override
    public boolean stops() {
      return steps >= after;
    }

    @Override
    public void stopped(String text) {
      message = text;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "average", "patterns that promote", "bfloat16"})
  void goesOnAtTheStepAndEndsInTheSameBits(String kind) {
    assumeTrue(Bfloat16.here() || !kind.equals("bfloat16"), "this processor has no bfloat16");
    TrainingRecipe usual = TinyTraining.recipe();
    TrainingRecipe recipe =
        switch (kind) {
          case "average" -> usual.withAverage(true);
          case "patterns that promote" -> usual.with(2.6, "P4", "paper");
          case "bfloat16" -> usual.withBfloat16(true);
          default -> usual;
        };
    TinyTraining tiny = kind.equals("bfloat16") ? TinyTraining.even(80) : this.tiny;
    List<EpochRecord> log = new ArrayList<>();
    TrainingResult whole = tiny.run(recipe, null, TrainingListener.NONE);
    log.addAll(whole.log());
    Path checkpoint = folder.resolve("checkpoint");
    // Four steps an epoch, 2 + 5 + 3 + 2 epochs: stopped in each phase, in the search thrice.
    int all = 0;
    for (int after : new int[] {2, 11, 17, 3, 5, 7}) {
      Stopper stopper = new Stopper(after);
      assertThatThrownBy(() -> tiny.run(recipe, checkpoint, stopper))
          .isInstanceOf(SysmolException.class)
          .hasMessage(stopper.message)
          .hasMessageMatching(
              "Training was stopped after step [123] of 4 in epoch \\d of phase .*; its state is"
                  + " kept, and the same command goes on from there\\.");
      all += stopper.steps;
    }
    Stopper last = new Stopper(Integer.MAX_VALUE);
    TrainingResult stopped = tiny.run(recipe, checkpoint, last);
    assertThat(TinyTraining.bits(stopped)).isEqualTo(TinyTraining.bits(whole));
    assertThat(all + last.steps).as("no step is done twice").isEqualTo(4 * (2 + 5 + 3 + 2));
    assertThat(last.done).as("steps of the phase that were done before").isPositive();
    for (int i = 0; i < log.size(); i++) {
      EpochRecord expected = log.get(i);
      EpochRecord got = stopped.log().get(i);
      assertThat(got.loss()).isEqualTo(expected.loss());
      assertThat(got.accuracy()).isEqualTo(expected.accuracy());
      assertThat(got.bits()).isEqualTo(expected.bits());
      assertThat(got.images()).isEqualTo(expected.images());
    }
  }

  @Test
  void aStopBetweenEpochsKeepsTheWholeEpoch() {
    Path checkpoint = folder.resolve("checkpoint");
    Stopper stopper = new Stopper(4);
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), checkpoint, stopper))
        .hasMessage(
            "Training was stopped after epoch 1 of phase full precision; its state is kept, and the"
                + " same command goes on from there.");
    Stopper last = new Stopper(Integer.MAX_VALUE);
    TrainingResult result = tiny.run(TinyTraining.recipe(), checkpoint, last);
    assertThat(last.steps).isEqualTo(4 * (2 + 5 + 3 + 2) - 4);
    assertThat(TinyTraining.bits(result))
        .isEqualTo(TinyTraining.bits(tiny.run(TinyTraining.recipe(), null, TrainingListener.NONE)));
  }

  @Test
  void withoutACheckpointItSaysThatNothingIsKept() {
    Stopper stopper = new Stopper(1);
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), null, stopper))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Training was stopped after step 1 of 4 in epoch 1 of phase full precision; nothing is"
                + " kept, for there is no checkpoint.");
  }

  @Test
  void sharedPhasesGoOnToo() throws Exception {
    TrainingRecipe recipe = TinyTraining.recipe();
    SharedTraining first =
        new SharedTraining(
            tiny.network(), tiny.images(), tiny.preprocessing(), folder, new Stopper(3));
    assertThatThrownBy(() -> first.full(recipe)).hasMessageContaining("after step 3 of 4");
    Stopper counting = new Stopper(Integer.MAX_VALUE);
    SharedTraining second =
        new SharedTraining(tiny.network(), tiny.images(), tiny.preprocessing(), folder, counting);
    assertThat(second.full(recipe).log()).hasSize(2);
    assertThat(counting.steps).isEqualTo(2 * 4 - 3);
    assertThat(Files.list(folder).filter(p -> p.toString().endsWith(".ckpt"))).hasSize(1);
  }
}
