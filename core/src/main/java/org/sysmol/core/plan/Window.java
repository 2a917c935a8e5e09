package org.sysmol.core.plan;

/**
 * Geometry of a sliding window over a map; the output size follows from it.
 *
 * @param kernelHeight rows
 * @param kernelWidth columns
 * @param strideY rows between outputs
 * @param strideX columns between outputs
 * @param dilationY rows between window cells
 * @param dilationX columns between window cells
 * @param padTop rows worth 0 above the map
 * @param padLeft columns worth 0 left of it
 * @param outputHeight rows of outputs
 * @param outputWidth columns of outputs
 */
public record Window(
    int kernelHeight,
    int kernelWidth,
    int strideY,
    int strideX,
    int dilationY,
    int dilationX,
    int padTop,
    int padLeft,
    int outputHeight,
    int outputWidth) {
  /** Number of window cells. */
  public int taps() {
    return kernelHeight * kernelWidth;
  }

  /** Number of outputs of one channel. */
  public int outputs() {
    return outputHeight * outputWidth;
  }

  /** Rows that the windows reach past the map of {@code height} rows, at least 0. */
  public int padBottom(int height) {
    int reach = (outputHeight - 1) * strideY + (kernelHeight - 1) * dilationY + 1 - padTop - height;
    return Math.max(0, reach);
  }

  /** Columns that the windows reach past the map of {@code width} columns, at least 0. */
  public int padRight(int width) {
    int reach = (outputWidth - 1) * strideX + (kernelWidth - 1) * dilationX + 1 - padLeft - width;
    return Math.max(0, reach);
  }

  /** The same windows where rows above and columns on the left are taken for padding. */
  Window padded(int top, int left) {
    return new Window(
        kernelHeight,
        kernelWidth,
        strideY,
        strideX,
        dilationY,
        dilationX,
        padTop + top,
        padLeft + left,
        outputHeight,
        outputWidth);
  }
}
