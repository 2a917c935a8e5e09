package org.sysmol.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Partition;
import org.sysmol.train.Bfloat16;
import org.sysmol.train.HeldOut;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that train. */
final class TrainingOptions {
  /** Learning rates where none are given. */
  static final String RATES = "0.1,0.02,0.02";

  private static final String DEMO_RATES = "0.1,0.02,0.05";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--bits",
      paramLabel = "B",
      description =
          "Budget in bits per weight over all layers, 8-bit edge layers included (default: 2.0).")
  private @Nullable Double bits;

  @Mixin private ArchitectureOptions architecture = new ArchitectureOptions();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--assign",
      paramLabel = "RULE",
      defaultValue = "budget",
      description =
          "budget: least loss within the budget; registers: the same, whole registers charged;"
              + " paper: fewest registers, then most bits (default: ${DEFAULT-VALUE}).")
  private String assign = "budget";

  @Option(
      names = "--epochs",
      paramLabel = "F,N,Q",
      defaultValue = "",
      description = "Epochs in full precision, of the search, of the fine-tuning (default: 8,3,5).")
  private String epochs = "";

  @Option(
      names = "--distil",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Share of the fine-tuning's loss that compares with the full-precision network's scores"
              + " instead of the labels, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double distil = 0;

  @Option(
      names = "--start-bits",
      paramLabel = "B",
      defaultValue = "5",
      description =
          "Precision of every channel when the search starts, above 1 and up to 16 (default:"
              + " ${DEFAULT-VALUE}).")
  private double startBits = 5;

  @Option(
      names = "--ramp",
      paramLabel = "SHARE",
      defaultValue = "" + TrainingRecipe.RAMP,
      description =
          "Share of the search, 0 to 1, over which the bits aimed at come down to the budget, so"
              + " that noise grows gradually; 0 aims at the budget at once (default:"
              + " ${DEFAULT-VALUE}).")
  private double ramp = TrainingRecipe.RAMP;

  @Option(
      names = "--noise-step",
      paramLabel = "S",
      defaultValue = "0.03",
      description =
          "Adam's step for what decides each channel's noise, above 0 and up to 1: higher for"
              + " searches of few steps (default: ${DEFAULT-VALUE}).")
  private double noiseStep = 0.03;

  @Option(
      names = "--equalise",
      description =
          "Before the search, bring the activations of all channels of a layer to one size and fold"
              + " their factors into the weights.")
  private boolean equalise;

  @Option(
      names = "--delta",
      paramLabel = "OF",
      defaultValue = "output",
      description =
          "What has a step of its own for weights: each output of a layer, or the layer (default:"
              + " ${DEFAULT-VALUE}).")
  private String delta = "output";

  @Option(
      names = "--steps",
      paramLabel = "HOW",
      defaultValue = "learned",
      description =
          "Steps of weights and activations are learned in the fine-tuning, or stay fixed as they"
              + " were fitted (default: ${DEFAULT-VALUE}).")
  private String steps = "learned";

  @Option(
      names = "--schedule",
      paramLabel = "HOW",
      defaultValue = "cosine",
      description =
          "The rate of the fine-tuning, and of the baseline trained on, falls as a cosine, or is"
              + " constant (default: ${DEFAULT-VALUE}).")
  private String schedule = "cosine";

  @Option(
      names = "--average",
      description =
          "End with the running mean of weights and steps over about the last epoch of the"
              + " fine-tuning instead of their last values.")
  private boolean average;

  @Option(
      names = "--bf16",
      description =
          "Convolutions of the search and the fine-tuning take bfloat16 numbers, which makes them"
              + " about twice as fast on a processor with avx512_bf16 or amx_bf16. Part of the seed.")
  private boolean bfloat16;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads of libtorch; part of the seed, as sums depend on it (default: ${DEFAULT-VALUE}).")
  private int threads = 2;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "100",
      description = "Images of a step (default: ${DEFAULT-VALUE}).")
  private int batch = 100;

  @Option(
      names = "--rates",
      paramLabel = "F,N,Q",
      defaultValue = "",
      description =
          "Highest learning rate of weights in full precision, in the search, in the fine-tuning"
              + " (default: 0.1,0.02,0.02; of the demo, which is short, 0.1,0.02,0.05).")
  private String rates = "";

  @Option(
      names = "--shift",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Training pictures move by up to this many pixels at random (default: ${DEFAULT-VALUE}).")
  private int shift = 2;

  @Option(names = "--no-flip", description = "Don't mirror training pictures at random.")
  private boolean noFlip;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      description =
          "Keep this share of each class's training pictures out of training, up to 0.5, and measure"
              + " accuracy on them after each epoch (default: 0, none).")
  private @Nullable Double heldOut;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "End a phase after so many epochs without a better accuracy on the pictures of --held-out,"
              + " with the weights of its best epoch; the search always goes to its end (default:"
              + " ${DEFAULT-VALUE}, never).")
  private int patience = 0;

  @Option(
      names = "--no-baseline",
      description =
          "Don't train the full-precision network on for as many epochs as search and fine-tuning"
              + " take; the comparison is then with the network before the search.")
  private boolean noBaseline;

  /** Seed of everything random. */
  long seed() {
    return seed;
  }

  /** True if a budget in bits was given. */
  boolean hasBits() {
    return bits != null;
  }

  /**
   * Pictures in the parts that training takes.
   *
   * @param training those to train with
   * @param heldOut those that it is watched by
   */
  record Pictures(ImageSet training, HeldOut heldOut) {}

  /** Holds out what is asked for. */
  Pictures divide(ImageSet images) {
    return divide(images, null);
  }

  /** The same; the budget follows from a greatest drop in points, where one is given. */
  Pictures divide(ImageSet images, @Nullable Double maxDrop) {
    double share = share();
    if (share == 0) {
      return new Pictures(images, HeldOut.NONE);
    }
    Partition parts = Partition.of(images, share);
    return new Pictures(parts.training(), new HeldOut(parts.heldOut(), patience, maxDrop));
  }

  /** True if pictures are held out. */
  boolean holdsOut() {
    return share() > 0;
  }

  private double share() {
    return heldOut == null ? 0 : heldOut;
  }

  /** A recipe on the device asked for; loads libtorch. */
  TrainingRecipe onDevice(TrainingRecipe recipe) {
    return device.applied(recipe);
  }

  /** The rule asked for. */
  String assign() {
    return assign;
  }

  /** The demonstration's recipe. */
  TrainingRecipe recipe() {
    return recipe("8,3,5", DEMO_RATES);
  }

  /**
   * The recipe asked for.
   *
   * @param usual epochs where none are given
   * @param usualRates the same of learning rates
   */
  TrainingRecipe recipe(String usual, String usualRates) {
    device.check();
    if (bfloat16) {
      Bfloat16.require(device.found());
    }
    double budget = bits == null ? 2.0 : bits;
    // Written so that NaN is refused.
    if (!(budget > 0 && budget <= 8)) {
      throw SysmolException.badInput(
          "--bits takes a number above 0 and up to 8, e.g. 2.0, not " + budget + ".");
    }
    OptionValues.requireThreads(threads);
    OptionValues.requireAtLeast("--batch", batch, 1);
    if (!(noiseStep > 0 && noiseStep <= 1)) {
      throw SysmolException.badInput(
          "--noise-step takes a number above 0 and up to 1, e.g. 0.01, not " + noiseStep + ".");
    }
    OptionValues.requireAtLeast("--patience", patience, 0);
    if (!(share() >= 0 && share() <= Partition.MOST)) {
      throw SysmolException.badInput(
          "--held-out takes a share of 0 to 0.5, e.g. 0.1, not " + heldOut + ".");
    }
    if (patience > 0 && share() == 0) {
      throw SysmolException.badInput(
          "--patience looks at pictures that training never sees; hold some out with --held-out,"
              + " e.g. 0.1.");
    }
    if (shift < 0 || shift > 256) {
      throw SysmolException.badInput("--shift takes a number of 0 to 256, not " + shift + ".");
    }
    if (!TrainingRecipe.RULES.contains(assign)) {
      throw SysmolException.badInput(
          "--assign takes " + String.join(" or ", TrainingRecipe.RULES) + ", not " + assign + ".");
    }
    TrainingRecipe recipe =
        TrainingRecipe.demo(seed, threads)
            .with(budget, architecture.packing("P4"), assign)
            .withDistillation(distil)
            .withAverage(average)
            .withLayerDelta(OptionValues.oneOf("--delta", delta, "output", "layer"))
            .withFixedSteps(OptionValues.oneOf("--steps", steps, "learned", "fixed"))
            .withConstantRate(OptionValues.oneOf("--schedule", schedule, "cosine", "constant"))
            .withNoise(startBits, ramp)
            .withNoiseStep(noiseStep)
            .withEqualisation(equalise)
            .withBfloat16(bfloat16)
            .withBatch(batch)
            .withAugmentation(shift, !noFlip)
            .withControl(!noBaseline);
    List<Double> r = OptionValues.three("--rates", rates.isEmpty() ? usualRates : rates, RATES);
    for (double rate : r) {
      if (!(rate >= 0 && rate <= 10)) {
        throw SysmolException.badInput(
            "--rates takes three numbers from 0 to 10, e.g. " + RATES + ", not " + rates + ".");
      }
    }
    recipe = recipe.withRates(r.get(0), r.get(1), r.get(2));
    String lengths = epochs.isEmpty() ? usual : epochs;
    List<Double> e = OptionValues.three("--epochs", lengths, "8,3,5");
    for (double length : e) {
      if (!(length >= 0 && length <= 100_000) || length != Math.rint(length)) {
        throw SysmolException.badInput(
            "--epochs takes three whole numbers, e.g. 8,3,5, not " + lengths + ".");
      }
    }
    if (e.get(1) < 1) {
      throw SysmolException.badInput(
          "--epochs needs at least one epoch of search, not " + lengths + ".");
    }
    if (e.get(2) == 0) {
      refuseWithoutTuning(e.get(0) == 0);
    }
    return recipe.withEpochs(e.get(0).intValue(), e.get(1).intValue(), e.get(2).intValue());
  }

  /** Refuses options of a fine-tuning that does not take place. */
  private void refuseWithoutTuning(boolean searchAlone) {
    refuseIdle("--distil", distil > 0);
    refuseIdle("--average", average);
    refuseIdle("--steps", steps.equals("fixed"));
    // A baseline that is trained on has a rate and held-out pictures too.
    refuseIdle("--schedule", noBaseline && schedule.equals("constant"));
    refuseIdle("--patience", noBaseline && searchAlone && patience > 0);
  }

  private static void refuseIdle(String option, boolean given) {
    if (given) {
      throw SysmolException.badInput(
          option
              + " is about the fine-tuning, which --epochs leaves out; give it epochs, or leave "
              + option
              + " away.");
    }
  }
}
