package org.sysmol.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.onnx.OnnxReader;
import org.sysmol.train.zoo.DemoNetwork;
import org.sysmol.train.zoo.NetworkZoo;
import org.sysmol.train.zoo.WideNetwork;
import org.sysmol.train.zoo.ZooNetwork;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which network is trained on which pictures. */
final class TrainingSubject {
  /** Networks that take the size, the channels and the classes of the data. */
  private static final List<String> ANY_SIZE = List.of("demo", "wide");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description =
          "Labelled pictures: IDX files, CIFAR-10's binary batches, or a folder of JPEG, PNG or BMP"
              + " pictures for each class, with train and test above them or without.")
  private Path data = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "NET.onnx",
      description =
          "Start from this network and its weights; --epochs is then 0,3,5 if it is not given.")
  private @Nullable Path from;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "Start from a built-in network, untrained: demo (default), wide, or a name that"
              + " docs/networks.md lists.")
  private @Nullable String name;

  @Mixin private PictureOptions pictures = new PictureOptions();

  /**
   * A network and its pictures.
   *
   * @param plan how the network is cut into stages
   * @param warnings what the user may not expect of the network's file, sentence by sentence
   */
  record Opened(
      Network network,
      Plan plan,
      ImageSet train,
      ImageSet test,
      Preprocessing preprocessing,
      List<String> warnings) {}

  /** True if training starts from weights of a file. */
  boolean fromFile() {
    return from != null;
  }

  /** Reads or makes everything; refuses what does not fit together. */
  Opened open(long seed) {
    if (from != null && name != null) {
      throw SysmolException.badInput(
          "--from and --network both say where training starts; give one of them.");
    }
    pictures.check();
    OnnxReader.Result file = from == null ? null : OnnxReader.read(from);
    Network read = file == null ? null : file.network();
    if (read != null) {
      read.requireFinite();
    } else if (name != null) {
      checkName(name);
    }
    int[] shape = read == null ? zooShape() : PictureOptions.shape(read);
    Optional<Preprocessing> provisional = pictures.provisional(shape, read == null ? null : from);
    ImageSet train =
        Training.withClasses(DataSource.open(data, Split.TRAIN, provisional, List.of()));
    int classes = train.classNames().size();
    Preprocessing preprocessing = pictures.normalised(train, provisional);
    ImageSet test =
        DataSource.open(data, Split.TEST, Optional.of(preprocessing), train.classNames());
    Network network = read != null ? read : create(train, classes, seed);
    Plan plan =
        PlanBuilder.build(
            network,
            preprocessing.channels(),
            preprocessing.height(),
            preprocessing.width(),
            java.util.Set.of());
    // Files of numbered classes may name more than there are.
    int used = usedClasses(train);
    if (plan.result().size() < used || plan.result().size() > classes) {
      throw SysmolException.badInput(
          "The network %s has %d results, but %s has %d classes (%s); use a network for as many classes."
              .formatted(
                  network.name(),
                  plan.result().size(),
                  train.name(),
                  plan.result().size() < used ? used : classes,
                  shortened(train.classNames())));
    }
    List<String> warnings = file == null ? List.of() : file.warnings();
    return new Opened(network, plan, train, test, preprocessing, warnings);
  }

  private static int usedClasses(ImageSet images) {
    int most = 0;
    for (int i = 0; i < images.count(); i++) {
      most = Math.max(most, images.label(i) + 1);
    }
    return most;
  }

  private static String shortened(List<String> names) {
    return names.size() <= 5
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 5)) + ", ...";
  }

  /** The demonstration's networks take what the data has; others have a size of their own. */
  private int[] zooShape() {
    if (name == null || ANY_SIZE.contains(name)) {
      return new int[] {3, -1, -1};
    }
    return PictureOptions.shape(NetworkZoo.create(name, 1));
  }

  /** Refuses an unknown name before pictures are read. */
  private static void checkName(String name) {
    List<String> names = new ArrayList<>(ANY_SIZE);
    names.addAll(NetworkZoo.names());
    if (!names.contains(name)) {
      throw SysmolException.badInput(
          "There is no network " + name + "; the networks are " + String.join(", ", names) + ".");
    }
  }

  private Network create(ImageSet train, int classes, long seed) {
    String which = name == null ? "demo" : name;
    Network network =
        switch (which) {
          case "demo" -> DemoNetwork.create(train.channels(), classes, seed);
          case "wide" -> WideNetwork.create(train.channels(), classes, seed);
          default -> ZooNetwork.withClasses(NetworkZoo.create(which, seed), classes, seed);
        };
    return ZooNetwork.withAnySize(network);
  }
}
