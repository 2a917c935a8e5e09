package org.sysmol.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.sysmol.train.Bfloat16;
import org.sysmol.train.TrainingRecipe;

/**
 * A row of the published results: which network is trained on what, under which constraint.
 *
 * @param name of the row and of its file in {@code zoo/}
 * @param dataset name of the data set
 * @param network name of the network
 * @param kind how its precisions come about
 * @param patterns text of the packing: the name of the pattern set and what differs from the usual
 *     (docs/patterns.md, "Packings"); empty in full precision
 * @param bits budget in bits per weight over all layers; that of the search for rows whose
 *     precisions follow from the set alone; 32 in full precision
 * @param seed of everything random
 * @param variant what is changed in the recipe: empty, or one of {@link #VARIANTS}
 */
record ResultRow(
    String name,
    String dataset,
    String network,
    Kind kind,
    String patterns,
    double bits,
    long seed,
    String variant) {
  /** How the precisions of a row come about. */
  enum Kind {
    /** Full precision. */
    FP32("", ""),
    /** Least loss within a budget of assigned bits. */
    BUDGET("budget", "budget"),
    /** Least loss within a budget of register bits. */
    REGISTERS("registers", "registers"),
    /** The paper's rule. */
    PAPER("paper", "paper"),
    /** The set has one precision only. */
    UNIFORM("uniform", "paper"),
    /** A budget row's counts in every layer, for random channels. */
    RANDOM_CHANNELS("random channels", "budget"),
    /** A budget row's mix, alike in all layers, for random channels. */
    RANDOM_LAYERS("random layers", "budget");

    private final String title;
    private final String rule;

    Kind(String title, String rule) {
      this.title = title;
      this.rule = rule;
    }

    /** What results call it. */
    String title() {
      return title;
    }

    /** The assignment rule that it starts from. */
    String rule() {
      return rule;
    }
  }

  private static final String SHORT = "short";
  private static final String LONG = "long";

  /** Changes to the recipe whose effect is measured. */
  static final Map<String, UnaryOperator<TrainingRecipe>> VARIANTS =
      Map.ofEntries(
          Map.entry("", r -> r),
          Map.entry("distil", r -> r.withDistillation(0.5)),
          Map.entry("rate", r -> r.withRates(r.fullRate(), r.noiseRate(), 0.05)),
          Map.entry("average", r -> r.withAverage(true)),
          Map.entry("equalise", r -> r.withEqualisation(true)),
          Map.entry("at-once", r -> r.withNoise(r.startPrecision(), 0)),
          Map.entry("layer-delta", r -> r.withLayerDelta(true)),
          Map.entry("fixed-steps", r -> r.withFixedSteps(true)),
          Map.entry("constant-rate", r -> r.withConstantRate(true)),
          Map.entry(SHORT, r -> r.withEpochs(r.fullEpochs(), r.noiseEpochs(), 5)),
          Map.entry(
              LONG, r -> r.withEpochs(24, r.noiseEpochs(), 20).withBfloat16(Bfloat16.here())));

  static final String FASHION = "fashion-mnist";
  static final String SHAPES = "shapes";
  static final String CIFAR = "cifar10";

  private static ResultRow of(Kind kind, String patterns, double bits, long seed) {
    return of("fashion", FASHION, "wide", kind, patterns, bits, seed);
  }

  private static ResultRow of(
      String start,
      String dataset,
      String network,
      Kind kind,
      String patterns,
      double bits,
      long seed) {
    String set = patterns.replace('+', '-'); // names are names of files too
    String what =
        switch (kind) {
          case FP32 -> "fp32";
          case BUDGET -> set + "-" + budget(bits);
          case UNIFORM -> set;
          case PAPER -> set + "-paper";
          case REGISTERS, RANDOM_CHANNELS, RANDOM_LAYERS ->
              set + "-" + budget(bits) + "-" + kind.title().replace(' ', '-');
        };
    return new ResultRow(
        start + "-" + what + "-s" + seed, dataset, network, kind, patterns, bits, seed, "");
  }

  /** Tenths where they say it all, else hundredths. */
  private static String budget(double bits) {
    boolean tenths = Math.rint(10 * bits) == 10 * bits;
    return String.format(Locale.ROOT, tenths ? "%.1f" : "%.2f", bits);
  }

  /** The same with another recipe for fine-tuning. */
  private ResultRow with(String change) {
    String changed = name.replace("-s" + seed, "-" + change + "-s" + seed);
    return new ResultRow(changed, dataset, network, kind, patterns, bits, seed, change);
  }

  /** The command that makes it, data and weights that users bring by the names of their kinds. */
  String command() {
    return "./sysmol reproduce --rows "
        + name
        + (dataset.equals(CIFAR) ? " --resnet20 resnet20.onnx --cifar10 cifar10" : "");
  }

  /** Whether search and fine-tuning convolve in bfloat16 where the processor has it. */
  boolean wantsBfloat16() {
    return variant.equals(LONG) && kind != Kind.FP32;
  }

  /**
   * The full-precision row that this one is compared with; none where a variant has a length of its
   * own that no such row has.
   */
  Optional<ResultRow> baseline() {
    String length = variant.equals(SHORT) || variant.equals(LONG) ? variant : "";
    return all().stream()
        .filter(
            row ->
                row.kind == Kind.FP32
                    && row.dataset.equals(dataset)
                    && row.network.equals(network)
                    && row.seed == seed
                    && row.variant.equals(length))
        .findFirst();
  }

  /** All rows, in the order in which they are trained: what matters most first. */
  static List<ResultRow> all() {
    List<ResultRow> rows = new ArrayList<>();
    for (String network : List.of("plain", "depthwise", "residual")) {
      String start = "shapes-" + network;
      for (long seed = 1; seed <= 2; seed++) {
        rows.add(of(start, SHAPES, network, Kind.FP32, "", 32, seed));
        rows.add(of(start, SHAPES, network, Kind.UNIFORM, "U4", 4.0, seed));
        rows.add(of(start, SHAPES, network, Kind.BUDGET, "FREE", 2.5, seed));
      }
    }
    for (long seed = 1; seed <= 3; seed++) {
      rows.add(of(Kind.FP32, "", 32, seed));
      rows.add(of(Kind.BUDGET, "FREE", 2.0, seed));
      rows.add(of(Kind.BUDGET, "P4", 2.0, seed));
      rows.add(of(Kind.UNIFORM, "U2", 2.0, seed));
      rows.add(of(Kind.REGISTERS, "P4", 2.0, seed));
      rows.add(of(Kind.BUDGET, "P4", 1.5, seed));
      rows.add(of(Kind.BUDGET, "P4", 3.0, seed));
    }
    rows.add(of(Kind.REGISTERS, "P8", 2.0, 1));
    rows.add(of(Kind.REGISTERS, "P45", 2.0, 1));
    rows.add(of(Kind.UNIFORM, "U4", 3.0, 1));
    rows.add(of(Kind.PAPER, "P4", 2.0, 1));
    rows.add(of(Kind.RANDOM_CHANNELS, "P4", 2.0, 1));
    rows.add(of(Kind.RANDOM_LAYERS, "P4", 2.0, 1));
    for (long seed = 1; seed <= 3; seed++) {
      rows.add(of(Kind.FP32, "", 32, seed).with(LONG));
      rows.add(of(Kind.BUDGET, "P4", 2.0, seed).with(LONG));
      rows.add(of(Kind.BUDGET, "P4", 1.5, seed).with(LONG));
      rows.add(of(Kind.BUDGET, "P4", 3.0, seed).with(LONG));
      rows.add(of(Kind.UNIFORM, "U2", 2.0, seed).with(LONG));
    }
    rows.add(of(Kind.REGISTERS, "lane", 2.0, 1));
    for (long seed = 1; seed <= 3; seed++) {
      // As many registers as U2 has, and a little, for the sum is rounded.
      rows.add(of(Kind.REGISTERS, "P4", 2.0304, seed));
    }
    for (String change :
        List.of(
            SHORT,
            "distil",
            "rate",
            "average",
            "equalise",
            "at-once",
            "layer-delta",
            "fixed-steps",
            "constant-rate")) {
      rows.add(of(Kind.BUDGET, "P4", 2.0, 1).with(change));
    }
    rows.add(of("cifar", CIFAR, "resnet20", Kind.FP32, "", 32, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.BUDGET, "FREE", 2.0, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.UNIFORM, "U2", 2.0, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.UNIFORM, "U4", 4.0, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.PAPER, "P4", 2.0, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.PAPER, "P4+taps", 2.0, 1));
    rows.add(of("cifar", CIFAR, "resnet20", Kind.BUDGET, "FREE", 2.0, 1).with("rate"));
    return rows;
  }
}
