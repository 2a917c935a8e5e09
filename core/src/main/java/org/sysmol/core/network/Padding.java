package org.sysmol.core.network;

/**
 * How a sliding window is padded, as in ONNX.
 *
 * @param mode explicit sizes, or a rule that is resolved once the picture size is known
 * @param pads for {@link Mode#EXPLICIT}: begins of each spatial axis, then ends (may be negative: a
 *     crop); empty otherwise
 */
public record Padding(Mode mode, int[] pads) {
  /** The rules of ONNX's {@code auto_pad}. */
  public enum Mode {
    /** The sizes in {@link Padding#pads}. */
    EXPLICIT,
    /** Output size is input / stride rounded up; an odd cell goes to the end. */
    SAME_UPPER,
    /** Output size is input / stride rounded up; an odd cell goes to the beginning. */
    SAME_LOWER,
    /** No padding. */
    VALID
  }

  /** No padding over {@code spatialAxes} axes. */
  public static Padding none(int spatialAxes) {
    return new Padding(Mode.EXPLICIT, new int[2 * spatialAxes]);
  }

  /** The same padding on all sides of a two-dimensional map. */
  public static Padding all(int size) {
    return new Padding(Mode.EXPLICIT, new int[] {size, size, size, size});
  }

  /**
   * Begin and end padding of one axis.
   *
   * @param axis spatial axis, 0 is the height of a two-dimensional map
   * @param axes number of spatial axes
   * @param input size of the map
   * @param kernel window size
   * @param stride step
   * @param dilation distance of window cells
   * @return begin and end
   */
  public int[] resolve(int axis, int axes, int input, int kernel, int stride, int dilation) {
    return switch (mode) {
      case EXPLICIT -> new int[] {pads[axis], pads[axes + axis]};
      case VALID -> new int[] {0, 0};
      case SAME_UPPER, SAME_LOWER -> {
        int output = Math.ceilDiv(input, stride);
        int total = Math.max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - input);
        int small = total / 2;
        yield mode == Mode.SAME_UPPER
            ? new int[] {small, total - small}
            : new int[] {total - small, small};
      }
    };
  }
}
