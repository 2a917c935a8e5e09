package org.sysmol.core.arithmetic;

/**
 * The activation of an epilogue: {@code t > low ? (t < high ? t : high) : low}.
 *
 * <p>Written so that a zero of either sign becomes the bound's own zero, as the processor's {@code
 * maxps} does with the bound as second operand.
 *
 * @param low lower bound, negative infinity where none
 * @param high upper bound, positive infinity where none
 */
public record Clamp(float low, float high) {
  /** No activation. */
  public static final Clamp NONE = new Clamp(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** {@code max(t, 0)}. */
  public static final Clamp RELU = new Clamp(0f, Float.POSITIVE_INFINITY);

  /** Applies the bounds; NaN gives the lower one. */
  public float apply(float t) {
    return t > low ? (t < high ? t : high) : low;
  }

  /** True if no value that comes out is negative. */
  public boolean nonNegative() {
    return low >= 0f;
  }

  /** True if it changes nothing. */
  public boolean isNone() {
    return equals(NONE);
  }
}
