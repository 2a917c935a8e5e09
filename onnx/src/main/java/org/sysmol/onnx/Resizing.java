package org.sysmol.onnx;

import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Changes of picture size, axis by axis, with places computed in double precision. */
final class Resizing {
  private Resizing() {}

  /** The resized tensor. */
  static Tensor resize(Operator.Resize resize, Tensor input) {
    int rank = input.rank();
    boolean scaled = resize.scales().length > 0;
    if ((scaled ? resize.scales().length : resize.sizes().length) != rank) {
      throw SysmolException.badInput(
          "it needs a scale or size for each axis of the shape "
              + FloatEvaluator.shown(input.shape())
              + ".");
    }
    Tensor current = input;
    for (int axis = 0; axis < rank; axis++) {
      int size = input.extent(axis);
      int target = scaled ? scaledSize(size, resize.scales()[axis]) : resize.sizes()[axis];
      if (target < 1) {
        throw SysmolException.badInput("nothing is left of axis " + axis + ".");
      }
      // A place in the input is a place in the result times input cells / result cells.
      double inputCells = scaled ? 1 : size;
      double resultCells = scaled ? resize.scales()[axis] : target;
      if (inputCells != resultCells) {
        current = alongAxis(resize, current, axis, target, inputCells, resultCells);
      }
    }
    return current;
  }

  /** Size times scale, rounded down. */
  static int scaledSize(int size, float scale) {
    double product = Math.floor(size * (double) scale);
    if (!(product < Integer.MAX_VALUE)) {
      throw SysmolException.badInput("it would make an axis of " + product + " cells.");
    }
    return (int) product;
  }

  private static Tensor alongAxis(
      Operator.Resize resize,
      Tensor input,
      int axis,
      int target,
      double inputCells,
      double resultCells) {
    int size = input.extent(axis);
    int[] shape = input.shape().clone();
    shape[axis] = target;
    Tensor result = Tensor.zeros(shape);
    int inner = 1;
    for (int after = axis + 1; after < shape.length; after++) {
      inner *= shape[after];
    }
    int outer = result.data().length / (target * inner);
    for (int index = 0; index < target; index++) {
      double place = place(resize.coordinates(), index, size, target, inputCells, resultCells);
      int low;
      int high;
      double fraction;
      if (resize.mode() == Operator.ResizeMode.NEAREST) {
        low = Math.clamp(rounded(resize.rounding(), place), 0, size - 1);
        high = low;
        fraction = 0;
      } else {
        double inside = Math.clamp(place, 0, size - 1);
        low = (int) Math.floor(inside);
        high = Math.min(low + 1, size - 1);
        fraction = inside - low;
      }
      for (int block = 0; block < outer; block++) {
        for (int cell = 0; cell < inner; cell++) {
          double a = input.data()[(block * size + low) * inner + cell];
          double b = input.data()[(block * size + high) * inner + cell];
          result.data()[(block * target + index) * inner + cell] =
              (float) (fraction == 0 ? a : a * (1 - fraction) + b * fraction);
        }
      }
    }
    return result;
  }

  /** Multiplies before it divides: a place that is exactly between two cells comes out so. */
  private static double place(
      Operator.ResizeCoordinates rule,
      int index,
      int size,
      int target,
      double inputCells,
      double resultCells) {
    return switch (rule) {
      case HALF_PIXEL -> (index + 0.5) * inputCells / resultCells - 0.5;
      case PYTORCH_HALF_PIXEL -> target > 1 ? (index + 0.5) * inputCells / resultCells - 0.5 : 0;
      case ALIGN_CORNERS -> target > 1 ? (double) index * (size - 1) / (target - 1) : 0;
      case ASYMMETRIC -> index * inputCells / resultCells;
    };
  }

  private static long rounded(Operator.ResizeRounding rule, double place) {
    return (long)
        switch (rule) {
          case ROUND_PREFER_FLOOR -> Math.ceil(place - 0.5);
          case ROUND_PREFER_CEIL -> Math.floor(place + 0.5);
          case FLOOR -> Math.floor(place);
          case CEIL -> Math.ceil(place);
        };
  }
}
