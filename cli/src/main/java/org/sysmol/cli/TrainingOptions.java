package org.sysmol.cli;

import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Option;

/** The options of commands that train. */
final class TrainingOptions {
  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--bits",
      paramLabel = "B",
      defaultValue = "2.0",
      description =
          "Budget in bits per weight over all layers, 8-bit edge layers included (default:"
              + " ${DEFAULT-VALUE}).")
  private double bits = 2.0;

  @Option(
      names = "--patterns",
      paramLabel = "SET",
      defaultValue = "P4",
      description =
          "U2, U4, P4, P8, P45, free, or a list such as 128,0,0;0,0,32 (default: ${DEFAULT-VALUE}).")
  private String patterns = "P4";

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
      description = "Epochs in full precision, of the search, of the fine-tuning, e.g. 8,3,5.")
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
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads of libtorch; part of the seed, as sums depend on it (default: ${DEFAULT-VALUE}).")
  private int threads = 2;

  /** The recipe asked for. */
  TrainingRecipe recipe() {
    // Written so that NaN is refused.
    if (!(bits > 0 && bits <= 8)) {
      throw SysmolException.badInput(
          "--bits takes a number above 0 and up to 8, e.g. 2.0, not " + bits + ".");
    }
    if (threads < 1) {
      throw SysmolException.badInput(
          "--threads takes a number of at least 1, not " + threads + ".");
    }
    if (!TrainingRecipe.RULES.contains(assign)) {
      throw SysmolException.badInput(
          "--assign takes " + String.join(" or ", TrainingRecipe.RULES) + ", not " + assign + ".");
    }
    TrainingRecipe recipe =
        TrainingRecipe.demo(seed, threads)
            .with(bits, PatternSet.parse(patterns).name(), assign)
            .withDistillation(distil);
    if (epochs.isEmpty()) {
      return recipe;
    }
    String[] parts = epochs.split(",", -1);
    try {
      if (parts.length == 3) {
        return recipe.withEpochs(
            Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
      }
    } catch (NumberFormatException e) {
      throw SysmolException.badInput(
          "--epochs takes three numbers, e.g. 8,3,5, not " + epochs + ".", e);
    }
    throw SysmolException.badInput("--epochs takes three numbers, e.g. 8,3,5, not " + epochs + ".");
  }
}
