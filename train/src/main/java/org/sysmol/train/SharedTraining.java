package org.sysmol.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;

/**
 * Training whose phases several results share: one full-precision network for many searches, one
 * search for many pattern sets. Each phase has a file of its own in a folder, named by all that its
 * bits depend on (recipe, data, the weights that it starts from); what is there already is read
 * instead of trained, what was cut off goes on.
 *
 * <p>Only what a phase depends on counts: two recipes that differ in patterns share their search.
 */
public final class SharedTraining {
  private final Network network;
  private final ImageSet images;
  private final Preprocessing preprocessing;
  private final Path folder;
  private final TrainingListener listener;

  /**
   * Shared training of one network on one data set.
   *
   * @param network untrained, or whatever training starts from
   * @param images labelled training pictures
   * @param preprocessing how they become the network's input
   * @param folder for the phases' files; must exist
   * @param listener hears how each phase goes
   */
  public SharedTraining(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      Path folder,
      TrainingListener listener) {
    this.network = network;
    this.images = images;
    this.preprocessing = preprocessing;
    this.folder = folder;
    this.listener = listener;
  }

  /**
   * What a phase made.
   *
   * @param result of the phase
   * @param log its epochs
   * @param seconds that its epochs took, in all runs together
   */
  public record Done<T>(T result, List<EpochRecord> log, double seconds) {}

  /** How the network is cut into stages. */
  public Plan plan() {
    return TrainingStages.plan(network, preprocessing);
  }

  /** Trains in full precision for the recipe's {@code fullEpochs}. */
  public Done<Network> full(TrainingRecipe recipe) {
    return full(recipe, Phase.FULL, network, recipe.fullEpochs());
  }

  /** Trains on in full precision for as many epochs as search and fine-tuning take. */
  public Done<Network> control(TrainingRecipe recipe, Network full) {
    return full(recipe, Phase.CONTROL, full, recipe.noiseEpochs() + recipe.quantisedEpochs());
  }

  private Done<Network> full(TrainingRecipe recipe, Phase phase, Network start, int epochs) {
    double rate = phase == Phase.FULL ? recipe.fullRate() : recipe.quantisedRate();
    return alone(
        phase,
        recipe,
        "epochs "
            + epochs
            + " rate "
            + rate
            + (phase == Phase.CONTROL && recipe.constantRate() ? " constant" : "")
            + " from "
            + Fingerprint.of(start),
        state -> stages(recipe).full(phase, start, epochs, state));
  }

  /** Searches precisions at the recipe's budget, whatever its patterns. */
  public Done<Searched> search(TrainingRecipe recipe, Network full) {
    TrainingRecipe free = recipe.with(recipe.bits(), "FREE", "budget");
    return alone(
        Phase.NOISE,
        recipe,
        "epochs %d rate %s bits %s start %s step %s%s%s%s from %s"
            .formatted(
                recipe.noiseEpochs(),
                recipe.noiseRate(),
                recipe.bits(),
                recipe.startPrecision(),
                recipe.noiseStep(),
                recipe.ramp() == TrainingRecipe.RAMP ? "" : " ramp " + recipe.ramp(),
                recipe.equalise() ? " equalised" : "",
                recipe.layerDelta() ? " layer delta" : "",
                Fingerprint.of(full)),
        state -> stages(free).search(full, state));
  }

  /** The precisions that the recipe's patterns and rule make of a search. */
  public int[][] assign(TrainingRecipe recipe, Searched searched) {
    return PrecisionAssigner.of(plan(), recipe).assign(searched.continuous());
  }

  /**
   * Fine-tunes at given precisions for the recipe's {@code quantisedEpochs}.
   *
   * @param precision by group id, then channel
   * @param teacher to distil from, if the recipe does
   */
  public Done<TrainedNetwork> fineTune(
      TrainingRecipe recipe, Searched searched, int[][] precision, @Nullable Network teacher) {
    return alone(
        Phase.QUANTISED,
        recipe,
        "epochs %d rate %s distil %s%s%s%s%s%s precision %s from %s"
            .formatted(
                recipe.quantisedEpochs(),
                recipe.quantisedRate(),
                recipe.distil(),
                teacher == null || recipe.distil() == 0 ? "" : " " + Fingerprint.of(teacher),
                recipe.average() ? " average" : "",
                recipe.layerDelta() ? " layer delta" : "",
                recipe.fixedSteps() ? " fixed steps" : "",
                recipe.constantRate() ? " constant" : "",
                Arrays.deepToString(precision),
                Fingerprint.of(searched.network())),
        state ->
            stages(recipe).fineTune(searched, precision, recipe.quantisedEpochs(), teacher, state));
  }

  private TrainingStages stages(TrainingRecipe recipe) {
    return new TrainingStages(network, images, preprocessing, recipe, listener);
  }

  /** Runs a phase under its file's lock: another process that needs it waits, then reads it. */
  private <T> Done<T> alone(
      Phase phase, TrainingRecipe recipe, String depends, Function<TrainingState, T> work) {
    boolean full = phase == Phase.FULL || phase == Phase.CONTROL;
    String key =
        "%s seed %d threads %d batch %d shift %d flip %s decay %s %s on %s prepared %s"
                .formatted(
                    phase,
                    recipe.seed(),
                    recipe.threads(),
                    recipe.batch(),
                    recipe.shift(),
                    recipe.flip(),
                    recipe.decay(),
                    depends,
                    images.digest(),
                    Fingerprint.of(preprocessing))
            + (recipe.device().equals(Device.CPU) ? "" : " device " + recipe.device())
            + (recipe.bfloat16() && !full ? " bfloat16" : "");
    String name = phase.name().toLowerCase(Locale.ROOT) + "-" + Fingerprint.of(key);
    Path lock = folder.resolve(name + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      TrainingState state = new TrainingState(key, folder.resolve(name + ".ckpt"));
      state.resume();
      T result = work.apply(state);
      return new Done<>(result, state.log(), state.seconds());
    } catch (IOException e) {
      throw SysmolException.failed(
          "File "
              + lock
              + " can't be written ("
              + e.getMessage()
              + "); choose another folder for the state of training.",
          e);
    }
  }
}
