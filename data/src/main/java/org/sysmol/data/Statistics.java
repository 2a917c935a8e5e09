package org.sysmol.data;

/**
 * Mean and standard deviation of a set's pixels, per channel, on the scale where white is 1.
 *
 * <p>Sums are integers, so the result does not depend on the order of the images.
 *
 * @param mean per channel
 * @param std per channel; 1 where all pixels are equal
 */
public record Statistics(float[] mean, float[] std) {

  /** Reads every image once. */
  public static Statistics of(ImageSet set) {
    int channels = set.channels();
    long[] sums = new long[channels];
    long[] squares = new long[channels];
    byte[] hwc = new byte[set.pixelCount()];
    for (int index = 0; index < set.count(); index++) {
      set.pixels(index, hwc);
      for (int i = 0; i < hwc.length; i++) {
        int v = hwc[i] & 0xFF;
        sums[i % channels] += v;
        squares[i % channels] += (long) v * v;
      }
    }
    float[] mean = new float[channels];
    float[] std = new float[channels];
    double pixels = (double) set.count() * set.height() * set.width();
    for (int channel = 0; channel < channels; channel++) {
      double average = sums[channel] / pixels;
      double variance = squares[channel] / pixels - average * average;
      mean[channel] = (float) (average / 255);
      // A constant channel's variance is 0 up to rounding; any other's is far above this.
      std[channel] = variance < 1e-7 ? 1 : (float) (Math.sqrt(variance) / 255);
    }
    return new Statistics(mean, std);
  }
}
