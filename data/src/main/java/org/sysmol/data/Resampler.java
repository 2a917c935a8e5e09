package org.sysmol.data;

import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/**
 * Resizes a picture and cuts the centre crop out of it.
 *
 * <p>Bilinear means here what it means in Pillow and, on its pictures, torchvision, bit for bit: a
 * triangle as wide as one source pixel, or as one target pixel where that is larger, so reducing
 * averages over all that is under it. First along rows, then along columns, each rounded to a byte;
 * weights are integers with 22 binary places. (Pillow turns to columns first where a picture is
 * over a hundred times as tall as wide; this does not.) Only what the crop shows is computed, so a
 * picture of extreme proportions costs no more than its own size.
 *
 * <p>The crop begins at half of what is left over, a half rounded to even.
 */
final class Resampler {
  private static final int PLACES = 22;

  private Resampler() {}

  /**
   * Brings a picture to the network's size.
   *
   * @param source the subject of error sentences
   * @return height x width x channels of {@code preprocessing}
   */
  static byte[] prepare(String source, Picture picture, Preprocessing preprocessing) {
    int height = preprocessing.height();
    int width = preprocessing.width();
    if (preprocessing.resize() instanceof Resize.None) {
      preprocessing.requireShape(source, picture.channels(), picture.height(), picture.width());
      return picture.hwc();
    }
    long resizedHeight = preprocessing.resize().height();
    long resizedWidth = preprocessing.resize().width();
    if (preprocessing.resize() instanceof Resize.ShorterSide(int pixels)) {
      if (picture.height() <= picture.width()) {
        resizedWidth = (long) pixels * picture.width() / picture.height();
      } else {
        resizedHeight = (long) pixels * picture.height() / picture.width();
      }
    }
    if (Math.max(resizedHeight, resizedWidth) > Picture.MOST_PIXELS) {
      throw SysmolException.badInput(
          source
              + " is "
              + picture.height()
              + " x "
              + picture.width()
              + " pixels (height x width), too long and thin to be resized: remove it.");
    }
    int top = (int) Math.rint((resizedHeight - height) / 2.0);
    int left = (int) Math.rint((resizedWidth - width) / 2.0);
    Taps across = Taps.of(picture.width(), (int) resizedWidth, left, width);
    Taps down = Taps.of(picture.height(), (int) resizedHeight, top, height);
    return down(across(picture, across), picture.height(), width, picture.channels(), down);
  }

  private static byte[] across(Picture picture, Taps taps) {
    int channels = picture.channels();
    int width = taps.first.length;
    byte[] from = picture.hwc();
    byte[] to = new byte[picture.height() * width * channels];
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < width; x++) {
        int[] weights = taps.weights[x];
        int start = (y * picture.width() + taps.first[x]) * channels;
        for (int channel = 0; channel < channels; channel++) {
          int sum = 1 << (PLACES - 1);
          for (int tap = 0; tap < weights.length; tap++) {
            sum += weights[tap] * (from[start + tap * channels + channel] & 0xFF);
          }
          to[(y * width + x) * channels + channel] = clamp(sum);
        }
      }
    }
    return to;
  }

  private static byte[] down(byte[] from, int fromHeight, int width, int channels, Taps taps) {
    int row = width * channels;
    int height = taps.first.length;
    byte[] to = new byte[height * row];
    if (from.length != fromHeight * row) {
      throw new IllegalStateException("Rows do not fit.");
    }
    for (int y = 0; y < height; y++) {
      int[] weights = taps.weights[y];
      for (int i = 0; i < row; i++) {
        int sum = 1 << (PLACES - 1);
        for (int tap = 0; tap < weights.length; tap++) {
          sum += weights[tap] * (from[(taps.first[y] + tap) * row + i] & 0xFF);
        }
        to[y * row + i] = clamp(sum);
      }
    }
    return to;
  }

  /**
   * Weights sum to one, up to their rounding, so a sum may pass 255 by a trifle; none is negative.
   */
  private static byte clamp(int sum) {
    return (byte) Math.min(sum >> PLACES, 255);
  }

  /**
   * For each target pixel of the window, which source pixels it weighs.
   *
   * @param first the first source pixel
   * @param weights of it and those that follow, in units of 2^-22
   */
  private record Taps(int[] first, int[][] weights) {
    static Taps of(int sourceLength, int targetLength, int windowStart, int windowLength) {
      double scale = (double) sourceLength / targetLength;
      double halfWidth = Math.max(scale, 1);
      int[] first = new int[windowLength];
      int[][] weights = new int[windowLength][];
      for (int i = 0; i < windowLength; i++) {
        double centre = (windowStart + i + 0.5) * scale;
        int begin = (int) Math.max(0, centre - halfWidth + 0.5);
        int end = (int) Math.min(sourceLength, centre + halfWidth + 0.5);
        double[] heights = new double[end - begin];
        double total = 0;
        for (int tap = 0; tap < heights.length; tap++) {
          double distance = Math.abs((tap + begin - centre + 0.5) * (1 / halfWidth));
          heights[tap] = Math.max(0, 1 - distance);
          total += heights[tap];
        }
        first[i] = begin;
        weights[i] = new int[heights.length];
        for (int tap = 0; tap < heights.length; tap++) {
          weights[i][tap] = (int) (0.5 + heights[tap] / total * (1 << PLACES));
        }
      }
      return new Taps(first, weights);
    }
  }
}
