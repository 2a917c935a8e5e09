package org.sysmol.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.Augmentation;
import org.sysmol.data.Batch;
import org.sysmol.data.Batches;
import org.sysmol.data.Epoch;
import org.sysmol.data.ImageSet;

/**
 * Trains a network in phases (paper §1): full precision, the baseline, the search by noise,
 * assignment to patterns, fine-tuning. After every epoch all state is written, so that a run that
 * was killed goes on with the same bits: everything random follows from seed, phase and epoch.
 */
public final class Trainer {
  private static final int CALIBRATION_IMAGES = 500;
  private static final int NORM_BATCHES = 40;

  /** What a bit more in the mean of all weights costs at first, in units of the loss. */
  private static final double START_PRICE = 0.03;

  private final Network network;
  private final Plan plan;
  private final ImageSet images;
  private final Preprocessing preprocessing;
  private final TrainingRecipe recipe;
  private final TrainingListener listener;
  private final PrecisionAssigner assigner;
  private final TrainingState state;

  private Trainer(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      @Nullable Path checkpoint,
      TrainingListener listener) {
    this.network = network;
    this.images = images;
    this.preprocessing = preprocessing;
    this.recipe = recipe;
    this.listener = listener;
    plan =
        PlanBuilder.build(
            network,
            preprocessing.channels(),
            preprocessing.height(),
            preprocessing.width(),
            Set.of());
    assigner =
        new PrecisionAssigner(
            plan, PatternSet.parse(recipe.patterns()), recipe.assign(), recipe.bits());
    state = new TrainingState(recipe.text() + " on " + images.digest(), checkpoint);
  }

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
    Libtorch.prepare();
    Libtorch.threads(recipe.threads());
    return new Trainer(network, images, preprocessing, recipe, checkpoint, listener).run();
  }

  private TrainingResult run() {
    Convolutions.choose(plan);
    // The budget must be possible before an hour is spent on it.
    float[][] start = new float[plan.groups().size()][];
    for (var group : plan.groups()) {
      start[group.id()] = new float[group.searched() ? plan.value(group).channels() : 0];
      Arrays.fill(start[group.id()], 4f);
    }
    assigner.assign(start);
    state.resume();

    Parameters full = new Parameters(network, plan);
    phase(Phase.FULL, full, recipe.fullEpochs(), null, null, null);
    Network fullNetwork = full.network();

    Parameters control = new Parameters(fullNetwork, plan);
    int further = recipe.control() ? recipe.noiseEpochs() + recipe.quantisedEpochs() : 0;
    phase(Phase.CONTROL, control, further, null, null, null);

    Parameters searched = new Parameters(fullNetwork, plan);
    Calibration before = calibrate(searched);
    float[][] startDelta = Calibration.startDelta(plan, fullNetwork);
    Noise noise = new Noise(plan, startDelta, before.startAlpha(), recipe.startPrecision());
    phase(Phase.NOISE, searched, recipe.noiseEpochs(), noise, null, null);

    float[][] continuous = noise.continuous();
    int[][] precision = assigner.assign(continuous);
    Network noisy = searched.network();
    Calibration after = calibrate(searched);
    Quantisers fitted =
        new Quantisers(
            after.valueSteps(),
            after.alpha(precision),
            precision,
            continuous,
            Calibration.delta(plan, noisy, precision));
    Quantisation quantisation = new Quantisation(plan, fitted);
    if (!state.reached(Phase.QUANTISED)) {
      renormalise(searched, quantisation);
    }
    Teacher teacher = recipe.distil() > 0 ? new Teacher(plan, control, recipe.distil()) : null;
    phase(Phase.QUANTISED, searched, recipe.quantisedEpochs(), null, quantisation, teacher);

    TrainedNetwork trained =
        new TrainedNetwork(
            searched.network(),
            plan,
            quantisation.quantisers(),
            recipe.patterns(),
            recipe.assign(),
            preprocessing,
            images.classNames(),
            provenance());
    return new TrainingResult(fullNetwork, control.network(), trained, state.log());
  }

  private Provenance provenance() {
    // In this order: files must not differ between runs.
    LinkedHashMap<String, String> facts = new LinkedHashMap<>();
    facts.put("recipe", recipe.toString());
    facts.put("data", images.count() + " images, sha256 " + images.digest());
    return new Provenance(facts);
  }

  private double searchedWeights() {
    double sum = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        sum += (double) plan.weightsPerChannel(group) * plan.value(group).channels();
      }
    }
    return Math.max(1, sum);
  }

  /** Looks at some images of all classes, in whatever order the set has them. */
  private Calibration calibrate(Parameters parameters) {
    Epoch some = new Epoch(recipe.batch(), true, recipe.seed(), 0, Augmentation.NONE, false, 0);
    int batches = Math.ceilDiv(Math.min(CALIBRATION_IMAGES, images.count()), recipe.batch());
    Calibration calibration = new Calibration(plan, batches);
    try (Batches all = new Batches(images, preprocessing, some)) {
      for (int i = 0; i < batches; i++) {
        try (PointerScope _ = new PointerScope()) {
          calibration.look(parameters, tensor(all.next()));
        }
      }
    }
    return calibration;
  }

  /** Batch normalisation meets quantised values for the first time. */
  private void renormalise(Parameters parameters, Disturbance disturbance) {
    Walk walk = new Walk(plan, parameters);
    try (Batches batches = new Batches(images, preprocessing, epoch(Phase.QUANTISED, 0));
        NoGradGuard _ = new NoGradGuard()) {
      for (int i = 0; i < NORM_BATCHES && batches.hasNext(); i++) {
        Batch batch = batches.next();
        try (PointerScope _ = new PointerScope()) {
          walk.run(tensor(batch), true, disturbance);
        }
      }
    }
  }

  private Tensor tensor(Batch batch) {
    var image = plan.image();
    return Tensors.of(
        batch.images(), batch.size(), image.channels(), image.height(), image.width());
  }

  private Epoch epoch(Phase phase, int number) {
    return Epoch.training(
        recipe.batch(),
        recipe.seed(),
        100_000 * (phase.number() + 1) + number,
        new Augmentation(recipe.shift(), recipe.flip()));
  }

  private void phase(
      Phase phase,
      Parameters parameters,
      int epochs,
      @Nullable Noise noise,
      @Nullable Quantisation quantisation,
      @Nullable Teacher teacher) {
    Map<String, Tensor> learned =
        noise != null ? noise.learned() : quantisation != null ? quantisation.learned() : Map.of();
    PhaseState here = new PhaseState(phase, parameters, learned);
    here.lambda = START_PRICE / searchedWeights();
    int done = state.restore(here, epochs);
    long perEpoch = epoch(phase, 1).batches(images.count());
    listener.phase(phase, epochs * perEpoch, done * perEpoch);
    for (int e = done; e < epochs; e++) {
      torch.manual_seed(recipe.seed() * 1_000_003 + phase.number() * 1009L + e);
      EpochRun run =
          new EpochRun(
              recipe, plan, assigner, here, listener, noise, quantisation, teacher, e, epochs);
      try (Batches batches = new Batches(images, preprocessing, epoch(phase, e + 1))) {
        EpochRecord record = run.run(batches, perEpoch);
        state.add(record);
        listener.epoch(record);
      }
      state.save(here, e + 1);
    }
  }

  /**
   * Percent of labelled images that a float network gets right.
   *
   * @param network with the plan's constants
   */
  public static double accuracy(Network network, ImageSet images, Preprocessing preprocessing) {
    Libtorch.prepare();
    Plan plan =
        PlanBuilder.build(
            network,
            preprocessing.channels(),
            preprocessing.height(),
            preprocessing.width(),
            Set.of());
    Convolutions.choose(plan);
    Parameters parameters = new Parameters(network, plan);
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

  /** What an epoch works on and a checkpoint holds. */
  static final class PhaseState {
    final Phase phase;
    final Parameters parameters;
    final Map<String, Tensor> learned;
    final Map<String, Tensor> weights = new LinkedHashMap<>();
    final List<String> decayed = new ArrayList<>();
    final Optimisers optimisers;

    /** Multiplier of the price of precisions, moved by control. */
    double lambda;

    PhaseState(Phase phase, Parameters parameters, Map<String, Tensor> learned) {
      this.phase = phase;
      this.parameters = parameters;
      this.learned = learned;
      for (String name : parameters.names()) {
        Tensor tensor = parameters.get(name);
        if (tensor.requires_grad()) {
          weights.put(name, tensor);
        }
      }
      optimisers = new Optimisers(weights, learned);
    }
  }
}
