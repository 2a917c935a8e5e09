package org.sysmol.core.packed;

/** How the elements of a packed tensor are coded (docs/arithmetic.md §3, §4). */
public sealed interface Encoding {
  /**
   * Codes of a searched layer's input, each channel at its own precision.
   *
   * @param precision bits by channel position: 1, 2 or 4
   * @param alpha step parameter, positive
   * @param signed odd codes instead of unsigned ones
   */
  record Mixed(byte[] precision, float alpha, boolean signed) implements Encoding {}

  /**
   * Eight-bit codes with a zero and one step: streams, images, inputs of edge layers.
   *
   * @param step value of one unit, positive
   * @param signed codes -127..127 instead of 0..255
   */
  record Eight(float step, boolean signed) implements Encoding {}

  /** Binary32 values: the result. */
  record Real() implements Encoding {}
}
