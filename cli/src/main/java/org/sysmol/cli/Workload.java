package org.sysmol.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Selection;
import org.sysmol.data.Split;
import org.sysmol.onnx.OnnxReader;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.zoo.WideNetwork;

/**
 * A network and its data, as rows of results train them.
 *
 * @param network where training starts, by seed
 * @param train labelled images to train with
 * @param test those to measure with
 * @param preprocessing how they become the network's input
 * @param recipe of full precision: all but budget, patterns, rule and seed
 */
record Workload(
    LongFunction<Network> network,
    ImageSet train,
    ImageSet test,
    Preprocessing preprocessing,
    TrainingRecipe recipe) {

  /** Of every so many training images one is held out. */
  private static final int HELD_OUT_OF = 6;

  /**
   * The same network, trained without every sixth training image and measured on those: for choices
   * among recipes, which must not be made on the test images.
   */
  Workload heldOut() {
    int count = train.count();
    int[] kept = IntStream.range(0, count).filter(i -> i % HELD_OUT_OF != 0).toArray();
    int[] held = IntStream.range(0, count).filter(i -> i % HELD_OUT_OF == 0).toArray();
    return new Workload(
        network,
        new Selection("all but every sixth of " + train.name(), train, kept),
        new Selection("every sixth of " + train.name(), train, held),
        preprocessing,
        recipe);
  }

  /** The main table: all of Fashion-MNIST and {@link WideNetwork}. */
  static Workload fashion(Path folder) {
    if (!Files.exists(folder)) {
      throw SysmolException.badInput(
          "Folder "
              + folder
              + " is not there; install the Debian package dataset-fashion-mnist, or name another"
              + " folder with --fashion-mnist.");
    }
    ImageSet train = DataSource.open(folder, Split.TRAIN);
    return new Workload(
        seed -> WideNetwork.create(train.channels(), train.classNames().size(), seed),
        train,
        DataSource.open(folder, Split.TEST),
        Training.preprocessing(train),
        TrainingRecipe.demo(1, 1)
            .withEpochs(12, 3, 10)
            .withRates(0.1, 0.02, 0.02)
            .withNoiseStep(0.01));
  }

  /**
   * One of the small networks of {@code datasets/shapes}.
   *
   * @param name plain, depthwise or residual
   */
  static Workload shapes(Path home, String name) {
    Path folder = home.resolve("datasets").resolve("shapes");
    Network network = OnnxReader.read(folder.resolve(name + ".onnx")).network();
    float[] mean = {128f / 255};
    float[] std = {64f / 255};
    return new Workload(
        seed -> network,
        DataSource.open(folder, Split.TRAIN),
        DataSource.open(folder, Split.TEST),
        new Preprocessing(1, 16, 16, new Resize.Exact(16, 16), mean, std),
        TrainingRecipe.demo(1, 1)
            .withEpochs(12, 4, 8)
            .withAugmentation(0, false)
            .withBatch(32)
            .withRates(0.05, 0.02, 0.02)
            .withNoiseStep(0.03));
  }

  /**
   * ResNet-20 from weights that others trained, on CIFAR-10.
   *
   * @param onnx the network with its weights; its input is normalised by ImageNet's statistics
   * @param folder CIFAR-10: binary batches, or a folder for each class
   */
  static Workload cifar(Path onnx, Path folder) {
    for (Path needed : List.of(onnx, folder)) {
      if (needed.toString().isEmpty() || !Files.exists(needed)) {
        throw SysmolException.badInput(
            "Rows of CIFAR-10 need a ResNet-20 with its weights (--resnet20 FILE.onnx) and the"
                + " images (--cifar10 DIR); '"
                + needed
                + "' is not there.");
      }
    }
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    Preprocessing preprocessing = new Preprocessing(3, 32, 32, new Resize.Exact(32, 32), mean, std);
    Network network = OnnxReader.read(onnx).network();
    return new Workload(
        seed -> network,
        DataSource.open(folder, Split.TRAIN, preprocessing),
        DataSource.open(folder, Split.TEST, preprocessing),
        preprocessing,
        TrainingRecipe.demo(1, 1)
            .withEpochs(0, 5, 10)
            .withAugmentation(4, true)
            .withRates(0.1, 0.02, 0.02)
            .withNoiseStep(0.01));
  }
}
