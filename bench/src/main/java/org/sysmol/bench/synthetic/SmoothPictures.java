package org.sysmol.bench.synthetic;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * Pseudo-real pictures: smooth noise whose amplitude falls with its fineness, as that of
 * photographs does, with colours that go together. White noise would not do: a convolution averages
 * it away, and activations would look like nothing that a camera gives.
 */
public final class SmoothPictures {
  /** Share of a channel's noise that all channels have in common. */
  private static final double GREY = 0.75;

  private SmoothPictures() {}

  /**
   * Normalised pictures.
   *
   * @param preprocessing size and normalisation
   * @param count number of pictures
   * @param seed the same seed gives the same pictures
   * @return binary32, {@code [channels, height, width]} each
   */
  public static List<float[]> normalised(Preprocessing preprocessing, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pictures.add(preprocessing.normalise(bytes(preprocessing, random)));
    }
    return pictures;
  }

  /** One picture, unsigned bytes, {@code [height, width, channels]}. */
  private static byte[] bytes(Preprocessing preprocessing, SplittableRandom random) {
    int height = preprocessing.height();
    int width = preprocessing.width();
    int channels = preprocessing.channels();
    double[] grey = noise(height, width, random);
    byte[] picture = new byte[height * width * channels];
    for (int c = 0; c < channels; c++) {
      double[] own = noise(height, width, random);
      for (int i = 0; i < grey.length; i++) {
        double value = GREY * grey[i] + (1 - GREY) * own[i];
        picture[i * channels + c] = (byte) Math.clamp(Math.round(127.5 + 75 * value), 0, 255);
      }
    }
    return picture;
  }

  /** A sum of octaves of lattice noise, interpolated linearly, of mean 0 and deviation 1. */
  private static double[] noise(int height, int width, SplittableRandom random) {
    double[] sum = new double[height * width];
    for (int cell = Math.max(2, Math.max(height, width) / 2); cell >= 1; cell /= 2) {
      int columns = width / cell + 2;
      double[] lattice = random.doubles((long) columns * (height / cell + 2), -1, 1).toArray();
      for (int y = 0; y < height; y++) {
        double fy = (double) (y % cell) / cell;
        for (int x = 0; x < width; x++) {
          double fx = (double) (x % cell) / cell;
          int at = y / cell * columns + x / cell;
          double top = lattice[at] * (1 - fx) + lattice[at + 1] * fx;
          double bottom = lattice[at + columns] * (1 - fx) + lattice[at + columns + 1] * fx;
          sum[y * width + x] += cell * (top * (1 - fy) + bottom * fy);
        }
      }
    }
    double mean = 0;
    for (double v : sum) {
      mean += v / sum.length;
    }
    double variance = 0;
    for (double v : sum) {
      variance += (v - mean) * (v - mean) / sum.length;
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] - mean) / Math.sqrt(variance + 1e-12);
    }
    return sum;
  }
}
