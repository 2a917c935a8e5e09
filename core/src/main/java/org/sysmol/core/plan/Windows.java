package org.sysmol.core.plan;

import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Padding;

/** Resolves ONNX's window attributes for a known map size. */
final class Windows {
  private Windows() {}

  /**
   * The window over a map of {@code height} by {@code width}.
   *
   * @param node for messages
   * @param ceil a last window that hangs over the end counts if it starts inside map or begin
   *     padding
   */
  static Window resolve(
      String node,
      int height,
      int width,
      int[] kernel,
      int[] strides,
      int[] dilations,
      Padding padding,
      boolean ceil) {
    if (kernel.length != 2) {
      throw SysmolException.badInput(
          "Node "
              + node
              + " has "
              + kernel.length
              + " spatial axes; only two-dimensional networks can be quantised.");
    }
    int[] y = padding.resolve(0, 2, height, kernel[0], strides[0], dilations[0]);
    int[] x = padding.resolve(1, 2, width, kernel[1], strides[1], dilations[1]);
    if (Math.min(Math.min(y[0], y[1]), Math.min(x[0], x[1])) < 0) {
      throw SysmolException.badInput(
          "Node "
              + node
              + " has negative padding, which cannot be quantised; crop the input instead.");
    }
    int rows = outputs(node, height, y, kernel[0], strides[0], dilations[0], ceil);
    int columns = outputs(node, width, x, kernel[1], strides[1], dilations[1], ceil);
    return new Window(
        kernel[0],
        kernel[1],
        strides[0],
        strides[1],
        dilations[0],
        dilations[1],
        y[0],
        x[0],
        rows,
        columns);
  }

  private static int outputs(
      String node, int size, int[] pads, int kernel, int stride, int dilation, boolean ceil) {
    int room = size + pads[0] + pads[1] - ((kernel - 1) * dilation + 1);
    if (room < 0) {
      throw SysmolException.badInput(
          "Node "
              + node
              + " has a window larger than its padded map of "
              + size
              + " cells; feed a larger picture.");
    }
    int outputs = (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
    if (ceil && (outputs - 1) * stride >= size + pads[0]) {
      outputs--;
    }
    return outputs;
  }
}
