package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Statistics;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;
import org.sysmol.train.zoo.DemoNetwork;
import picocli.CommandLine;

/** What the commands that train share: the run itself, with progress bars, and its provenance. */
final class Training {
  /** A run's checkpoint in its folder. */
  private static final String CHECKPOINT = "training.ckpt";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private static final List<String> WRITTEN =
      List.of("network.trained", "network.smol", "log.csv", "report.html");

  private Training() {}

  /** Makes a folder for results that {@code --out} names. */
  static void makeFolder(Path folder) {
    makeFolder(folder, "--out");
    for (String name : WRITTEN) {
      if (Files.isDirectory(folder.resolve(name))) {
        throw SysmolException.badInput(
            "%s is a folder, where a file is to be written; choose another with --out."
                .formatted(folder.resolve(name)));
      }
    }
  }

  /**
   * Refuses a folder that holds a training run, which other results would replace.
   *
   * @throws SysmolException (bad input) if it has a run's checkpoint
   */
  static void refuseFinishedRun(Path folder) {
    if (Files.exists(folder.resolve(CHECKPOINT))) {
      throw SysmolException.badInput(
          "Folder %s holds a training run, whose results would be lost; choose another with --out."
              .formatted(folder));
    }
  }

  /** The command line that files record, so quoted that a shell reads it as it was. */
  static String commandLine(CommandLine line) {
    StringBuilder text = new StringBuilder("sysmol");
    for (String word : line.getParseResult().originalArgs()) {
      boolean plain = PLAIN.matcher(word).matches();
      text.append(' ').append(plain ? word : "'" + word.replace("'", "'\\''") + "'");
    }
    return text.toString();
  }

  /**
   * Makes a folder for results.
   *
   * @param option that names it
   */
  static void makeFolder(Path folder, String option) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw SysmolException.failed(
          "Folder "
              + folder
              + " cannot be made ("
              + e.getMessage()
              + "); choose another with "
              + option
              + ".",
          e);
    }
    if (!Files.isWritable(folder)) {
      throw SysmolException.failed(
          "Folder " + folder + " cannot be written; choose another with " + option + ".");
    }
  }

  /** The images, which must all have a class. */
  static ImageSet withClasses(ImageSet images) {
    boolean all = !images.classNames().isEmpty();
    for (int i = 0; i < images.count() && all; i++) {
      all = images.label(i) >= 0;
    }
    if (!all) {
      throw SysmolException.badInput(
          images.name()
              + " has pictures without a class, which nothing can be learned from; give a folder"
              + " with one folder of pictures for each class, IDX files with labels, or CIFAR-10's"
              + " batches.");
    }
    return images;
  }

  /** Normalisation by the training set's own mean and deviation. */
  static Preprocessing preprocessing(ImageSet train) {
    var statistics = Statistics.of(train);
    return new Preprocessing(
        train.channels(),
        train.height(),
        train.width(),
        new Resize.Exact(train.height(), train.width()),
        statistics.mean(),
        statistics.std());
  }

  /**
   * Trains the demonstration's network, going on where an earlier run in the folder was cut off.
   */
  static TrainingResult run(
      TrainingOptions.Pictures pictures, Path folder, TrainingRecipe recipe, String command) {
    ImageSet train = pictures.training();
    Network network =
        DemoNetwork.create(train.channels(), train.classNames().size(), recipe.seed());
    return run(network, pictures, preprocessing(train), folder, recipe, command);
  }

  /**
   * Trains a network, going on where an earlier run in the folder was cut off, and writes {@code
   * log.csv} there after every epoch.
   */
  static TrainingResult run(
      Network network,
      TrainingOptions.Pictures pictures,
      Preprocessing preprocessing,
      Path folder,
      TrainingRecipe recipe,
      String command) {
    TrainingLogFile log =
        new TrainingLogFile(
            PlanBuilder.build(
                network,
                preprocessing.channels(),
                preprocessing.height(),
                preprocessing.width(),
                Set.of()),
            folder.resolve("log.csv"));
    try (TrainingProgress progress = new TrainingProgress(log::write)) {
      TrainingResult result =
          Trainer.train(
              network,
              pictures.training(),
              preprocessing,
              recipe,
              pictures.heldOut(),
              folder.resolve(CHECKPOINT),
              progress);
      log.write(result.log());
      return new TrainingResult(
          result.full(),
          result.control(),
          labelled(result.trained(), recipe, command),
          result.bits(),
          result.log());
    }
  }

  /** A trained network that says which command, seed and version it comes from. */
  static TrainedNetwork labelled(TrainedNetwork t, TrainingRecipe recipe, String command) {
    return t.withProvenance(
        t.provenance()
            .with("command", command)
            .with("seed", Long.toString(recipe.seed()))
            .with("version", Main.VERSION));
  }

  /**
   * A retargeted network with recipe, command and seed of the retargeting; the training's command
   * and seed, not those of an earlier retargeting, stay beside them.
   */
  static TrainedNetwork retargeted(TrainedNetwork t, TrainingRecipe recipe, String command) {
    Map<String, String> was = t.provenance().facts();
    Provenance now = t.provenance().with("recipe", recipe.toString());
    for (String fact : List.of("command", "seed")) {
      String kept = was.getOrDefault("trained with " + fact, was.get(fact));
      if (kept != null) {
        now = now.with("trained with " + fact, kept);
      }
    }
    return labelled(t.withProvenance(now), recipe, command);
  }
}
