package org.sysmol.core.packed;

/**
 * A tensor between steps, for one image, channels innermost ({@code [height, width, channels]}).
 *
 * @param name the name it has in the float network
 * @param channels number of channels
 * @param height rows
 * @param width columns
 * @param order which channel of the float network stands at each position
 * @param encoding how its elements are coded
 */
public record PackedTensor(
    String name, int channels, int height, int width, int[] order, Encoding encoding) {
  /** Number of elements. */
  public int size() {
    return channels * height * width;
  }

  /** Value of one unit of its eight-bit codes. */
  public float step() {
    return ((Encoding.Eight) encoding).step();
  }
}
