package org.sysmol.core.arithmetic;

/**
 * Stored statistics and parameters of a batch normalisation, one value per channel.
 *
 * @param scale gamma
 * @param bias beta
 * @param mean running mean
 * @param variance running variance, at least 0
 * @param epsilon added to the variance
 */
public record BatchNorm(
    float[] scale, float[] bias, float[] mean, float[] variance, float epsilon) {
  /** The factor of a channel, {@code gamma / sqrt(variance + epsilon)}, in double. */
  public double factor(int channel) {
    return scale[channel] / Math.sqrt((double) variance[channel] + epsilon);
  }

  /** The offset of a channel for an input offset {@code b}: {@code (b - mean) * factor + beta}. */
  public double offset(int channel, double b) {
    return (b - mean[channel]) * factor(channel) + bias[channel];
  }
}
