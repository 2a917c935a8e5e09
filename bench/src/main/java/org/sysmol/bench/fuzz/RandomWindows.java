package org.sysmol.bench.fuzz;

import java.util.SplittableRandom;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.plan.Window;

/** Windows drawn at random: they differ by axis, their paddings by side. */
final class RandomWindows {
  /** Multiply-accumulates of one layer at most, for the reference is slow. */
  static final long MOST_WORK = 400_000;

  private final SplittableRandom random;

  RandomWindows(SplittableRandom random) {
    this.random = random;
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** Multiply-accumulates of one output channel. */
  static long work(PackedTensor in, long taps, long outputs, int groups) {
    return taps * outputs * in.channels() / groups;
  }

  /** A window over a tensor that keeps the work of an output within bounds. */
  Window any(PackedTensor in) {
    while (true) {
      Axis y = axis(in.height(), false);
      Axis x = oneIn(3) ? axis(in.width(), false) : axis(in.width(), y);
      if (y.outputs() > 0
          && x.outputs() > 0
          && work(in, (long) y.kernel() * x.kernel(), y.outputs() * (long) x.outputs(), 1)
              <= MOST_WORK) {
        return window(y, x);
      }
    }
  }

  /** A window whose every place has a cell of the map. */
  Window pool(PackedTensor in) {
    while (true) {
      Axis y = axis(in.height(), true);
      Axis x = oneIn(3) ? axis(in.width(), true) : axis(in.width(), y);
      if (y.outputs() > 0 && x.outputs() > 0 && y.touches(in.height()) && x.touches(in.width())) {
        return window(y, x);
      }
    }
  }

  private static Window window(Axis y, Axis x) {
    return new Window(
        y.kernel(),
        x.kernel(),
        y.stride(),
        x.stride(),
        y.dilation(),
        x.dilation(),
        y.pad(),
        x.pad(),
        y.outputs(),
        x.outputs());
  }

  /** One axis of a window. */
  private record Axis(int kernel, int stride, int dilation, int pad, int outputs) {
    static Axis of(int size, int kernel, int stride, int dilation, int pad, int behind) {
      int room = size + pad + behind - (kernel - 1) * dilation - 1;
      return new Axis(kernel, stride, dilation, pad, room < 0 ? 0 : room / stride + 1);
    }

    boolean touches(int size) {
      for (int o = 0; o < outputs; o++) {
        boolean cell = false;
        for (int k = 0; k < kernel; k++) {
          int at = o * stride - pad + k * dilation;
          cell |= at >= 0 && at < size;
        }
        if (!cell) {
          return false;
        }
      }
      return true;
    }
  }

  private Axis axis(int size, boolean pool) {
    int[] kernels = {1, 1, 2, 3, 3, 3, 4, 5, 7};
    int kernel = kernels[random.nextInt(kernels.length)];
    int dilation = pool || !oneIn(5) ? 1 : 1 + random.nextInt(3);
    int reach = (kernel - 1) * dilation;
    int stride = oneIn(3) ? 1 + random.nextInt(3) : 1;
    if (oneIn(2)) {
      return Axis.of(size, kernel, stride, dilation, reach / 2, reach - reach / 2);
    }
    // Now and then windows that lie beside the map altogether.
    int most = reach + (oneIn(10) ? 2 : 0);
    return Axis.of(
        size, kernel, stride, dilation, random.nextInt(most + 1), random.nextInt(most + 1));
  }

  /** The same window along an axis of another size. */
  private static Axis axis(int size, Axis like) {
    return Axis.of(
        size,
        like.kernel(),
        like.stride(),
        like.dilation(),
        like.pad(),
        (like.kernel() - 1) * like.dilation() / 2);
  }
}
