package org.sysmol.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.LayerAccount;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.TimeBudget;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;
import org.sysmol.core.trained.Provenance;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.cost.CostCache;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.cost.TimePrediction;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.train.PrecisionAssigner;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Option;

/** A budget of time on this processor, and by which costs time is predicted. */
final class CpuTimeOptions {
  @Option(
      names = "--cpu-time",
      paramLabel = "MS",
      description =
          "Budget as milliseconds that one image is predicted to take on one thread of this"
              + " processor, by its cost table, instead of --bits.")
  private @Nullable Double cpuTime;

  @Option(
      names = "--cost-table",
      paramLabel = "FILE",
      description =
          "With --cpu-time: predict by this table, which explain --cost-table wrote on this"
              + " processor (default: the one kept for it, measured where there is none).")
  private @Nullable Path costTable;

  /**
   * What a budget was planned by.
   *
   * @param from where the table comes from
   */
  private record Planned(TimeBudget budget, CostTable table, String from, double leastMs) {}

  private @Nullable Planned planned;

  /** True if a budget of time was given. */
  boolean given() {
    return cpuTime != null;
  }

  /**
   * Refuses what makes no sense, before anything is read.
   *
   * @param rule of assignment that was asked for
   */
  void check(String rule) {
    if (cpuTime == null) {
      if (costTable != null) {
        throw SysmolException.badInput(
            "--cost-table says by which costs --cpu-time predicts; give --cpu-time too.");
      }
      return;
    }
    // Written so that NaN is refused.
    if (!(cpuTime > 0 && cpuTime <= TimeBudget.LONGEST)) {
      throw SysmolException.badInput(
          "--cpu-time takes milliseconds above 0, e.g. 1.2, not " + cpuTime + ".");
    }
    if (!rule.equals("budget")) {
      throw SysmolException.badInput(
          "--cpu-time charges time, which the rule " + rule + " does not; leave --assign away.");
    }
  }

  /**
   * The recipe with the budget of time, which must have been given.
   *
   * @param err hears which costs are used, and that a budget does not bind
   * @throws SysmolException (bad input) if no machine code runs here, the table is another
   *     processor's, or the budget is impossible, naming the smallest possible
   */
  TrainingRecipe applied(TrainingRecipe recipe, BudgetSketch sketch, PrintWriter err) {
    double milliseconds = java.util.Objects.requireNonNull(cpuTime);
    requireMachineCode(EngineChoice.auto());
    CostCache cache = CostCache.ofUser(err::println);
    CpuFeatures here = CpuFeatures.detect();
    CostTable table;
    String from;
    if (costTable != null) {
      table = CostTableFile.read(costTable);
      requireHere(table, costTable);
      from = costTable.toString();
    } else {
      table = cache.get(here.best(), false);
      from = cache.file(here.best()).toString();
    }
    String costs = table.cpu() + " (class " + table.cpuClass().text() + ")";
    err.println("Time is predicted by the costs of " + costs + " in " + from + ".");
    Packing packing = Packing.parse(recipe.patterns());
    PackedNetwork packed =
        NetworkCompiler.compile(
            sketch.at(
                sketch.mixed(packing), recipe.patterns(), "budget", new Provenance(Map.of())));
    TimePrediction prediction = TimePrediction.of(packed, table);
    TimeBudget budget =
        new TimeBudget(
            milliseconds,
            costs,
            prediction.fixedPicoseconds(),
            byGroup(sketch.plan(), packed, prediction));
    TrainingRecipe timed = recipe.withTime(budget);
    PrecisionAssigner assigner = PrecisionAssigner.of(sketch.plan(), timed);
    assigner.requirePossible();
    double free = assigner.unboundMilliseconds();
    if (milliseconds >= free) {
      err.printf(
          Locale.ROOT,
          "note: --cpu-time %s does not bind: with every channel at its best %.4f ms are"
              + " predicted.%n",
          text(milliseconds),
          free);
    }
    planned = new Planned(budget, table, from, assigner.leastMilliseconds());
    return timed;
  }

  /** Refuses an engine that has no cost table. */
  static void requireMachineCode(EngineChoice choice) {
    if (!choice.engine().name().equals("machine-code")) {
      throw SysmolException.badInput(
          "--cpu-time predicts by costs of machine code, but engine "
              + choice.engine().name()
              + " runs here"
              + (choice.refused().isEmpty() ? "." : " (" + String.join(" ", choice.refused()) + ")")
              + (choice.refused().isEmpty() ? "" : "; give --bits instead."));
    }
  }

  private static void requireHere(CostTable table, Path file) {
    CpuFeatures here = CpuFeatures.detect();
    if (!table.cpu().equals(here.name()) || table.cpuClass() != here.best()) {
      throw SysmolException.badInput(
          "The costs in %s are of %s (class %s), but this is %s (class %s), and times of two are never compared; export them here with explain --cost-table."
              .formatted(
                  file, table.cpu(), table.cpuClass().text(), here.name(), here.best().text()));
    }
  }

  /**
   * Times of the plan's searched groups: convolutions of a plan are those of its steps in order.
   */
  private static List<LayerTime> byGroup(
      Plan plan, PackedNetwork packed, TimePrediction prediction) {
    LayerTime[] times = new LayerTime[plan.groups().size()];
    List<Stage.Convolution> stages = plan.convolutions();
    int next = 0;
    for (Step step : packed.steps()) {
      if (step instanceof Step.Convolution c) {
        LayerTime time = prediction.layers().get(c.input());
        if (time != null) {
          times[stages.get(next).group()] = time;
        }
        next++;
      }
    }
    return plan.groups().stream()
        .filter(InputGroup::searched)
        .map(group -> times[group.id()])
        .toList();
  }

  /**
   * What came of a budget of time.
   *
   * @param predictedMs of the packed network
   * @param measuredMs median of the whole network, one image, one thread
   */
  record Outcome(
      TimeBudget budget,
      CostTable table,
      String from,
      double leastMs,
      double predictedMs,
      double measuredMs) {
    /** In one line. */
    String line() {
      return String.format(
          Locale.ROOT,
          "%.4f ms predicted, %.4f ms measured of a budget of %s ms (one image, one thread, costs"
              + " of %s)",
          predictedMs,
          measuredMs,
          text(budget.milliseconds()),
          budget.costs());
    }

    /** What to say of a budget that was missed, or nothing. */
    String missed() {
      return predictedMs <= budget.milliseconds()
          ? ""
          : String.format(
              Locale.ROOT,
              "The network is predicted to take %.4f ms, more than --cpu-time %s, as its channels"
                  + " can't all be in the order that their layers want; retarget it with a smaller"
                  + " one.",
              predictedMs,
              text(budget.milliseconds()));
    }

    /** For machines. */
    Map<String, Object> json() {
      return JsonOutput.object(
          "budget_ms",
          budget.milliseconds(),
          "least_ms",
          leastMs,
          "fixed_ms",
          budget.fixedPicoseconds() / TimeBudget.PER_MILLISECOND,
          "predicted_ms",
          predictedMs,
          "measured_ms",
          measuredMs,
          "costs",
          JsonOutput.object(
              "cpu", table.cpu(), "cpu_class", table.cpuClass().text(), "from", from));
    }
  }

  /** Predicts and measures a packed network; empty without a budget of time. */
  Optional<Outcome> outcome(PackedNetwork packed) {
    if (planned == null) {
      return Optional.empty();
    }
    Planned by = planned;
    LayerAccount account =
        LayerAccount.of(packed, EngineClass.parse("auto", Optional.empty()), 1, 1, _ -> by.table());
    return Optional.of(
        new Outcome(
            by.budget(),
            by.table(),
            by.from(),
            by.leastMs(),
            account.predictedMs().orElseThrow(),
            account.wholeMs()));
  }

  private static String text(double milliseconds) {
    return BigDecimal.valueOf(milliseconds).stripTrailingZeros().toPlainString();
  }
}
