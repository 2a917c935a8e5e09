package org.sysmol.core.arithmetic;

/**
 * Weights of edge layers: symmetric integers -127..127 with a zero and one step per output channel
 * (docs/arithmetic.md §3).
 */
public final class EdgeWeights {
  private EdgeWeights() {}

  /**
   * Step of an output channel: {@code max|w| / 127}, or 1 for a channel of zeros.
   *
   * @param weights all weights, output channel outermost
   * @param from first weight of the channel
   * @param to past its last weight
   */
  public static float step(float[] weights, int from, int to) {
    float max = 0f;
    for (int i = from; i < to; i++) {
      max = Math.max(max, Math.abs(weights[i]));
    }
    float step = max / 127f;
    return step > 0f ? step : 1f;
  }

  /** The code of a weight: {@code roundHalfEven(clamp(w / step, -127, 127))}. */
  public static int code(float weight, float step) {
    return Codes.clampAndRound(weight / step, -127f, 127f);
  }
}
