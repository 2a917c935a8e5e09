package org.sysmol.train;

import org.sysmol.core.plan.Stage;
import org.sysmol.core.plan.Window;

/** How many cells each window of an average pool divides by. */
final class Cells {
  private Cells() {}

  /**
   * The factor from a window's sum to its mean, rounded once to binary32.
   *
   * @param pool the stage
   * @param height rows of its input
   * @param width columns of its input
   * @param step value of one unit of the sum
   * @return row-major over the outputs
   */
  static float[] factors(Stage.AveragePool pool, int height, int width, double step) {
    Window w = pool.window();
    float[] factors = new float[w.outputs()];
    for (int y = 0; y < w.outputHeight(); y++) {
      int rows =
          count(
              y * w.strideY() - w.padTop(),
              w.kernelHeight(),
              height,
              pool.countPadding() ? w.padTop() : 0,
              pool.countPadding() ? pool.padBottom() : 0);
      for (int x = 0; x < w.outputWidth(); x++) {
        int columns =
            count(
                x * w.strideX() - w.padLeft(),
                w.kernelWidth(),
                width,
                pool.countPadding() ? w.padLeft() : 0,
                pool.countPadding() ? pool.padRight() : 0);
        factors[y * w.outputWidth() + x] = (float) (step / ((long) rows * columns));
      }
    }
    return factors;
  }

  private static int count(int from, int kernel, int size, int before, int behind) {
    return Math.min(from + kernel, size + behind) - Math.max(from, -before);
  }
}
