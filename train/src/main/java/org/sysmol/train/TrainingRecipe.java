package org.sysmol.train;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.TimeBudget;

/**
 * All that decides what training makes of a network and its data; equal recipes on equal data,
 * threads and processor class give equal bits.
 *
 * @param seed of weights' order of data, augmentation and noise
 * @param threads of libtorch, at least 1
 * @param batch images of a step
 * @param fullEpochs epochs in full precision before the search
 * @param noiseEpochs epochs of the search
 * @param quantisedEpochs epochs of the fine-tuning
 * @param control whether the full-precision network is also trained on for as many epochs as search
 *     and fine-tuning take, as the honest baseline
 * @param bits budget in bits per weight over all layers, edges at 8 bits included; plays no part
 *     where there is a budget in time
 * @param patterns text of the packing: the pattern set, and what else registers do
 * @param assign {@code budget} (least loss within a budget of assigned bits), {@code registers}
 *     (the same, but whole registers are charged, empty slots included) or {@code paper} (fewest
 *     registers, then most bits; whatever budget that comes to), or {@link #TIME}
 * @param shift largest shift of a training image in pixels; 0 for none
 * @param flip whether training images are mirrored at random
 * @param fullRate highest learning rate of the full-precision phase
 * @param noiseRate learning rate of weights during the search
 * @param quantisedRate highest learning rate of the fine-tuning and of the control
 * @param decay weight decay
 * @param startPrecision precision of every channel when the search starts
 * @param noiseStep Adam's step for {@code s}
 * @param ramp share of the search, from 0 to 1, over which the bits aimed at come down from {@code
 *     startPrecision} (4 at most) to the budget, and the noise grows with them; 0 for at once
 * @param equalise whether the search starts from a network whose channels were brought to one size
 *     (see {@link Equalisation})
 * @param distil share, from 0 to 1, of the fine-tuning's loss that compares the scores with those
 *     of the full-precision network (of the baseline, where it is trained on) instead of the labels
 * @param average whether the fine-tuning's result is the running mean of weights and steps over its
 *     last epochs (see {@link RunningMean}) instead of their last values
 * @param time budget in time, with {@link #TIME} as its rule; null for a budget in bits
 * @param device what libtorch computes on, {@link Device#CPU} or {@link Device#CUDA}
 * @param bfloat16 whether convolutions of the search and the fine-tuning take bfloat16 numbers (see
 *     {@link Bfloat16}); full precision stays binary32
 * @param layerDelta whether all outputs of a layer have one {@code delta} (the paper's case)
 * @param fixedSteps whether {@code delta} and {@code alpha} stay in the fine-tuning what they were
 *     fitted to
 * @param constantRate whether the rate of the fine-tuning and of the control stays at its highest
 *     instead of falling to 0 as a cosine
 */
public record TrainingRecipe(
    long seed,
    int threads,
    int batch,
    int fullEpochs,
    int noiseEpochs,
    int quantisedEpochs,
    boolean control,
    double bits,
    String patterns,
    String assign,
    int shift,
    boolean flip,
    double fullRate,
    double noiseRate,
    double quantisedRate,
    double decay,
    double startPrecision,
    double noiseStep,
    double ramp,
    boolean equalise,
    double distil,
    boolean average,
    @Nullable TimeBudget time,
    String device,
    boolean bfloat16,
    boolean layerDelta,
    boolean fixedSteps,
    boolean constantRate) {
  /** The assignment rules. */
  public static final List<String> RULES = List.of("budget", "registers", "paper");

  /** The rule of a budget in time: least loss within it. */
  public static final String TIME = "time";

  /** The ramp where none is asked for. */
  public static final double RAMP = 0.6;

  /** Checks the ranges. */
  public TrainingRecipe {
    if (threads < 1 || batch < 1 || fullEpochs < 0 || noiseEpochs < 1 || quantisedEpochs < 0) {
      throw SysmolException.badInput(
          "Training needs at least one thread, one image a step and one epoch of search.");
    }
    // Whole registers of a narrow layer may be far more than its weights' own bits.
    int most = assign.equals("registers") ? 64 : 8;
    if (!(bits > 0 && bits <= most)) {
      throw SysmolException.badInput(
          "A budget of "
              + bits
              + " bits per weight makes no sense; give a number up to "
              + most
              + ".");
    }
    if (!(startPrecision > 1 && startPrecision <= 16)) {
      throw SysmolException.badInput(
          "A search can't start at "
              + startPrecision
              + " bits; give a number above 1 and up to 16.");
    }
    if (!(ramp >= 0 && ramp <= 1)) {
      throw SysmolException.badInput(
          "A ramp over a share of " + ramp + " makes no sense; give a number from 0 to 1.");
    }
    if (!(distil >= 0 && distil <= 1)) {
      throw SysmolException.badInput(
          "A share of " + distil + " for distillation makes no sense; give a number from 0 to 1.");
    }
    if (assign.equals(TIME) != (time != null)) {
      throw SysmolException.badInput(
          "The rule " + TIME + " and a budget in time go together; give both or neither.");
    }
    if (!device.equals(Device.CPU) && !device.equals(Device.CUDA)) {
      throw SysmolException.badInput("There is no device " + device + " to train on.");
    }
    if (!RULES.contains(assign) && time == null) {
      throw SysmolException.badInput(
          "There is no assignment rule " + assign + "; the rules are " + RULES + ".");
    }
  }

  /** The demonstration's recipe: minutes on two cores. */
  public static TrainingRecipe demo(long seed, int threads) {
    return new TrainingRecipe(
        seed,
        threads,
        100,
        8,
        3,
        5,
        true,
        2.0,
        "P4",
        "budget",
        2,
        true,
        0.1,
        0.02,
        0.05,
        1e-4,
        5.0,
        0.03,
        RAMP,
        false,
        0.0,
        false,
        null,
        Device.CPU,
        false,
        false,
        false,
        false);
  }

  /** The same with another budget in bits, pattern set and rule. */
  public TrainingRecipe with(double newBits, String newPatterns, String newAssign) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.bits = newBits;
    draft.patterns = newPatterns;
    draft.assign = newAssign;
    draft.time = null;
    return draft.recipe();
  }

  /** The same with a budget in time instead. */
  public TrainingRecipe withTime(TimeBudget budget) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.bits = 8;
    draft.assign = TIME;
    draft.time = budget;
    return draft.recipe();
  }

  /** The same with other lengths. */
  public TrainingRecipe withEpochs(int full, int noise, int quantised) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.fullEpochs = full;
    draft.noiseEpochs = noise;
    draft.quantisedEpochs = quantised;
    return draft.recipe();
  }

  /** The same with another seed. */
  public TrainingRecipe withSeed(long newSeed) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.seed = newSeed;
    return draft.recipe();
  }

  /** The same with other learning rates. */
  public TrainingRecipe withRates(double full, double noise, double quantised) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.fullRate = full;
    draft.noiseRate = noise;
    draft.quantisedRate = quantised;
    return draft.recipe();
  }

  /** The same with other changes to training images. */
  public TrainingRecipe withAugmentation(int newShift, boolean newFlip) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.shift = newShift;
    draft.flip = newFlip;
    return draft.recipe();
  }

  /** The same with other steps. */
  public TrainingRecipe withBatch(int images) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.batch = images;
    return draft.recipe();
  }

  /** The same with another step of Adam for {@code s}. */
  public TrainingRecipe withNoiseStep(double step) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.noiseStep = step;
    return draft.recipe();
  }

  /** The same with another course of the noise. */
  public TrainingRecipe withNoise(double newStartPrecision, double newRamp) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.startPrecision = newStartPrecision;
    draft.ramp = newRamp;
    return draft.recipe();
  }

  /** The same with or without bringing channels to one size first. */
  public TrainingRecipe withEqualisation(boolean equalised) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.equalise = equalised;
    return draft.recipe();
  }

  /** The same with another share of distillation. */
  public TrainingRecipe withDistillation(double share) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.distil = share;
    return draft.recipe();
  }

  /** The same with or without averaged weights. */
  public TrainingRecipe withAverage(boolean averaged) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.average = averaged;
    return draft.recipe();
  }

  /** The same with or without training the baseline on. */
  public TrainingRecipe withControl(boolean trained) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.control = trained;
    return draft.recipe();
  }

  /** The same on another device. */
  public TrainingRecipe withDevice(String newDevice) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.device = newDevice;
    return draft.recipe();
  }

  /** The same with or without convolutions of bfloat16 numbers. */
  public TrainingRecipe withBfloat16(boolean taken) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.bfloat16 = taken;
    return draft.recipe();
  }

  /** The same with one {@code delta} for each layer or each output. */
  public TrainingRecipe withLayerDelta(boolean perLayer) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.layerDelta = perLayer;
    return draft.recipe();
  }

  /** The same with steps that are fixed or learned in the fine-tuning. */
  public TrainingRecipe withFixedSteps(boolean fixed) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.fixedSteps = fixed;
    return draft.recipe();
  }

  /** The same with another course of the last learning rate. */
  public TrainingRecipe withConstantRate(boolean constant) {
    RecipeDraft draft = new RecipeDraft(this);
    draft.constantRate = constant;
    return draft.recipe();
  }

  /** All of it in one line: what a checkpoint is compared with before it is resumed. */
  public String text() {
    return toString().toLowerCase(Locale.ROOT);
  }

  /** All of it in one line, as networks record it ({@link RecordedRecipe} reads it). */
  @Override
  public String toString() {
    return RecordedRecipe.line(this);
  }
}
