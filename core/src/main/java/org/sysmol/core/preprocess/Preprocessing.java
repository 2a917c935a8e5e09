package org.sysmol.core.preprocess;

import java.util.Arrays;
import org.sysmol.core.SysmolException;

/**
 * What a {@code .smol} file records about how a picture becomes the network's input.
 *
 * <p>The steps, in order: the picture is made grey (1 channel) or RGB (3 channels), resized
 * (bilinear, its support widened when reducing), cropped to {@code height x width} around the
 * centre, and normalised. Decoding, resizing and cropping are the work of whoever reads pictures;
 * normalising is done here.
 *
 * <h2>Normalisation</h2>
 *
 * <p>For an unsigned byte {@code v} of channel {@code c}, in fp32 and in exactly this order, each
 * step rounded, none fused and no reciprocal taken:
 *
 * <pre>{@code x = ((v / 255f) - mean[c]) / std[c]}</pre>
 *
 * <h2>Storing</h2>
 *
 * <p>Every component is an {@code int} or a {@code float[]}, and {@link Resize} is a word with two
 * numbers, so any encoding can hold them; the constructor checks whatever comes back.
 *
 * @param channels 1 for grey, 3 for RGB
 * @param height the network's input height and the crop's, in pixels, 1 to {@link #MAX_SIDE}
 * @param width the network's input width and the crop's, in pixels, 1 to {@link #MAX_SIDE}
 * @param resize what precedes the crop; it must not leave less than the crop needs
 * @param mean per channel, finite, on the scale where white is 1
 * @param std per channel, finite and above 0, on the same scale
 */
public record Preprocessing(
    int channels, int height, int width, Resize resize, float[] mean, float[] std) {

  /** The longest side of a network's input and of a resized picture's shorter side, in pixels. */
  public static final int MAX_SIDE = 8192;

  /** Copies the arrays and checks every component. */
  public Preprocessing {
    if (channels != 1 && channels != 3) {
      throw SysmolException.badInput(
          "The preprocessing has "
              + channels
              + " channels, but pictures have 1 (grey) or 3 (red, green, blue).");
    }
    requireSide("The preprocessing's height", height);
    requireSide("The preprocessing's width", width);
    if (!(resize instanceof Resize.None) && (resize.height() < height || resize.width() < width)) {
      throw SysmolException.badInput(
          "The preprocessing resizes pictures to "
              + resize.height()
              + " x "
              + resize.width()
              + " pixels, which is too small to crop "
              + height
              + " x "
              + width
              + " from: resize to at least the crop.");
    }
    mean = requirePerChannel("mean", mean, channels);
    std = requirePerChannel("std", std, channels);
    for (float value : std) {
      if (!(value > 0)) {
        throw SysmolException.badInput(
            "The preprocessing's std holds " + value + ", but it divides and must be above 0.");
      }
    }
  }

  /** A copy of the mean per channel. */
  @Override
  public float[] mean() {
    return mean.clone();
  }

  /** A copy of the standard deviation per channel. */
  @Override
  public float[] std() {
    return std.clone();
  }

  /** Bytes of one picture, height x width x channels. */
  public int pixelCount() {
    return channels * height * width;
  }

  /**
   * Normalises one picture that already has the network's size.
   *
   * @param hwc unsigned bytes, height x width x channels
   * @return fp32 values, channels x height x width
   * @throws SysmolException if {@code hwc} does not hold exactly one picture
   */
  public float[] normalise(byte[] hwc) {
    if (hwc.length != pixelCount()) {
      throw SysmolException.badInput(
          "A picture of "
              + hwc.length
              + " bytes was given, but the network takes "
              + shape(channels, height, width)
              + ", which are "
              + pixelCount()
              + " bytes.");
    }
    float[] chw = new float[hwc.length];
    normalise(hwc, chw, 0);
    return chw;
  }

  /**
   * Normalises one picture into its place in a batch.
   *
   * @param hwc unsigned bytes, height x width x channels, from index 0; longer arrays are allowed
   * @param chw receives channels x height x width values
   * @param offset where in {@code chw} the picture starts
   * @throws IndexOutOfBoundsException if either array is too short
   */
  public void normalise(byte[] hwc, float[] chw, int offset) {
    int plane = height * width;
    for (int channel = 0; channel < channels; channel++) {
      float channelMean = mean[channel];
      float channelStd = std[channel];
      int to = offset + channel * plane;
      for (int pixel = 0, from = channel; pixel < plane; pixel++, from += channels) {
        chw[to + pixel] = (((hwc[from] & 0xFF) / 255f) - channelMean) / channelStd;
      }
    }
  }

  /**
   * Refuses a picture, or a set of them, that does not have the network's shape.
   *
   * @param source what is at fault, as the sentence's subject: {@code "The picture cat.png"}
   * @throws SysmolException with both shapes, and what differs
   */
  public void requireShape(String source, int channels, int height, int width) {
    if (channels == this.channels && height == this.height && width == this.width) {
      return;
    }
    String hint;
    if (channels != this.channels) {
      hint =
          "the network takes "
              + (this.channels == 1 ? "grey" : "RGB")
              + " pictures, so convert these, or use a network trained on such pictures";
    } else if (height == this.width && width == this.height) {
      hint = "height and width are swapped, so turn the pictures by a quarter";
    } else {
      hint = "bring the pictures to that size first, or use a network trained on such pictures";
    }
    throw SysmolException.badInput(
        source
            + " has the shape "
            + shape(channels, height, width)
            + ", but the network takes "
            + shape(this.channels, this.height, this.width)
            + ": "
            + hint
            + ".");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Preprocessing that
        && channels == that.channels
        && height == that.height
        && width == that.width
        && resize.equals(that.resize)
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(
        new int[] {
          channels, height, width, resize.hashCode(), Arrays.hashCode(mean), Arrays.hashCode(std)
        });
  }

  @Override
  public String toString() {
    String before =
        switch (resize) {
          case Resize.None() -> "";
          case Resize.ShorterSide(int pixels) -> "shorter side to " + pixels + ", crop to ";
          case Resize.Exact(int toHeight, int toWidth) ->
              toHeight == height && toWidth == width
                  ? "resize to "
                  : "resize to " + toHeight + " x " + toWidth + ", crop to ";
        };
    return before
        + shape(channels, height, width)
        + ", mean "
        + Arrays.toString(mean)
        + ", std "
        + Arrays.toString(std);
  }

  static void requireSide(String what, int pixels) {
    if (pixels < 1 || pixels > MAX_SIDE) {
      throw SysmolException.badInput(
          what + " is " + pixels + " pixels, but must be 1 to " + MAX_SIDE + ".");
    }
  }

  private static float[] requirePerChannel(String what, float[] values, int channels) {
    if (values.length != channels) {
      throw SysmolException.badInput(
          "The preprocessing's "
              + what
              + " has "
              + values.length
              + " values, but needs one for each of its "
              + channels
              + (channels == 1 ? " channel." : " channels."));
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw SysmolException.badInput(
            "The preprocessing's " + what + " holds " + value + ", but must be finite.");
      }
    }
    return values.clone();
  }

  private static String shape(int channels, int height, int width) {
    return height + " x " + width + " x " + channels + " (height x width x channels)";
  }
}
