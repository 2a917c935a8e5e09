package org.sysmol.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.data.Statistics;
import org.sysmol.onnx.OnnxReader;
import org.sysmol.train.zoo.DemoNetwork;
import org.sysmol.train.zoo.NetworkZoo;
import org.sysmol.train.zoo.WideNetwork;
import org.sysmol.train.zoo.ZooNetwork;
import picocli.CommandLine.Option;

/** The options that say which network is trained on which pictures. */
final class TrainingSubject {
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

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description =
          "Height and width that pictures are brought to, e.g. 32x32 or 224 (default: what the"
              + " network takes, or the data's own).")
  private @Nullable String size;

  @Option(
      names = "--mean",
      split = ",",
      paramLabel = "M",
      description =
          "Mean of each channel on the scale where white is 1 (default: the training pictures')."
              + " Give what NET.onnx was trained with.")
  private @Nullable List<Float> mean;

  @Option(
      names = "--std",
      split = ",",
      paramLabel = "S",
      description = "Standard deviation of each channel, as --mean.")
  private @Nullable List<Float> std;

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
    if ((mean == null) != (std == null)) {
      throw SysmolException.badInput("--mean and --std go together; give both or neither.");
    }
    OnnxReader.Result file = from == null ? null : OnnxReader.read(from);
    Network read = file == null ? null : file.network();
    int[] shape = read == null ? zooShape() : shape(read);
    int[] asked = size == null ? null : size(size);
    if (asked != null && read != null) {
      for (int i = 0; i < 2; i++) {
        if (shape[1 + i] > 0 && shape[1 + i] != asked[i]) {
          throw SysmolException.badInput(
              "The network of %s takes pictures of %d x %d (height x width) only; leave --size %s away, or export it with a free picture size."
                  .formatted(from, shape[1], shape[2], size));
        }
      }
    }
    int height = asked != null ? asked[0] : shape[1];
    int width = asked != null ? asked[1] : shape[2];
    boolean known = height > 0 && width > 0;
    Optional<Preprocessing> provisional =
        known
            ? Optional.of(
                new Preprocessing(
                    shape[0],
                    height,
                    width,
                    new Resize.ShorterSide(Math.max(height, width)),
                    new float[shape[0]],
                    ones(shape[0])))
            : Optional.empty();
    ImageSet train =
        Training.withClasses(DataSource.open(data, Split.TRAIN, provisional, List.of()));
    int classes = train.classNames().size();
    Preprocessing preprocessing = normalised(train, provisional);
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

  /** Channels, height and width; -1 where any is accepted. */
  static int[] shape(Network network) {
    if (network.inputs().size() != 1 || network.inputs().getFirst().shape().length != 4) {
      throw SysmolException.badInput(
          "The network "
              + network.name()
              + " does not take one batch of pictures (batch, channels, height, width), so it can't"
              + " be trained on pictures.");
    }
    int[] all = network.inputs().getFirst().shape();
    int channels = all[1] > 0 ? all[1] : 3;
    if (channels != 1 && channels != 3) {
      throw SysmolException.badInput(
          "The network "
              + network.name()
              + " takes pictures of "
              + channels
              + " channels, but pictures have 1 (grey) or 3 (red, green, blue).");
    }
    return new int[] {channels, all[2], all[3]};
  }

  /** The demonstration's networks take what the data has; others have a size of their own. */
  private int[] zooShape() {
    if (name == null || name.equals("demo") || name.equals("wide")) {
      return new int[] {3, -1, -1};
    }
    return shape(NetworkZoo.create(name, 1));
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

  private Preprocessing normalised(ImageSet train, Optional<Preprocessing> provisional) {
    Resize resize =
        provisional
            .map(Preprocessing::resize)
            .orElseGet(() -> new Resize.Exact(train.height(), train.width()));
    float[] means;
    float[] deviations;
    if (mean != null && std != null) {
      means = floats("--mean", mean, train.channels());
      deviations = floats("--std", std, train.channels());
    } else {
      Statistics statistics = Statistics.of(train);
      means = statistics.mean();
      deviations = statistics.std();
    }
    return new Preprocessing(
        train.channels(), train.height(), train.width(), resize, means, deviations);
  }

  static float[] floats(String option, List<Float> values, int channels) {
    if (values.size() != channels) {
      throw SysmolException.badInput(
          option + " takes " + channels + " numbers, one for each channel, not " + values + ".");
    }
    float[] array = new float[channels];
    for (int i = 0; i < channels; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1f);
    return ones;
  }

  static int[] size(String text) {
    String[] parts = text.split("x", -1);
    try {
      if (parts.length <= 2) {
        int height = Integer.parseInt(parts[0]);
        int width = Integer.parseInt(parts[parts.length - 1]);
        if (Math.min(height, width) >= 1 && Math.max(height, width) <= Preprocessing.MAX_SIDE) {
          return new int[] {height, width};
        }
      }
    } catch (NumberFormatException e) {
      throw badSize(text);
    }
    throw badSize(text);
  }

  private static SysmolException badSize(String text) {
    return SysmolException.badInput(
        "--size takes height x width in pixels up to "
            + Preprocessing.MAX_SIDE
            + ", e.g. 32x32, not "
            + text
            + ".");
  }
}
