package org.sysmol.train;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.data.Batch;
import org.sysmol.data.Batches;

/** One epoch of a phase: forward, loss, backward, step; and the control of {@code lambda}. */
final class EpochRun {
  private static final double QUANTISER_RATE = 2e-3;

  /** Gain of the control: a step multiplies lambda by e to this power times the error in bits. */
  private static final double GAIN = 0.15;

  /** How many steps ahead the control looks along the present course of the error. */
  private static final double AHEAD = 20;

  /** Steps between two runs of the solver. */
  private static final int SOLVE_EVERY = 10;

  private final TrainingRecipe recipe;
  private final Plan plan;
  private final PrecisionAssigner assigner;
  private final PhaseState state;
  private final TrainingListener listener;
  private final @Nullable Noise noise;
  private final @Nullable Quantisation quantisation;
  private final @Nullable Teacher teacher;
  private final Walk walk;
  private final int epoch;
  private final int epochs;
  private double bits = 32;
  private double lastError;

  /** Bits that the patterns add to the continuous mean, by the last run of the solver. */
  private double promotion;

  EpochRun(
      TrainingRecipe recipe,
      Plan plan,
      PrecisionAssigner assigner,
      PhaseState state,
      TrainingListener listener,
      @Nullable Noise noise,
      @Nullable Quantisation quantisation,
      @Nullable Teacher teacher,
      int epoch,
      int epochs) {
    this.recipe = recipe;
    this.plan = plan;
    this.assigner = assigner;
    this.state = state;
    this.listener = listener;
    this.noise = noise;
    this.quantisation = quantisation;
    this.teacher = teacher;
    this.epoch = epoch;
    this.epochs = epochs;
    boolean full = noise == null && quantisation == null;
    walk = new Walk(plan, state.parameters, recipe.bfloat16() && !full);
  }

  /**
   * Runs the epoch, or what is left of it.
   *
   * @param batches those that are left
   * @param stepsPerEpoch of a whole epoch
   * @param part where an earlier run stopped, or null to begin
   * @throws EpochStopped if the listener wants training to end before the epoch does
   */
  EpochRecord run(Batches batches, long stepsPerEpoch, @Nullable EpochPart part) {
    Disturbance disturbance =
        noise != null ? noise : quantisation != null ? quantisation : Disturbance.NONE;
    if (quantisation != null) {
      bits = assigner.bits(quantisation.quantisers().precision());
    }
    final long start = System.nanoTime();
    double lossSum = 0;
    long right = 0;
    long seen = 0;
    double before = 0;
    long step = epoch * stepsPerEpoch;
    final long steps = epochs * stepsPerEpoch;
    if (part != null) {
      lossSum = part.lossSum();
      right = part.right();
      seen = part.seen();
      before = part.seconds();
      step += part.steps();
      bits = part.bits();
      lastError = part.lastError();
      promotion = part.promotion();
      if (noise != null) {
        noise.numbers(part.noise());
      }
    } else if (noise != null) {
      float[][] continuous = noise.continuous();
      promotion = assigner.promotion(continuous);
      lastError = assigner.measure(continuous) + promotion - target((double) step / steps);
    }
    while (batches.hasNext()) {
      Batch batch = batches.next();
      long stepStart = System.nanoTime();
      try (PointerScope _ = new PointerScope()) {
        var image = plan.image();
        Tensor in =
            Tensors.of(
                batch.images(), batch.size(), image.channels(), image.height(), image.width());
        Tensor scores = walk.run(in, true, disturbance);
        Tensor task = torch.cross_entropy_loss(scores, Tensors.of(longs(batch)));
        Tensor loss =
            noise != null
                ? task.add(noise.price(assigner::price).mul(Tensors.scalar(state.lambda)).sum())
                : teacher != null ? teacher.mix(in, scores, task) : task;
        double value = task.item_double();
        if (!Double.isFinite(value) || !Double.isFinite(loss.item_double())) {
          throw notFinite(in, disturbance, step);
        }
        loss.backward();
        update((double) step / steps);
        lossSum += value * batch.size();
        right += Accuracy.right(Tensors.floats(scores), batch.labels(), batch.size(), "training");
        seen += batch.size();
        step++;
        if (noise != null) {
          control((double) step / steps, step % SOLVE_EVERY == 0);
        }
        listener.step(value, batch.size() * 1e9 / (System.nanoTime() - stepStart), bits);
      }
      if (batches.hasNext() && listener.stops()) {
        throw new EpochStopped(
            new EpochPart(
                step - epoch * stepsPerEpoch,
                lossSum,
                right,
                seen,
                before + seconds(start),
                bits,
                lastError,
                promotion,
                noise != null ? noise.numbers() : new long[0]));
      }
    }
    return new EpochRecord(
        state.phase,
        epoch + 1,
        lossSum / seen,
        100.0 * right / seen,
        Double.NaN,
        bits,
        bitsByGroup(),
        seen,
        before + seconds(start));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private long[] longs(Batch batch) {
    long[] labels = new long[batch.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = batch.labels()[i];
    }
    return labels;
  }

  private void update(double progress) {
    boolean constant = recipe.constantRate() && state.phase != Phase.FULL;
    double cosine = constant ? 1 : 0.5 * (1 + Math.cos(Math.PI * progress));
    double warmUp = Math.min(1, 0.1 + progress * epochs * 2);
    double rate =
        switch (state.phase) {
          case FULL -> recipe.fullRate() * cosine * warmUp;
          case NOISE -> recipe.noiseRate();
          case CONTROL, QUANTISED -> recipe.quantisedRate() * cosine;
        };
    try (NoGradGuard _ = new NoGradGuard()) {
      state.weights.forEach(
          (name, tensor) -> {
            boolean decays = tensor.dim() > 1;
            state.optimisers.descend(name, tensor, rate, decays ? recipe.decay() : 0);
          });
      state.optimisers.count();
      double learnedRate = QUANTISER_RATE * (noise != null ? 1 : cosine);
      state.learned.forEach(
          (name, tensor) ->
              state.optimisers.adapt(
                  name, tensor, name.startsWith("s/") ? recipe.noiseStep() : learnedRate));
      if (noise != null) {
        noise.clampWeights(state.parameters);
      }
      if (state.mean != null) {
        state.mean.step();
      }
    }
  }

  /**
   * Moves lambda so that the bits that the solver would assign follow a ramp down to the budget:
   * the mean of the continuous precisions, weighted by what is budgeted, and what patterns add to
   * it by promotion. What counts is where the error will be a little later: precisions have
   * momentum.
   */
  private void control(double progress, boolean solve) {
    float[][] continuous = java.util.Objects.requireNonNull(noise).continuous();
    bits = assigner.continuousBits(continuous);
    if (solve) {
      promotion = assigner.promotion(continuous);
    }
    double error = assigner.measure(continuous) + promotion - target(progress);
    double expected = error + AHEAD * (error - lastError);
    lastError = error;
    state.lambda = Math.min(1.0, Math.max(1e-12, state.lambda * Math.exp(GAIN * clip(expected))));
  }

  /** Bits that the search should be at. */
  private double target(double progress) {
    double start = Math.min(4.0, recipe.startPrecision());
    // A budget of registers that are mostly empty says nothing of precisions.
    double budget = assigner.goal() > 8 ? start : assigner.goal();
    double left = recipe.ramp() > 0 ? Math.max(0, 1 - progress / recipe.ramp()) : 0;
    return budget + left * Math.max(0, start - budget);
  }

  private static double clip(double error) {
    return Math.max(-1, Math.min(1, error));
  }

  private double[] bitsByGroup() {
    List<Double> means = new ArrayList<>();
    for (InputGroup group : plan.groups()) {
      if (!group.searched()) {
        continue;
      }
      double sum = 0;
      int channels = plan.value(group).channels();
      if (noise != null) {
        for (float p : noise.continuous()[group.id()]) {
          sum += p;
        }
      } else if (quantisation != null) {
        for (int p : quantisation.quantisers().precision()[group.id()]) {
          sum += p;
        }
      } else {
        sum = 32.0 * channels;
      }
      means.add(sum / channels);
    }
    return means.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private SysmolException notFinite(Tensor images, Disturbance disturbance, long step) {
    String[] first = {"the loss"};
    boolean[] found = {false};
    try (NoGradGuard _ = new NoGradGuard()) {
      walk.run(
          images,
          true,
          disturbance,
          new WalkObserver() {
            @Override
            public void stage(Stage stage, Tensor output) {
              if (!found[0] && !output.isfinite().all().item_bool()) {
                found[0] = true;
                first[0] = "layer " + stage.name();
              }
            }
          });
    }
    return SysmolException.failed(
        "Training stopped in step "
            + (step + 1)
            + " of phase "
            + state.phase.title()
            + ": "
            + first[0]
            + " is not finite; "
            + (step == 0 && state.phase == Phase.FULL
                ? "nothing was learned yet, so look at the weights the training started from, and at --mean"
                    + " and --std."
                : "lower the learning rate and start again, the last checkpoint is whole."));
  }
}
