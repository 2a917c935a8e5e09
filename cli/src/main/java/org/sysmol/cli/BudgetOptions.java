package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.trained.Provenance;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.train.PrecisionAssigner;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Budgets in other words than bits per weight: each is turned into those before training. */
final class BudgetOptions {
  /** Part of a budget of bytes that is left for what is not known before training. */
  private static final int SPARE_BYTES = 128;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      description = "Budget as the size of the packed file instead of --bits.")
  private @Nullable Long bytes;

  @Option(
      names = "--registers",
      paramLabel = "N",
      description =
          "Budget as registers that the weights of searched layers fill, over all outputs"
              + " and taps, instead of --bits; the rule is then registers.")
  private @Nullable Long registers;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description =
          "Instead of --bits: the fewest bits at which the full-precision network, calibrated without"
              + " training, loses at most so many points of accuracy on the pictures of --held-out;"
              + " after the fine-tuning the drop must hold there.")
  private @Nullable Double maxDrop;

  @Mixin private CpuTimeOptions cpuTime = new CpuTimeOptions();

  /** The budget of time, if there is one. */
  CpuTimeOptions cpuTime() {
    return cpuTime;
  }

  /** Points of accuracy that may be lost, or null for a budget in other words. */
  @Nullable Double maxDrop() {
    return maxDrop;
  }

  /**
   * The recipe with its budget in bits, whatever it was stated in.
   *
   * @param command line, which the file records
   * @param err hears what is to know of the budget
   */
  TrainingRecipe applied(
      TrainingRecipe recipe,
      TrainingOptions options,
      TrainingSubject.Opened subject,
      String command,
      PrintWriter err) {
    check(options);
    if (cpuTime.given()) {
      return cpuTime.applied(recipe, BudgetSketch.of(subject), err);
    }
    if (bytes != null) {
      return recipe.with(
          bitsOfBytes(recipe, subject, bytes, command), recipe.patterns(), recipe.assign());
    }
    if (registers != null) {
      if (options.assign().equals("paper")) {
        throw SysmolException.badInput(
            "The rule paper has no budget, so it takes no --registers; leave --assign away.");
      }
      PrecisionAssigner assigner =
          new PrecisionAssigner(subject.plan(), Packing.parse(recipe.patterns()), "registers", 8.0);
      long least = assigner.leastRegisters();
      if (registers < least) {
        throw SysmolException.badInput(
            "A budget of %d registers is impossible with pattern set %s: the smallest possible is %d."
                .formatted(registers, recipe.patterns(), least));
      }
      double bits = Math.min(64, assigner.bitsOfRegisters(registers));
      return recipe.with(bits, recipe.patterns(), "registers");
    }
    return recipe;
  }

  /** Refuses budgets that don't go together, or with other options. */
  void check(TrainingOptions options) {
    int stated =
        (options.hasBits() ? 1 : 0)
            + (bytes != null ? 1 : 0)
            + (registers != null ? 1 : 0)
            + (maxDrop != null ? 1 : 0)
            + (cpuTime.given() ? 1 : 0);
    if (stated > 1) {
      throw SysmolException.badInput(
          "--bits, --bytes, --registers, --max-drop and --cpu-time are budgets in different words; give one of them.");
    }
    if (maxDrop != null) {
      checkDrop(maxDrop, options);
    }
    cpuTime.check(options.assign());
  }

  private static void checkDrop(double points, TrainingOptions options) {
    // Written so that NaN is refused.
    if (!(points >= 0 && points <= 100)) {
      throw SysmolException.badInput(
          "--max-drop takes points of accuracy from 0 to 100, e.g. 0.5, not " + points + ".");
    }
    if (!options.holdsOut()) {
      throw SysmolException.badInput(
          "--max-drop is judged on pictures that training never sees; hold some out with"
              + " --held-out, e.g. 0.1.");
    }
    if (!options.assign().equals("budget")) {
      throw SysmolException.badInput(
          "--max-drop looks for a budget of assigned bits, which the rule "
              + options.assign()
              + " does not have; leave --assign away.");
    }
  }

  /** True if a budget was given that a network must keep. */
  boolean strict() {
    return bytes != null || registers != null || maxDrop != null || cpuTime.given();
  }

  /**
   * What to say of a packed network that missed its budget; empty if it kept it.
   *
   * @param bits the budget that it was trained for, in bits per weight
   * @param lost points of accuracy on held-out images; NaN where none are
   */
  String missed(TrainingRecipe recipe, double bits, PackedTraining packed, double lost) {
    if (maxDrop != null && lost > maxDrop) {
      return String.format(
          Locale.ROOT,
          "The network lost %.2f points on held-out images at %.3f bits per weight, more than"
              + " --max-drop %s; train longer with --epochs, or with more --bits where --patterns"
              + " has them.",
          lost,
          bits,
          maxDrop);
    }
    double over = packed.size().bitsAll() - recipe.bits();
    if (recipe.assign().equals("paper") && over > 0) {
      return String.format(
          Locale.ROOT,
          "The rule paper takes the fewest registers and then the most bits, whatever that comes to:"
              + " %.3f bits per weight, %.3f above the budget of %.3f; --assign budget keeps it.",
          packed.size().bitsAll(),
          over,
          recipe.bits());
    }
    if (bytes != null && packed.bytes() > bytes) {
      return "The file has %,d bytes, %,d more than --bytes; retarget it with fewer --bits."
          .formatted(packed.bytes(), packed.bytes() - bytes);
    }
    if (registers != null && packed.size().registers() > registers) {
      return "The network fills %,d registers, %,d more than --registers, as groups of channels fill their own; retarget it with fewer --bits."
          .formatted(packed.size().registers(), packed.size().registers() - registers);
    }
    return "";
  }

  /** All that a file holds beside its searched weights' bits does not depend on the budget. */
  private static double bitsOfBytes(
      TrainingRecipe recipe, TrainingSubject.Opened subject, long bytes, String command) {
    Plan plan = subject.plan();
    Packing patterns = Packing.parse(recipe.patterns());
    String rule = recipe.assign().equals("paper") ? "budget" : recipe.assign();
    SplittableRandom random = new SplittableRandom(1);
    float[][] wish = new float[plan.groups().size()][];
    for (InputGroup group : plan.groups()) {
      wish[group.id()] = new float[group.searched() ? plan.value(group).channels() : 0];
      for (int c = 0; c < wish[group.id()].length; c++) {
        wish[group.id()][c] = (float) (1 + 3 * random.nextDouble());
      }
    }
    double least = new PrecisionAssigner(plan, patterns, rule, 8.0).least(wish);
    double weights = plan.weights();
    double most = rule.equals("registers") ? 64 : 8;
    double bits = least;
    BudgetSketch sketch = BudgetSketch.of(subject);
    Provenance provenance = provenance(recipe, command);
    // Orders and placements of channels are part of a file, and depend on the budget a little.
    for (int i = 0; i < 3; i++) {
      int[][] precision = new PrecisionAssigner(plan, patterns, rule, bits).assign(wish);
      PackedNetwork packed =
          SelfCheck.sign(
              NetworkCompiler.compile(
                  sketch.at(precision, recipe.patterns(), recipe.assign(), provenance)));
      double fixed =
          SmolFile.bytes(packed).length
              - NetworkSize.of(packed).bitsAll() * weights / 8
              + SPARE_BYTES;
      bits = Math.min(most, (bytes - fixed) * 8 / weights);
      if (bits < least) {
        throw SysmolException.badInput(
            "A file of %,d bytes is impossible with pattern set %s: the smallest possible has about %,d."
                .formatted(
                    bytes, recipe.patterns(), (long) Math.ceil(fixed + least * weights / 8)));
      }
    }
    return bits;
  }

  /** As long as that of the trained network. */
  private static Provenance provenance(TrainingRecipe recipe, String command) {
    return new Provenance(java.util.Map.of())
        .with("recipe", recipe.toString())
        .with("data", "-".repeat(96))
        .with("command", command)
        .with("seed", Long.toString(recipe.seed()))
        .with("version", Main.VERSION);
  }
}
