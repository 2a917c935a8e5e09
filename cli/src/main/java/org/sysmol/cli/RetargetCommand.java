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
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.train.QuantisedEvaluation;
import org.sysmol.train.RecordedRecipe;
import org.sysmol.train.Retargeting;
import org.sysmol.train.TrainingRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings a trained network to other patterns. */
@Command(
    name = "retarget",
    mixinStandardHelpOptions = true,
    description =
        "Brings a trained network to other patterns or another budget without a new search: channels"
            + " whose precision changes are quantised anew from the kept float weights. Reports the"
            + " loss before and after; --epochs adds a short fine-tuning.",
    footer = {
      "",
      "Examples:",
      "  sysmol retarget my-run/network.trained --arch chip.arch --data datasets/fashion-mnist",
      "  sysmol retarget my-run/network.trained --patterns U4 --data datasets/fashion-mnist --epochs 1"
    })
final class RetargetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();
  @Mixin private ArchitectureOptions architecture = new ArchitectureOptions();
  @Mixin private DeviceOption device = new DeviceOption();

  @Parameters(index = "0", paramLabel = "NET.trained", description = "What train wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "The labelled pictures that the network was trained on.")
  private Path data = Path.of("");

  @Option(
      names = "--bits",
      paramLabel = "B",
      description =
          "Budget in bits per weight over all layers (default: what the network has, or the fewest"
              + " that the patterns allow).")
  private @Nullable Double bits;

  @Mixin private CpuTimeOptions cpuTime = new CpuTimeOptions();

  @Option(
      names = "--assign",
      paramLabel = "RULE",
      defaultValue = "budget",
      description = "As train's --assign (default: ${DEFAULT-VALUE}).")
  private String assign = "budget";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "0",
      description = "Epochs of fine-tuning (default: ${DEFAULT-VALUE}).")
  private int epochs = 0;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "0.02",
      description = "Highest learning rate of the fine-tuning (default: ${DEFAULT-VALUE}).")
  private double rate = 0.02;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images of a step (default: as the network was trained, else 100).")
  private @Nullable Integer batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of libtorch (default: ${DEFAULT-VALUE}).")
  private int threads = 2;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "retarget-out",
      description = "Where to write network.trained and network.smol (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("retarget-out");

  @Override
  public Integer call() {
    device.check();
    OptionValues.requireAtLeast("--epochs", epochs, 0);
    OptionValues.requireThreads(threads);
    if (batch != null) {
      OptionValues.requireAtLeast("--batch", batch, 1);
    }
    if (!(rate >= 0 && rate <= 10)) {
      throw SysmolException.badInput("--rate takes a number from 0 to 10, not " + rate + ".");
    }
    if (bits != null && !(bits > 0 && bits <= 8)) {
      throw SysmolException.badInput(
          "--bits takes a number above 0 and up to 8, e.g. 2.0, not " + bits + ".");
    }
    if (bits != null && cpuTime.given()) {
      throw SysmolException.badInput(
          "--bits and --cpu-time are budgets in different words; give one of them.");
    }
    if (bits != null && assign.equals("paper")) {
      throw SysmolException.badInput(
          "The rule paper has no budget, so it takes no --bits; leave one of them away.");
    }
    if (epochs == 0) {
      OptionValues.refuse(
          spec, "it is that of the fine-tuning, so give --epochs too", List.of("--rate"));
    }
    cpuTime.check(assign);
    OutputPath.checkOther("--out", out.resolve("network.trained"), file);
    Training.refuseFinishedRun(out);
    String set = architecture.packing();
    TrainedNetwork from = TrainedFile.read(file);
    var preprocessing = Optional.of(from.preprocessing());
    ImageSet train =
        Training.withClasses(DataSource.open(data, Split.TRAIN, preprocessing, from.classNames()));
    final ImageSet test = DataSource.open(data, Split.TEST, preprocessing, from.classNames());
    TrainingRecipe rules = TrainingRecipe.demo(seed, threads).with(2.0, set, assign);
    RecordedRecipe trained = RecordedRecipe.of(from.provenance());
    TrainingRecipe planned =
        (cpuTime.given()
                ? cpuTime.applied(rules, BudgetSketch.of(from), spec.commandLine().getErr())
                : rules.with(
                    bits != null ? bits : Retargeting.budget(from, set, assign), set, assign))
            .withEpochs(0, 1, epochs)
            .withRates(rate, rate, rate)
            .withBatch(batch != null ? batch : trained.batch(100))
            .withAugmentation(trained.shift(2), trained.flip(true))
            .withLayerDelta(trained.layerDelta(false))
            .withFixedSteps(trained.fixedSteps(false));
    TrainingRecipe recipe = device.applied(planned);
    Training.makeFolder(out);
    Retargeting.Result result;
    TrainingLogFile log = new TrainingLogFile(from.plan(), out.resolve("log.csv"));
    try (TrainingProgress progress = new TrainingProgress(log::write)) {
      result = Retargeting.run(from, train, recipe, out.resolve("retarget.ckpt"), progress);
    }
    String line = Training.commandLine(spec.commandLine());
    TrainedNetwork retargeted = Training.retargeted(result.trained(), recipe, line);
    double before = 100 * new QuantisedEvaluation(from).accuracy(test, from.preprocessing());
    double after = 100 * new QuantisedEvaluation(retargeted).accuracy(test, from.preprocessing());
    PackedTraining packed = PackedTraining.write(retargeted, out.resolve("network.trained"));
    Optional<CpuTimeOptions.Outcome> time = cpuTime.outcome(packed.packed());
    PrintWriter print = spec.commandLine().getOut();
    if (!json.toStandardOutput()) {
      print.printf(
          Locale.ROOT,
          "%s to %s: %d of %d channels changed, steps %s%n",
          from.patterns(),
          set,
          result.changed(),
          result.channels(),
          result.refitted() ? "fitted anew" : "kept");
      print.printf(
          Locale.ROOT,
          "loss on training images: %.4f before, %.4f after%s%n",
          result.before(),
          result.after(),
          epochs == 0
              ? ""
              : String.format(
                  Locale.ROOT, ", %.4f after %d epochs of fine-tuning", result.tuned(), epochs));
      print.printf(
          Locale.ROOT,
          "accuracy on %d test images: %.2f %% before, %.2f %% now%n",
          test.count(),
          before,
          after);
      print.println(PackedTraining.smol(out.resolve("network.trained")) + ": " + packed.line());
      time.ifPresent(
          t ->
              print.println(PackedTraining.smol(out.resolve("network.trained")) + ": " + t.line()));
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("network", from.network().name());
    map.put("changed", result.changed());
    map.put("channels", result.channels());
    map.put("refitted", result.refitted());
    map.put(
        "loss",
        JsonOutput.object(
            "before", result.before(), "after", result.after(), "tuned", result.tuned()));
    map.put("accuracy", JsonOutput.object("before", before, "quantised", after));
    map.putAll(packed.json());
    map.put("file", out.resolve("network.trained").toString());
    time.ifPresent(t -> map.put("cpu_time", t.json()));
    json.write(map, print);
    print.flush();
    String missed = time.map(CpuTimeOptions.Outcome::missed).orElse("");
    if (!missed.isEmpty()) {
      spec.commandLine().getErr().println("sysmol: " + missed);
    }
    return missed.isEmpty() ? 0 : 1;
  }
}
