package org.sysmol.onnx;

import org.sysmol.core.network.Padding;

/**
 * A window sliding along one spatial axis.
 *
 * @param input size of the map
 * @param kernel cells of the window
 * @param stride step of the window
 * @param dilation distance of the window's cells
 * @param begin padding before the map; negative crops
 * @param end padding after the map; negative crops
 * @param output number of places of the window; 0 or less if it fits nowhere
 */
record Window(int input, int kernel, int stride, int dilation, int begin, int end, long output) {

  /**
   * The window along {@code axis} of {@code axes} spatial axes.
   *
   * @param ceil a last window that hangs over the end counts, if it starts inside the map or its
   *     begin padding
   */
  static Window along(
      int axis,
      int axes,
      int input,
      int kernel,
      int stride,
      int dilation,
      Padding padding,
      boolean ceil) {
    int[] pads = padding.resolve(axis, axes, input, kernel, stride, dilation);
    long room = (long) input + pads[0] + pads[1] - reach(kernel, dilation);
    long output = room < 0 ? 0 : (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
    if (ceil && output > 0 && (output - 1) * stride >= (long) input + pads[0]) {
      output--;
    }
    return new Window(input, kernel, stride, dilation, pads[0], pads[1], output);
  }

  /** Cells that a window spans, first to last. */
  static long reach(int kernel, int dilation) {
    return (kernel - 1L) * dilation + 1;
  }

  /** The map's cell under cell {@code tap} of the window at {@code place}; may lie outside. */
  int cell(int place, int tap) {
    return place * stride + tap * dilation - begin;
  }

  /** The first place whose cell {@code tap} lies inside the map. */
  int firstInside(int tap) {
    return Math.max(0, Math.ceilDiv(begin - tap * dilation, stride));
  }

  /** One more than the last place whose cell {@code tap} lies inside the map. */
  int endInside(int tap) {
    return (int) Math.min(output, Math.floorDiv(input - 1 + begin - tap * dilation, stride) + 1L);
  }
}
