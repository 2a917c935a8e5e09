package org.sysmol.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.Checkpoint;
import org.sysmol.core.file.CheckpointFile;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.preprocess.Preprocessing;

/** What is kept of a run, and by which runs it is taken. */
class KeptStateTest {
  @TempDir Path folder;

  /** Stops at the first step. */
  private static final class Stopped implements TrainingListener {
    @Override
    public boolean stops() {
      return true;
    }
  }

  @Test
  void whatTheLastStepOfAnEpochSpoilsIsNotKept() {
    // One step an epoch: its loss is still that of the weights before it.
    TinyTraining tiny = TinyTraining.residual(20);
    TrainingRecipe wild = TinyTraining.recipe().withRates(0.05, 0.02, 3.3e38);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() -> tiny.run(wild, checkpoint, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessageMatching(
            "Training stopped after epoch 1 of phase baseline trained on: \\S+ is not finite;"
                + " lower the learning rate and start again, the last checkpoint is whole\\.");
    Checkpoint kept = CheckpointFile.read(checkpoint);
    assertThat(kept.fact("FULL/epochs")).isEqualTo("2");
    assertThat(kept.findFact("CONTROL/epochs")).isEmpty();
  }

  @Test
  void aCheckpointOfAnotherPreprocessingOrGraphIsRefused() {
    TinyTraining tiny = TinyTraining.even(40);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), checkpoint, new Stopped()))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("Training was stopped");
    Preprocessing was = tiny.preprocessing();
    Preprocessing brighter =
        new Preprocessing(
            was.channels(),
            was.height(),
            was.width(),
            was.resize(),
            new float[] {0.4f, 0.5f, 0.5f},
            was.std());
    List<Node> nodes =
        tiny.network().nodes().stream()
            .map(
                node ->
                    node.operator() instanceof Operator.Relu
                        ? new Node(
                            node.name(), new Operator.Clip(0, 6), node.inputs(), node.outputs())
                        : node)
            .toList();
    Network clipped =
        new Network(
            tiny.network().name(),
            tiny.network().inputs(),
            nodes,
            tiny.network().outputs(),
            tiny.network().constants());
    Map<TinyTraining, String> others =
        Map.of(
            new TinyTraining(tiny.network(), tiny.images(), brighter),
            "the preprocessing (--mean, --std, --size) was another",
            new TinyTraining(clipped, tiny.images(), was),
            "the network, by its weights, graph or attributes, was another",
            new TinyTraining(tiny.network(), TinyTraining.even(60).images(), was),
            "the training data was another");
    others.forEach(
        (other, why) ->
            assertThatThrownBy(
                    () -> other.run(TinyTraining.recipe(), checkpoint, TrainingListener.NONE))
                .isInstanceOf(SysmolException.class)
                .hasMessage(
                    "Checkpoint "
                        + checkpoint
                        + " is of another run: "
                        + why
                        + "; choose another folder, or delete it to start anew."));
  }

  @Test
  void aCheckpointOfAnotherRecipeIsRefused() {
    TinyTraining tiny = TinyTraining.residual(40);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() -> tiny.run(TinyTraining.recipe(), checkpoint, new Stopped()))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("Training was stopped");
    assertThatThrownBy(
            () -> tiny.run(TinyTraining.recipe().withSeed(99), checkpoint, TrainingListener.NONE))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("is of another run: --seed was 3, is 99; choose another folder");
    TrainingRecipe longer = TinyTraining.recipe().withEpochs(1, 1, 7).withLayerDelta(true);
    assertThatThrownBy(() -> tiny.run(longer, checkpoint, TrainingListener.NONE))
        .hasMessageContaining("--epochs (fine-tuning) was ")
        .hasMessageContaining(", is 7")
        .hasMessageContaining("--delta layer was not given, is true");
  }
}
