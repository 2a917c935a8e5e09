package org.sysmol.data;

import org.sysmol.core.SysmolException;

/**
 * Random changes to training images that leave their class alone.
 *
 * <p>What happens to an image depends on the seed, the epoch and the image's index in its set, and
 * on nothing else: not on batches, order or threads.
 *
 * @param shift the image moves by up to this many pixels, each way, in each direction; what comes
 *     in from outside is byte 0, black, before normalisation; 0 to 256
 * @param flip whether the image is mirrored left to right, every other time
 */
public record Augmentation(int shift, boolean flip) {
  /** Leaves images as they are. */
  public static final Augmentation NONE = new Augmentation(0, false);

  /** The usual one for small images: up to 2 pixels and mirrored. */
  public static final Augmentation SHIFT_AND_FLIP = new Augmentation(2, true);

  /** Keeps this apart from the shuffling's numbers under the same seed. */
  private static final long PURPOSE = 2;

  /** Checks the range. */
  public Augmentation {
    if (shift < 0 || shift > 256) {
      throw SysmolException.badInput(
          "Images can be shifted by 0 to 256 pixels, but " + shift + " was asked for.");
    }
  }

  /**
   * Writes the changed image.
   *
   * @param from height x width x channels, from index 0
   * @param to receives as many bytes; another array than {@code from}
   */
  void apply(
      byte[] from,
      byte[] to,
      int channels,
      int height,
      int width,
      long seed,
      int epoch,
      int index) {
    SeededNumbers numbers = SeededNumbers.of(PURPOSE, seed, epoch, index);
    int down = numbers.below(2 * shift + 1) - shift;
    int right = numbers.below(2 * shift + 1) - shift;
    boolean mirrored = flip && numbers.below(2) == 1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int sourceY = y - down;
        int sourceX = (mirrored ? width - 1 - x : x) - right;
        boolean inside = sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width;
        for (int channel = 0; channel < channels; channel++) {
          to[(y * width + x) * channels + channel] =
              inside ? from[(sourceY * width + sourceX) * channels + channel] : 0;
        }
      }
    }
  }
}
