package org.sysmol.core.plan;

/**
 * A tensor between stages, for one image.
 *
 * @param id its index in {@link Plan#values}
 * @param name the name it has in the float network
 * @param channels number of channels
 * @param height rows
 * @param width columns
 * @param kind how it is stored
 * @param signed whether it can be negative
 */
public record Value(
    int id, String name, int channels, int height, int width, Kind kind, boolean signed) {
  /** How a tensor is stored between stages (docs/arithmetic.md §7). */
  public enum Kind {
    /** The normalised input image, quantised to signed 8 bits with one step. */
    IMAGE,
    /**
     * Eight-bit codes with one step: it feeds an Add, a pool, an edge layer, or several consumers.
     */
    STREAM,
    /** Only the codes of its one searched consumer. */
    CODES,
    /** Binary32 results. */
    REAL
  }

  /** True for the kinds that carry eight-bit codes with one step. */
  public boolean eightBit() {
    return kind == Kind.IMAGE || kind == Kind.STREAM;
  }

  /** Number of elements. */
  public int size() {
    return channels * height * width;
  }
}
