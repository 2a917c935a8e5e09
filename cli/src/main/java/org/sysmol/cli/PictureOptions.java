package org.sysmol.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Statistics;
import picocli.CommandLine.Option;

/** How pictures become the input of a float network. */
final class PictureOptions {
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
          "Mean of each channel on the scale where white is 1 (default: that of the pictures used)."
              + " Give what NET.onnx was trained with.")
  private @Nullable List<Float> mean;

  @Option(
      names = "--std",
      split = ",",
      paramLabel = "S",
      description = "Standard deviation of each channel, as --mean.")
  private @Nullable List<Float> std;

  /** Refuses options that need each other, before anything is read. */
  void check() {
    if ((mean == null) != (std == null)) {
      throw SysmolException.badInput("--mean and --std go together; give both or neither.");
    }
  }

  /** Channels, height and width; -1 where any is accepted. */
  static int[] shape(Network network) {
    if (network.inputs().size() != 1 || network.inputs().getFirst().shape().length != 4) {
      throw SysmolException.badInput(
          "The network "
              + network.name()
              + " does not take one batch of pictures (batch, channels, height, width), so it can't"
              + " be given pictures.");
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

  /**
   * What pictures are read with before their mean is known.
   *
   * @param shape of the network, as {@link #shape} gives it
   * @param from the network's file, which has the last word on sizes; null for a built-in one
   * @return empty where neither network nor options say a size
   */
  Optional<Preprocessing> provisional(int[] shape, @Nullable Path from) {
    int height = shape[1];
    int width = shape[2];
    if (size != null) {
      int[] asked = size(size);
      boolean other = (height > 0 && height != asked[0]) || (width > 0 && width != asked[1]);
      if (from != null && other) {
        throw SysmolException.badInput(
            "The network of %s takes pictures of %d x %d (height x width) only; leave --size %s away, or export it with a free picture size."
                .formatted(from, height, width, size));
      }
      height = asked[0];
      width = asked[1];
    }
    if (height <= 0 || width <= 0) {
      return Optional.empty();
    }
    float[] ones = new float[shape[0]];
    Arrays.fill(ones, 1f);
    Resize resize = new Resize.ShorterSide(Math.max(height, width));
    return Optional.of(
        new Preprocessing(shape[0], height, width, resize, new float[shape[0]], ones));
  }

  /**
   * The same with mean and deviation: those asked for, or the pictures' own.
   *
   * @param images as they were opened with {@code provisional}
   */
  Preprocessing normalised(ImageSet images, Optional<Preprocessing> provisional) {
    Resize resize =
        provisional
            .map(Preprocessing::resize)
            .orElseGet(() -> new Resize.Exact(images.height(), images.width()));
    float[] means;
    float[] deviations;
    if (mean != null && std != null) {
      means = floats("--mean", mean, images.channels());
      deviations = floats("--std", std, images.channels());
    } else {
      Statistics statistics = Statistics.of(images);
      means = statistics.mean();
      deviations = statistics.std();
    }
    return new Preprocessing(
        images.channels(), images.height(), images.width(), resize, means, deviations);
  }

  private static float[] floats(String option, List<Float> values, int channels) {
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

  private static int[] size(String text) {
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
