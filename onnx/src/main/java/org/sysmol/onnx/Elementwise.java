package org.sysmol.onnx;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Tensor;

/** Operators that work cell by cell, in double precision. */
final class Elementwise {
  private Elementwise() {}

  /** {@code function} of every cell. */
  static Tensor unary(Tensor input, DoubleUnaryOperator function) {
    float[] data = new float[input.data().length];
    for (int cell = 0; cell < data.length; cell++) {
      data[cell] = (float) function.applyAsDouble(input.data()[cell]);
    }
    return Tensor.of(data, input.shape());
  }

  /** {@code function} of every pair of cells, sizes of 1 and missing first axes being repeated. */
  static Tensor binary(Tensor left, Tensor right, DoubleBinaryOperator function) {
    int[] shape = broadcast(left.shape(), right.shape());
    Tensor result = Tensor.zeros(shape);
    int[] leftCells = cells(left.shape(), shape);
    int[] rightCells = cells(right.shape(), shape);
    float[] data = result.data();
    for (int cell = 0; cell < data.length; cell++) {
      data[cell] =
          (float)
              function.applyAsDouble(left.data()[leftCells[cell]], right.data()[rightCells[cell]]);
    }
    return result;
  }

  /** The common shape of two shapes by ONNX's (numpy's) rule. */
  static int[] broadcast(int[] left, int[] right) {
    int rank = Math.max(left.length, right.length);
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int a = extent(left, axis, rank);
      int b = extent(right, axis, rank);
      if (a != b && a != 1 && b != 1) {
        throw SysmolException.badInput(
            "the shapes "
                + FloatEvaluator.shown(left)
                + " and "
                + FloatEvaluator.shown(right)
                + " can't be combined cell by cell.");
      }
      shape[axis] = a == 1 ? b : a;
    }
    return shape;
  }

  private static int extent(int[] shape, int axis, int rank) {
    int own = axis - (rank - shape.length);
    return own < 0 ? 1 : shape[own];
  }

  /** For each cell of {@code target}, the cell of {@code shape} that is repeated there. */
  static int[] cells(int[] shape, int[] target) {
    int rank = target.length;
    int[] own = Layout.strides(shape);
    int[] strides = new int[rank];
    for (int axis = rank - shape.length; axis < rank; axis++) {
      int at = axis - (rank - shape.length);
      strides[axis] = shape[at] == 1 ? 0 : own[at];
    }
    int[] cells = new int[(int) Tensor.size(target)];
    int[] place = new int[rank];
    int index = 0;
    for (int cell = 0; cell < cells.length; cell++) {
      cells[cell] = index;
      for (int axis = rank - 1; axis >= 0; axis--) {
        index += strides[axis];
        if (++place[axis] < target[axis]) {
          break;
        }
        index -= strides[axis] * target[axis];
        place[axis] = 0;
      }
    }
    return cells;
  }
}
