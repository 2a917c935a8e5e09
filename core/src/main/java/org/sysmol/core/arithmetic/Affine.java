package org.sysmol.core.arithmetic;

import org.jspecify.annotations.Nullable;

/**
 * The folded epilogue of a layer, {@code t * S + B} per channel (docs/arithmetic.md §6): computed
 * once in double, rounded once to binary32, and stored.
 *
 * @param scale S per output channel
 * @param offset B per output channel
 */
public record Affine(float[] scale, float[] offset) {
  /**
   * Folds what follows an integer sum.
   *
   * @param unit real value of one unit of the accumulator, per output channel
   * @param bias the layer's bias per output channel, or null
   * @param norm the batch normalisation behind it, or null
   */
  public static Affine fold(double[] unit, float @Nullable [] bias, @Nullable BatchNorm norm) {
    float[] scale = new float[unit.length];
    float[] offset = new float[unit.length];
    for (int o = 0; o < unit.length; o++) {
      double b = bias == null ? 0.0 : bias[o];
      scale[o] = (float) (norm == null ? unit[o] : unit[o] * norm.factor(o));
      offset[o] = (float) (norm == null ? b : norm.offset(o, b));
    }
    return new Affine(scale, offset);
  }

  /** The pre-activation form: a batch normalisation on real values. */
  public static Affine of(BatchNorm norm) {
    double[] one = new double[norm.scale().length];
    java.util.Arrays.fill(one, 1.0);
    return fold(one, null, norm);
  }

  /**
   * Real value of one accumulator unit of a searched layer: {@code delta_o * alpha * 2^-5} for
   * unsigned activations, {@code 2^-6} for signed ones, in double.
   */
  public static double[] searchedUnit(float[] delta, float alpha, boolean signedActivation) {
    double[] unit = new double[delta.length];
    double shift = signedActivation ? 0x1p-6 : 0x1p-5;
    for (int o = 0; o < unit.length; o++) {
      unit[o] = (double) delta[o] * alpha * shift;
    }
    return unit;
  }

  /** Real value of one accumulator unit of an edge layer: weight step times activation step. */
  public static double[] edgeUnit(float[] weightStep, float activationStep) {
    double[] unit = new double[weightStep.length];
    for (int o = 0; o < unit.length; o++) {
      unit[o] = (double) weightStep[o] * activationStep;
    }
    return unit;
  }
}
