package org.sysmol.hardware.program;

import org.sysmol.core.plan.Window;

/** Which cells of a window are inside the map, by output row or column. */
final class WindowRows {
  private final int kernel;
  private final int stride;
  private final int dilation;
  private final int pad;
  private final int input;

  private WindowRows(int kernel, int stride, int dilation, int pad, int input) {
    this.kernel = kernel;
    this.stride = stride;
    this.dilation = dilation;
    this.pad = pad;
    this.input = input;
  }

  static WindowRows rows(Window w, int height) {
    return new WindowRows(w.kernelHeight(), w.strideY(), w.dilationY(), w.padTop(), height);
  }

  static WindowRows columns(Window w, int width) {
    return new WindowRows(w.kernelWidth(), w.strideX(), w.dilationX(), w.padLeft(), width);
  }

  /** Bit {@code k} is set if cell {@code k} of the window at {@code output} is inside. */
  long inside(int output) {
    long set = 0;
    for (int k = 0; k < kernel; k++) {
      int at = output * stride - pad + k * dilation;
      if (at >= 0 && at < input) {
        set |= 1L << k;
      }
    }
    return set;
  }

  /** Where the window at {@code output} begins, which may be outside. */
  int first(int output) {
    return output * stride - pad;
  }
}
