package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.core.trained.Provenance;
import org.sysmol.core.trained.TrainedNetwork;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Statistics;
import org.sysmol.train.EpochRecord;
import org.sysmol.train.Phase;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingListener;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;
import org.sysmol.train.zoo.DemoNetwork;

/** What the commands that train share: the run itself, with progress bars, and its provenance. */
final class Training {
  private Training() {}

  /** Makes a folder for results. */
  static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw SysmolException.failed(
          "Folder "
              + folder
              + " cannot be made ("
              + e.getMessage()
              + "); choose another with --out.",
          e);
    }
    if (!Files.isWritable(folder)) {
      throw SysmolException.failed(
          "Folder " + folder + " cannot be written; choose another with --out.");
    }
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
  static TrainingResult run(ImageSet train, Path folder, TrainingRecipe recipe, String command) {
    Network network =
        DemoNetwork.create(train.channels(), train.classNames().size(), recipe.seed());
    try (Progress progress = new Progress()) {
      TrainingResult result =
          Trainer.train(
              network,
              train,
              preprocessing(train),
              recipe,
              folder.resolve("training.ckpt"),
              progress);
      TrainedNetwork t = result.trained();
      Provenance provenance =
          t.provenance()
              .with("command", command)
              .with("seed", Long.toString(recipe.seed()))
              .with("version", "sysmol 0.1.0");
      return new TrainingResult(
          result.full(),
          result.control(),
          new TrainedNetwork(
              t.network(),
              t.plan(),
              t.quantisers(),
              t.patterns(),
              t.assign(),
              t.preprocessing(),
              t.classNames(),
              provenance),
          result.log());
    }
  }

  /** A bar for each phase, a line for each epoch. */
  private static final class Progress implements TrainingListener, AutoCloseable {
    private @Nullable Bar bar;

    @Override
    public void phase(Phase phase, long steps, long done) {
      close();
      if (done > 0) {
        System.err.printf("%s: %d of %d steps were done before%n", phase.title(), done, steps);
      }
      if (steps > done) {
        bar = Bar.of(phase.title(), steps - done);
      }
    }

    @Override
    public void step(double loss, double imagesPerSecond, double bits) {
      if (bar != null) {
        bar.step();
        bar.message(
            String.format(
                Locale.ROOT, "%.0f images/s loss %.3f bits %.2f", imagesPerSecond, loss, bits));
      }
    }

    @Override
    public void epoch(EpochRecord e) {
      System.err.printf(
          Locale.ROOT,
          "%s, epoch %d: loss %.4f, %.2f %% right, %.3f bits%n",
          e.phase().title(),
          e.epoch(),
          e.loss(),
          e.accuracy(),
          e.bits());
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
