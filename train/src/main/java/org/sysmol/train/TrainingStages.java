package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Simplification;
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
 * The phases of training one by one (paper §1), so that runs can share them: one full-precision
 * network for many searches, one search for many pattern sets. Each phase keeps its state in the
 * {@link TrainingState} that it is given and goes on from there; everything random follows from
 * seed, phase and epoch, so a phase gives the same bits wherever it was cut off.
 */
final class TrainingStages {
  private static final int NORM_BATCHES = 40;

  /** What a bit more in the mean of all weights costs at first, in units of the loss. */
  private static final double START_PRICE = 0.03;

  final Plan plan;
  final ImageSet images;
  final Preprocessing preprocessing;
  final TrainingRecipe recipe;
  final PrecisionAssigner assigner;
  final HeldOut heldOut;
  final TrainingListener listener;

  /** Stages whose phases all go to their end. */
  TrainingStages(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      TrainingListener listener) {
    this(network, images, preprocessing, recipe, HeldOut.NONE, listener);
  }

  /**
   * Stages.
   *
   * @param heldOut by which phases other than the search may end early
   */
  TrainingStages(
      Network network,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      HeldOut heldOut,
      TrainingListener listener) {
    this.heldOut = heldOut;
    this.images = images;
    this.preprocessing = preprocessing;
    this.recipe = recipe;
    this.listener = listener;
    plan = plan(network, preprocessing);
    assigner = PrecisionAssigner.of(plan, recipe);
    Libtorch.prepare();
    Libtorch.threads(recipe.threads());
    Device.use(recipe.device());
    if (recipe.bfloat16()) {
      Bfloat16.require(recipe.device());
      Convolutions.requireFast(plan);
    }
    Convolutions.choose(plan);
    Convolutions.check(plan, Math.min(recipe.batch(), images.count()), recipe.bfloat16());
  }

  static Plan plan(Network network, Preprocessing preprocessing) {
    return PlanBuilder.build(
        Simplification.of(network),
        preprocessing.channels(),
        preprocessing.height(),
        preprocessing.width(),
        Set.of());
  }

  PrecisionAssigner assigner() {
    return assigner;
  }

  /**
   * Trains in full precision.
   *
   * @param phase {@link Phase#FULL} or {@link Phase#CONTROL}
   */
  Network full(Phase phase, Network start, int epochs, TrainingState state) {
    Parameters parameters = new Parameters(Simplification.of(start), plan);
    phase(phase, parameters, epochs, null, null, null, state);
    return parameters.network();
  }

  /** Searches precisions by noise. */
  Searched search(Network full, TrainingState state) {
    Network start = evened(full);
    Parameters parameters = new Parameters(start, plan);
    Calibration before = calibrate(parameters);
    float[][] startDelta = Calibration.startDelta(plan, start, recipe.layerDelta());
    Noise noise = new Noise(plan, startDelta, before.startAlpha(), recipe.startPrecision());
    phase(Phase.NOISE, parameters, recipe.noiseEpochs(), noise, null, null, state);
    return new Searched(parameters.network(), noise.continuous());
  }

  /** The network with its channels brought to one size, if the recipe wants that. */
  Network evened(Network network) {
    return recipe.equalise() ? Equalisation.of(plan, network, some()) : network;
  }

  /**
   * Fine-tunes at given precisions.
   *
   * @param searched what the search made
   * @param precision by group id, then channel
   * @param epochs how long
   * @param teacher the full-precision network to distil from, or null for none
   */
  TrainedNetwork fineTune(
      Searched searched,
      int[][] precision,
      int epochs,
      @Nullable Network teacher,
      TrainingState state) {
    Parameters parameters = new Parameters(searched.network(), plan);
    Calibration after = calibrate(parameters);
    Quantisers fitted =
        new Quantisers(
            after.valueSteps(),
            after.alpha(precision),
            precision,
            searched.continuous(),
            Calibration.delta(plan, searched.network(), precision, recipe.layerDelta()));
    Quantisation quantisation =
        new Quantisation(plan, fitted, recipe.layerDelta(), !recipe.fixedSteps());
    if (!state.reached(Phase.QUANTISED)) {
      renormalise(parameters, quantisation);
    }
    Teacher distilled =
        teacher == null || recipe.distil() == 0
            ? null
            : new Teacher(plan, new Parameters(teacher, plan), recipe.distil());
    phase(Phase.QUANTISED, parameters, epochs, null, quantisation, distilled, state);
    return trained(parameters, quantisation);
  }

  /** The network with its steps as they are now. */
  TrainedNetwork trained(Parameters parameters, Quantisation quantisation) {
    return new TrainedNetwork(
        parameters.network(),
        plan,
        quantisation.quantisers(),
        recipe.patterns(),
        recipe.assign(),
        preprocessing,
        images.classNames(),
        provenance());
  }

  /**
   * Fine-tunes a trained network whose precisions were changed, from the steps that it has.
   *
   * @param start its network and quantisers
   * @param epochs how long; batch normalisation first meets the changed values
   */
  TrainedNetwork tune(TrainedNetwork start, int epochs, TrainingState state) {
    Parameters parameters = new Parameters(start.network(), plan);
    Quantisation quantisation =
        new Quantisation(plan, start.quantisers(), recipe.layerDelta(), !recipe.fixedSteps());
    if (!state.reached(Phase.QUANTISED)) {
      renormalise(parameters, quantisation);
    }
    phase(Phase.QUANTISED, parameters, epochs, null, quantisation, null, state);
    return new TrainedNetwork(
        parameters.network(),
        plan,
        quantisation.quantisers(),
        start.patterns(),
        start.assign(),
        preprocessing,
        start.classNames(),
        start.provenance().with("tuned", recipe.toString()));
  }

  /** Quantisers of a trained network at other precisions, all steps but those of streams fitted. */
  Quantisers fitted(TrainedNetwork from, int[][] precision) {
    Calibration seen = calibrate(new Parameters(from.network(), plan));
    Quantisers old = from.quantisers();
    return new Quantisers(
        old.valueStep(),
        seen.alpha(precision),
        precision,
        old.continuous(),
        Calibration.delta(plan, from.network(), precision, recipe.layerDelta()));
  }

  /**
   * Precisions that channels would like, measured without training (see {@link Sensitivity}).
   *
   * @return {@code p^} by group id, then channel
   */
  float[][] sensitivity(Network network) {
    return new Sensitivity(plan, network, some(), recipe.layerDelta()).continuous(assigner);
  }

  /** Images of all classes, normalised, with their labels. */
  List<Batch> some() {
    return sample().batches();
  }

  private ImageSample sample() {
    return new ImageSample(images, preprocessing, recipe.batch(), recipe.seed());
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
    Calibration calibration = new Calibration(plan, sample().count());
    sample()
        .forEach(
            batch -> {
              try (PointerScope _ = new PointerScope()) {
                calibration.look(parameters, tensor(batch));
              }
            });
    return calibration;
  }

  /** Batch normalisation meets quantised values for the first time. */
  void renormalise(Parameters parameters, Disturbance disturbance) {
    Walk walk = new Walk(plan, parameters, recipe.bfloat16());
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

  /** The order and the changes of the images of an epoch. */
  Epoch epoch(Phase phase, int number) {
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
      @Nullable Teacher teacher,
      TrainingState state) {
    Map<String, Tensor> learned =
        noise != null ? noise.learned() : quantisation != null ? quantisation.learned() : Map.of();
    boolean averaged = recipe.average() && quantisation != null;
    int perEpoch = epoch(phase, 1).batches(images.count());
    PhaseState here = new PhaseState(phase, parameters, learned, averaged ? perEpoch : 0);
    here.lambda = START_PRICE / searchedWeights();
    new PhaseRun(this, here, noise, quantisation, teacher, state).run(epochs, perEpoch);
  }
}
