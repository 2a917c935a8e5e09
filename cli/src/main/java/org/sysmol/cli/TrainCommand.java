package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.train.LayerErrors;
import org.sysmol.train.QuantisedEvaluation;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network, searches its precisions, fine-tunes it. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description =
        "Trains a network on a data set, searches its precisions by noise, and fine-tunes it"
            + " quantised. Writes network.trained, network.smol, log.csv after every epoch,"
            + " report.html, and a checkpoint: a run that was cut off goes on where it stopped.",
    footer = {
      "",
      "Examples:",
      "  sysmol train --data datasets/fashion-mnist --bits 2 --out my-run",
      "  sysmol train --from net.onnx --data photos --bits 2",
      "  sysmol train --from net.onnx --data photos --calibrate-only     a first answer, untrained",
      "  sysmol train --network resnet20 --data cifar10 --bytes 100000",
      "  sysmol train --from net.onnx --data photos --held-out 0.1 --max-drop 0.5",
      "  sysmol train --from net.onnx --data photos --cpu-time 1.2"
    })
final class TrainCommand implements Callable<Integer> {
  private static final List<String> TRAINING_ONLY =
      List.of(
          "--epochs",
          "--distil",
          "--average",
          "--bf16",
          "--steps",
          "--schedule",
          "--start-bits",
          "--ramp",
          "--noise-step",
          "--rates",
          "--held-out",
          "--max-drop",
          "--patience",
          "--no-baseline");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private TrainingSubject subject = new TrainingSubject();
  @Mixin private TrainingOptions options = new TrainingOptions();
  @Mixin private BudgetOptions budget = new BudgetOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--calibrate-only",
      description =
          "Don't train: widths by measured sensitivity, steps by calibration, in minutes.")
  private boolean calibrateOnly;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "train-out",
      description = "Where to write (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("train-out");

  @Override
  public Integer call() {
    TrainingRecipe asked =
        options.recipe(subject.fromFile() ? "0,3,5" : "8,3,5", TrainingOptions.RATES);
    if (calibrateOnly) {
      checkCalibration();
    }
    budget.check(options);
    TrainingSubject.Opened opened = subject.open(options.seed());
    for (String warning : opened.warnings()) {
      spec.commandLine().getErr().println("warning: " + warning);
    }
    if (calibrateOnly) {
      Training.refuseFinishedRun(out);
    }
    Training.makeFolder(out);
    String line = Training.commandLine(spec.commandLine());
    TrainingRecipe recipe =
        options.onDevice(budget.applied(asked, options, opened, line, spec.commandLine().getErr()));
    TrainingOptions.Pictures pictures = options.divide(opened.train(), budget.maxDrop());
    TrainingResult result =
        calibrateOnly
            ? calibrated(opened, recipe, line)
            : Training.run(opened.network(), pictures, opened.preprocessing(), out, recipe, line);
    String missed = report(opened, pictures, recipe, result);
    return !missed.isEmpty() && budget.strict() ? 1 : 0;
  }

  private void checkCalibration() {
    if (!subject.fromFile()) {
      throw SysmolException.badInput(
          "--calibrate-only trains nothing, so it needs trained weights: give them with --from.");
    }
    OptionValues.refuse(spec, "--calibrate-only trains nothing", TRAINING_ONLY);
  }

  private static TrainingResult calibrated(
      TrainingSubject.Opened opened, TrainingRecipe recipe, String line) {
    TrainedNetwork trained =
        Trainer.calibrate(opened.network(), opened.train(), opened.preprocessing(), recipe);
    return new TrainingResult(
        opened.network(),
        opened.network(),
        Training.labelled(trained, recipe, line),
        recipe.bits(),
        List.of());
  }

  private static double quantised(TrainingResult result, ImageSet images) {
    return 100
        * new QuantisedEvaluation(result.trained())
            .accuracy(images, result.trained().preprocessing());
  }

  private static String watched(@Nullable ImageSet held, double control, double quantised) {
    return held == null
        ? ""
        : String.format(
            Locale.ROOT,
            "; %.2f %% and %.2f %% of %d held-out ones",
            control,
            quantised,
            held.count());
  }

  /** Writes and prints everything; gives what is to say of a missed budget, or nothing. */
  private String report(
      TrainingSubject.Opened opened,
      TrainingOptions.Pictures pictures,
      TrainingRecipe recipe,
      TrainingResult result) {
    Path file = out.resolve("network.trained");
    PackedTraining packed = PackedTraining.write(result.trained(), file);
    var preprocessing = opened.preprocessing();
    double control = Trainer.accuracy(result.control(), opened.test(), preprocessing);
    double quantised = quantised(result, opened.test());
    ImageSet held = pictures.heldOut().images();
    double heldControl =
        held == null ? Double.NaN : Trainer.accuracy(result.control(), held, preprocessing);
    double heldQuantised = held == null ? Double.NaN : quantised(result, held);
    String accuracy =
        String.format(
                Locale.ROOT,
                "fp32 %.2f %%, %s %.2f %% of %d test images",
                control,
                calibrateOnly ? "calibrated without training" : "quantised",
                quantised,
                opened.test().count())
            + watched(held, heldControl, heldQuantised);
    Optional<CpuTimeOptions.Outcome> time = budget.cpuTime().outcome(packed.packed());
    List<LayerErrors.Part> errors =
        LayerErrors.measure(result.full(), result.trained(), pictures.training());
    packed.page(
        result.trained(),
        result.log(),
        errors,
        accuracy + "; " + packed.line() + time.map(t -> "; " + t.line()).orElse("") + ".",
        out.resolve("report.html"));
    String missed =
        time.map(CpuTimeOptions.Outcome::missed)
            .orElseGet(
                () -> budget.missed(recipe, result.bits(), packed, heldControl - heldQuantised));
    PrintWriter print = spec.commandLine().getOut();
    if (!json.toStandardOutput()) {
      print.println(file + ": " + accuracy);
      print.println(PackedTraining.smol(file) + ": " + packed.line());
      time.ifPresent(t -> print.println(PackedTraining.smol(file) + ": " + t.line()));
    }
    if (missed.isEmpty() && budget.maxDrop() != null && !json.toStandardOutput()) {
      print.printf(
          Locale.ROOT,
          "%.2f points lost on held-out images at a budget of %.3f bits: within --max-drop %s%n",
          heldControl - heldQuantised,
          result.bits(),
          budget.maxDrop());
    }
    if (!missed.isEmpty()) {
      spec.commandLine().getErr().println((budget.strict() ? "sysmol: " : "warning: ") + missed);
    }
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("network", result.trained().network().name());
    map.put("dataset", opened.train().name());
    map.put("accuracy", JsonOutput.object("fp32", control, "quantised", quantised));
    if (held != null) {
      map.put(
          "held_out",
          JsonOutput.object(
              "images", held.count(), "fp32", heldControl, "quantised", heldQuantised));
    }
    map.putAll(packed.json());
    map.put("budget_bits", time.isPresent() ? null : result.bits());
    time.ifPresent(t -> map.put("cpu_time", t.json()));
    map.put("missed", missed);
    map.put("layer_errors", ReportData.errorsAsJson(errors));
    map.put("file", file.toString());
    json.write(map, print);
    print.flush();
    return missed;
  }
}
