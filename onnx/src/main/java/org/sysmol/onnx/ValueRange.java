package org.sysmol.onnx;

/**
 * What a static quantiser knows of a value.
 *
 * @param low smallest value seen
 * @param high largest value seen
 */
public record ValueRange(float low, float high) {
  /** Both ranges in one. */
  public ValueRange with(ValueRange other) {
    return new ValueRange(Math.min(low, other.low), Math.max(high, other.high));
  }

  /** Of some values, at least one. */
  public static ValueRange of(float[] values) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    return new ValueRange(low, high);
  }

  /** Value of one unit of an unsigned byte over the range, which is widened to hold 0. */
  public float scale() {
    float width = Math.max(high, 0) - Math.min(low, 0);
    return width > 0 ? width / 255f : 1f;
  }

  /** The unsigned byte that stands for 0. */
  public int zeroPoint() {
    return Math.clamp(Math.round(-Math.min(low, 0) / scale()), 0, 255);
  }
}
