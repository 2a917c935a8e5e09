package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
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
        "Trains the demonstration's network on a data set, searches its precisions by noise, and"
            + " fine-tunes it quantised. A run that was cut off goes on where it stopped.",
    footer = {"", "Example:", "  sysmol train --data datasets/fashion-mnist --bits 2 --out my-run"})
final class TrainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private TrainingOptions options = new TrainingOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Labelled 28x28 pictures: IDX files, or a folder for each class.")
  private Path data = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "train-out",
      description =
          "Where to write network.trained and the checkpoint (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("train-out");

  @Override
  public Integer call() {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    TrainingRecipe recipe = options.recipe();
    ImageSet train = DataSource.open(data, Split.TRAIN);
    ImageSet test = DataSource.open(data, Split.TEST);
    Training.makeFolder(out);
    String line =
        "sysmol " + String.join(" ", command.commandLine().getParseResult().originalArgs());
    TrainingResult result = Training.run(train, out, recipe, line);
    Path file = out.resolve("network.trained");
    TrainedFile.write(result.trained(), file);
    var preprocessing = result.trained().preprocessing();
    double control = Trainer.accuracy(result.control(), test, preprocessing);
    double quantised =
        100 * new QuantisedEvaluation(result.trained()).accuracy(test, preprocessing);
    PrintWriter print = command.commandLine().getOut();
    if (!json.toStandardOutput()) {
      print.printf(
          Locale.ROOT,
          "%s: fp32 %.2f %%, quantised %.2f %% of %d test images%n",
          file,
          control,
          quantised,
          test.count());
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("network", result.trained().network().name());
    map.put("dataset", train.name());
    map.put("accuracy", JsonOutput.object("fp32", control, "quantised", quantised));
    map.put("file", file.toString());
    json.write(map, print);
    print.flush();
    return 0;
  }
}
