package org.sysmol.core.packed;

/**
 * The signed extremes that a layer's sums can take, per output channel and segment of equal
 * precision, over all inputs that its codes allow, padding included (docs/arithmetic.md §8).
 *
 * @param segments precisions in the order of the columns, e.g. 4, 2, 1 or 8
 * @param low {@code [output][segment]} flattened, at most 0
 * @param high {@code [output][segment]} flattened, at least 0
 */
public record Bounds(byte[] segments, int[] low, int[] high) {
  /** Smallest sum of an output over all segments. */
  public long low(int output) {
    return sum(low, output);
  }

  /** Largest sum of an output over all segments. */
  public long high(int output) {
    return sum(high, output);
  }

  private long sum(int[] values, int output) {
    long sum = 0;
    for (int s = 0; s < segments.length; s++) {
      sum += values[output * segments.length + s];
    }
    return sum;
  }

  /** The largest magnitude that any sum of the layer can take. */
  public long magnitude() {
    long max = 0;
    for (int o = 0; segments.length > 0 && o < low.length / segments.length; o++) {
      max = Math.max(max, Math.max(-low(o), high(o)));
    }
    return max;
  }
}
