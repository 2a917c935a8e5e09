package org.sysmol.report;

/**
 * What one part of a network costs when it alone is quantised.
 *
 * @param name of the layers that read the input, or of the streams
 * @param bits mean precision of a weight
 * @param lossRise what the mean cross-entropy rises by
 * @param pointsLost what the accuracy falls by, in points
 * @param activations squared error by input channel, in units of the mean channel's energy; empty
 *     where channels were not told apart
 * @param weights the same for the weights that read the channel
 */
public record LayerError(
    String name,
    double bits,
    double lossRise,
    double pointsLost,
    double[] activations,
    double[] weights) {
  /** Mean relative error of the activations; NaN without channels. */
  public double meanActivations() {
    return mean(activations);
  }

  /** Mean relative error of the weights; NaN without channels. */
  public double meanWeights() {
    return mean(weights);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return values.length == 0 ? Double.NaN : sum / values.length;
  }
}
