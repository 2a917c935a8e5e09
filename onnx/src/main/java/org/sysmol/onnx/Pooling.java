package org.sysmol.onnx;

import java.util.Arrays;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** Operators that summarise windows or whole maps. */
final class Pooling {
  private Pooling() {}

  /** The largest cell of each window. */
  static Tensor max(Operator.MaxPool pool, Tensor input) {
    Window[] windows =
        windows(
            input, pool.kernel(), pool.strides(), pool.dilations(), pool.padding(), pool.ceil());
    return slide(input, windows, Pooling::largest);
  }

  /** The mean of each window. */
  static Tensor average(Operator.AveragePool pool, Tensor input) {
    Window[] windows =
        windows(
            input, pool.kernel(), pool.strides(), pool.dilations(), pool.padding(), pool.ceil());
    boolean padded = pool.countIncludePad();
    return slide(input, windows, (w, data, map, y, x) -> mean(w, data, map, y, x, padded));
  }

  /**
   * What a pool makes of the window at row {@code y}, column {@code x} of the map at {@code map}.
   */
  private interface Summary {
    double of(Window[] windows, float[] data, int map, int y, int x);
  }

  private static double largest(Window[] windows, float[] data, int map, int y, int x) {
    double largest = Double.NEGATIVE_INFINITY;
    int cells = 0;
    for (int i = 0; i < windows[0].kernel(); i++) {
      int row = windows[0].cell(y, i);
      for (int j = 0; j < windows[1].kernel(); j++) {
        int column = windows[1].cell(x, j);
        if (inside(windows[0], row) && inside(windows[1], column)) {
          largest = Math.max(largest, data[map + row * windows[1].input() + column]);
          cells++;
        }
      }
    }
    requireCells(cells);
    return largest;
  }

  private static double mean(
      Window[] windows, float[] data, int map, int y, int x, boolean countPadding) {
    double sum = 0;
    int cells = 0;
    for (int i = 0; i < windows[0].kernel(); i++) {
      int row = windows[0].cell(y, i);
      for (int j = 0; j < windows[1].kernel(); j++) {
        int column = windows[1].cell(x, j);
        if (inside(windows[0], row) && inside(windows[1], column)) {
          sum += data[map + row * windows[1].input() + column];
          cells++;
        } else if (countPadding && declared(windows[0], row) && declared(windows[1], column)) {
          cells++;
        }
      }
    }
    requireCells(cells);
    return sum / cells;
  }

  private static boolean inside(Window window, int cell) {
    return cell >= 0 && cell < window.input();
  }

  /** True for a cell of the map or of its declared padding, false past it. */
  private static boolean declared(Window window, int cell) {
    return cell >= -window.begin() && cell < window.input() + window.end();
  }

  private static void requireCells(int cells) {
    if (cells == 0) {
      throw SysmolException.badInput("one of its windows holds padding only.");
    }
  }

  private static Window[] windows(
      Tensor input, int[] kernel, int[] strides, int[] dilations, Padding padding, boolean ceil) {
    int axes = input.rank() - 2;
    if (axes < 1 || axes > 2) {
      throw SysmolException.badInput(
          "it needs a map of 3 or 4 axes but got the shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    Convolution.requireLengths(axes, kernel, strides, dilations);
    Window[] windows = {new Window(1, 1, 1, 1, 0, 0, 1), new Window(1, 1, 1, 1, 0, 0, 1)};
    for (int own = 0; own < axes; own++) {
      Window window =
          Window.along(
              own,
              axes,
              input.extent(2 + own),
              kernel[own],
              strides[own],
              dilations[own],
              padding,
              ceil);
      if (window.begin() < 0 || window.end() < 0) {
        throw SysmolException.badInput("a pool can't have negative padding.");
      }
      windows[own + 2 - axes] = window;
    }
    return windows;
  }

  private static Tensor slide(Tensor input, Window[] windows, Summary summary) {
    int height = Convolution.places(windows[0]);
    int width = Convolution.places(windows[1]);
    int[] shape = input.shape().clone();
    shape[shape.length - 1] = width;
    if (shape.length == 4) {
      shape[2] = height;
    }
    Tensor result = Tensor.zeros(shape);
    int plane = windows[0].input() * windows[1].input();
    int maps = input.extent(0) * input.extent(1);
    int cell = 0;
    for (int map = 0; map < maps; map++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          result.data()[cell++] = (float) summary.of(windows, input.data(), map * plane, y, x);
        }
      }
    }
    return result;
  }

  /** The mean of each whole map. */
  static Tensor globalAverage(Tensor input) {
    return reduceMean(new Operator.ReduceMean(spatial(input), true), input);
  }

  /** The largest cell of each whole map. */
  static Tensor globalMax(Tensor input) {
    int[] axes = spatial(input);
    Tensor result = Tensor.zeros(reduced(input.shape(), axes, true));
    Arrays.fill(result.data(), Float.NEGATIVE_INFINITY);
    int plane = input.data().length / Math.max(1, result.data().length);
    for (int cell = 0; cell < input.data().length; cell++) {
      result.data()[cell / plane] = Math.max(result.data()[cell / plane], input.data()[cell]);
    }
    return result;
  }

  private static int[] spatial(Tensor input) {
    if (input.rank() < 3) {
      throw SysmolException.badInput(
          "it needs a map with spatial axes but got the shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    int[] axes = new int[input.rank() - 2];
    Arrays.setAll(axes, axis -> axis + 2);
    return axes;
  }

  /** The mean over some axes. */
  static Tensor reduceMean(Operator.ReduceMean mean, Tensor input) {
    int[] kept = reduced(input.shape(), mean.axes(), true);
    int[] cells = Elementwise.cells(kept, input.shape());
    double[] sums = new double[(int) Tensor.size(kept)];
    for (int cell = 0; cell < cells.length; cell++) {
      sums[cells[cell]] += input.data()[cell];
    }
    double count = (double) cells.length / sums.length;
    float[] data = new float[sums.length];
    for (int cell = 0; cell < data.length; cell++) {
      data[cell] = (float) (sums[cell] / count);
    }
    return Tensor.of(data, reduced(input.shape(), mean.axes(), mean.keepDimensions()));
  }

  /** The shape after reducing {@code axes}, or all of them if there are none. */
  private static int[] reduced(int[] shape, int[] axes, boolean keep) {
    boolean[] gone = new boolean[shape.length];
    Arrays.fill(gone, axes.length == 0);
    for (int axis : axes) {
      gone[Shapes.requireAxis(axis, shape)] = true;
    }
    int[] result = new int[shape.length];
    int rank = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      if (!gone[axis]) {
        result[rank++] = shape[axis];
      } else if (keep) {
        result[rank++] = 1;
      }
    }
    return Arrays.copyOf(result, rank);
  }
}
