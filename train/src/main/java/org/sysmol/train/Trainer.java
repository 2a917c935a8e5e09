package org.sysmol.train;

import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;

/**
 * Trains a network in phases (paper §1): full precision, the baseline, the search by noise,
 * assignment to patterns, fine-tuning. After every epoch all state is written, so that a run that
 * was killed goes on with the same bits: everything random follows from seed, phase and epoch.
 */
public final class Trainer {
  private Trainer() {}

  /**
   * Trains.
   *
   * @param network to start from
   * @param images labelled training pictures
   * @param preprocessing how they become the network's input
   * @param recipe what to do
   * @param checkpoint file for the state after each epoch, or null for none; if it is there, its
   *     run goes on
   * @param listener hears how it goes
   * @throws org.sysmol.core.SysmolException if the checkpoint is of another recipe, a loss is not
   *     finite, or the budget can't be met
   */
  public static TrainingResult train(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      @Nullable Path checkpoint,
      TrainingListener listener) {
    return train(network, images, preprocessing, recipe, HeldOut.NONE, checkpoint, listener);
  }

  /**
   * Trains, with phases other than the search ending early where they no longer help.
   *
   * @param network to start from
   * @param images labelled training pictures
   * @param preprocessing how they become the network's input
   * @param recipe what to do
   * @param heldOut labelled pictures that training never sees, how they end a phase, and whether
   *     the budget follows from them
   * @param checkpoint file for the state after each epoch, or null for none
   * @param listener hears how it goes
   * @throws org.sysmol.core.SysmolException if the checkpoint is of another run, a loss is not
   *     finite, the budget can't be met, or a greatest drop is asked for with a rule other than
   *     {@code budget}
   */
  public static TrainingResult train(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      HeldOut heldOut,
      @Nullable Path checkpoint,
      TrainingListener listener) {
    TrainingStages stages =
        new TrainingStages(network, images, preprocessing, recipe, heldOut, listener);
    Double maxDrop = heldOut.maxDrop();
    if (maxDrop == null) {
      stages.assigner().requirePossible();
    } else if (!recipe.assign().equals("budget")) {
      throw SysmolException.badInput(
          "A greatest drop is turned into a budget of assigned bits, which the rule "
              + recipe.assign()
              + " does not have; take the rule budget.");
    }
    TrainingState state =
        new TrainingState(
            recipe.text()
                + heldOut.text()
                + " from "
                + Fingerprint.of(network)
                + " on "
                + images.digest()
                + " prepared "
                + Fingerprint.of(preprocessing),
            checkpoint);
    state.resume();
    Network full = stages.full(Phase.FULL, network, recipe.fullEpochs(), state);
    double bits = recipe.bits();
    if (maxDrop != null) {
      // Not anew after every cut: it takes as long as many calibrations.
      if (Double.isNaN(state.budget())) {
        state.budget(
            new BudgetEstimate(full, images, preprocessing, recipe, heldOut, listener)
                .bits(maxDrop, stages.assigner()));
      }
      bits = state.budget();
      TrainingRecipe found = recipe.with(bits, recipe.patterns(), recipe.assign());
      stages = new TrainingStages(network, images, preprocessing, found, heldOut, listener);
    }
    int further = recipe.control() ? recipe.noiseEpochs() + recipe.quantisedEpochs() : 0;
    Network control = stages.full(Phase.CONTROL, full, further, state);
    Searched searched = stages.search(full, state);
    int[][] precision = stages.assigner().assign(searched.continuous());
    TrainedNetwork trained =
        stages.fineTune(searched, precision, recipe.quantisedEpochs(), control, state);
    return new TrainingResult(full, control, trained, bits, state.log());
  }

  /**
   * A first answer without training: widths by measured sensitivity, steps by calibration, batch
   * normalisation re-estimated.
   *
   * @param network full-precision and trained
   * @param images labelled pictures to calibrate with
   * @param recipe its budget, patterns, rule, batch, seed and threads count
   * @throws org.sysmol.core.SysmolException if the budget can't be met
   */
  public static TrainedNetwork calibrate(
      Network network, ImageSet images, Preprocessing preprocessing, TrainingRecipe recipe) {
    TrainingStages stages =
        new TrainingStages(network, images, preprocessing, recipe, TrainingListener.NONE);
    stages.assigner().requirePossible();
    Network start = stages.evened(network);
    Searched searched = new Searched(start, stages.sensitivity(start));
    int[][] precision = stages.assigner().assign(searched.continuous());
    return stages.fineTune(searched, precision, 0, null, new TrainingState("", null));
  }

  /**
   * Percent of labelled images that a float network gets right.
   *
   * @param network with the plan's constants
   */
  public static double accuracy(Network network, ImageSet images, Preprocessing preprocessing) {
    Libtorch.prepare();
    Plan plan = TrainingStages.plan(network, preprocessing);
    Convolutions.choose(plan);
    Parameters parameters = new Parameters(Simplification.of(network), plan);
    Walk walk = new Walk(plan, parameters);
    var image = plan.image();
    return 100
        * Accuracy.of(
            images,
            preprocessing,
            batch -> {
              try (PointerScope _ = new PointerScope();
                  NoGradGuard _ = new NoGradGuard()) {
                Tensor in =
                    Tensors.of(
                        batch.images(),
                        batch.size(),
                        image.channels(),
                        image.height(),
                        image.width());
                return Tensors.floats(walk.run(in, false, Disturbance.NONE));
              }
            });
  }
}
