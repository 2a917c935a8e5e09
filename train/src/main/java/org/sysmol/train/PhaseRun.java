package org.sysmol.train;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.data.Batches;
import org.sysmol.data.ImageSet;

/**
 * The epochs of one phase: from where an earlier run left it to its end, to a stop that the
 * listener asks for, or to what held-out images say is enough.
 */
final class PhaseRun {
  private final TrainingStages stages;
  private final PhaseState here;
  private final @Nullable Noise noise;
  private final @Nullable Quantisation quantisation;
  private final @Nullable Teacher teacher;
  private final TrainingState state;

  PhaseRun(
      TrainingStages stages,
      PhaseState here,
      @Nullable Noise noise,
      @Nullable Quantisation quantisation,
      @Nullable Teacher teacher,
      TrainingState state) {
    this.stages = stages;
    this.here = here;
    this.noise = noise;
    this.quantisation = quantisation;
    this.teacher = teacher;
    this.state = state;
  }

  /**
   * Trains.
   *
   * @param epochs of the phase
   * @param perEpoch steps of an epoch
   */
  void run(int epochs, int perEpoch) {
    TrainingListener listener = stages.listener;
    int done = state.restore(here, epochs);
    EpochPart part = done < epochs ? state.takePart(here.phase) : null;
    long begun = part == null ? 0 : part.steps();
    listener.phase(here.phase, (long) epochs * perEpoch, (long) done * perEpoch + begun);
    for (int e = done; e < epochs; e++) {
      EpochRecord record = measured(epoch(e, epochs, perEpoch, part));
      part = null;
      state.add(record);
      listener.epoch(record);
      boolean enough = here.best != null && e + 1 - state.best(here.phase) >= patience();
      if (enough || e + 1 == epochs) {
        if (here.best != null) {
          here.set(here.best);
          here.best = null;
          listener.chosen(here.phase, state.best(here.phase));
        } else {
          settle();
        }
      }
      state.save(here, enough ? epochs : e + 1);
      listener.kept(state.log());
      if (enough) {
        break;
      }
      if (e + 1 < epochs && listener.stops()) {
        throw stopped(epochOfPhase(e), true);
      }
    }
  }

  /** An epoch, from 0, for people. */
  private String epochOfPhase(int e) {
    return "epoch " + (e + 1) + " of phase " + here.phase.title();
  }

  private int patience() {
    return stages.heldOut.patience();
  }

  /** An epoch, or what is left of it. */
  private EpochRecord epoch(int e, int epochs, int perEpoch, @Nullable EpochPart part) {
    if (noise != null) {
      noise.seed(stages.recipe.seed() * 1_000_003 + here.phase.number() * 1009L + e);
    }
    EpochRun run =
        new EpochRun(
            stages.recipe,
            stages.plan,
            stages.assigner,
            here,
            stages.listener,
            noise,
            quantisation,
            teacher,
            e,
            epochs);
    int first = part == null ? 0 : Math.toIntExact(part.steps());
    try (Batches batches =
        new Batches(stages.images, stages.preprocessing, stages.epoch(here.phase, e + 1), first)) {
      EpochRecord record = run.run(batches, perEpoch, part);
      stages.listener.stepsDone();
      requireFinite(epochOfPhase(e));
      return record;
    } catch (EpochStopped stopped) {
      throw stop(e, perEpoch, stopped.part());
    }
  }

  /** Keeps what an epoch has done so far. */
  private SysmolException stop(int e, int perEpoch, EpochPart part) {
    String where = "step %d of %d in %s".formatted(part.steps(), perEpoch, epochOfPhase(e));
    requireFinite(where);
    // The numbers of a GPU's generator can't be kept.
    boolean whole = noise == null || stages.recipe.device().equals(Device.CPU);
    if (state.isKept() && whole) {
      state.save(here, e, part);
    }
    return stopped(where, whole);
  }

  /** Training ends after what was just kept. */
  private SysmolException stopped(String where, boolean whole) {
    String message =
        "Training was stopped after "
            + where
            + (!state.isKept()
                ? "; nothing is kept, for there is no checkpoint."
                : whole
                    ? "; its state is kept, and the same command goes on from there."
                    : "; the same command goes on from the last whole epoch.");
    stages.listener.stopped(message);
    return SysmolException.failed(message);
  }

  /** The loss of the last step says nothing of the values that the step left. */
  private void requireFinite(String where) {
    here.notFinite()
        .ifPresent(
            name -> {
              throw SysmolException.failed(
                  "Training stopped after "
                      + where
                      + ": "
                      + name
                      + " is not finite; lower the learning rate and start again, the last checkpoint"
                      + " is whole.");
            });
  }

  /**
   * An epoch with its accuracy on held-out images; keeps the values if none was better. What is
   * measured is what the phase would end with here: the running mean, where that is asked for.
   */
  private EpochRecord measured(EpochRecord record) {
    if (stages.heldOut.images() == null || here.phase == Phase.NOISE) {
      return record;
    }
    Map<String, float[]> current = here.values();
    settle();
    EpochRecord measured = record.withHeldOut(heldOutAccuracy());
    if (patience() > 0 && state.isBest(measured)) {
      here.best = here.values();
    }
    here.set(current);
    return measured;
  }

  /** Brings values to what a phase ends with; where that is its last values nothing changes. */
  private void settle() {
    if (here.mean != null && quantisation != null) {
      try (NoGradGuard _ = new NoGradGuard()) {
        here.mean.apply();
      }
      stages.renormalise(here.parameters, quantisation);
    }
  }

  /** Percent of held-out images right, by the exact integers where there are any. */
  private double heldOutAccuracy() {
    ImageSet held = Objects.requireNonNull(stages.heldOut.images());
    try (PointerScope _ = new PointerScope()) {
      return quantisation == null
          ? Trainer.accuracy(here.parameters.network(), held, stages.preprocessing)
          : 100
              * new QuantisedEvaluation(stages.trained(here.parameters, quantisation))
                  .accuracy(held, stages.preprocessing);
    }
  }
}
