package org.sysmol.onnx;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Products of matrices. */
final class MatrixProduct {
  private MatrixProduct() {}

  /** {@code alpha * A' * B' + beta * C}; A' is {@code [m, k]}, B' {@code [k, n]}. */
  static Tensor gemm(Operator.Gemm gemm, Tensor a, Tensor b, @Nullable Tensor c) {
    if (a.rank() != 2 || b.rank() != 2) {
      throw SysmolException.badInput(
          "it multiplies matrices but got the shapes "
              + FloatEvaluator.shown(a.shape())
              + " and "
              + FloatEvaluator.shown(b.shape())
              + ".");
    }
    int rows = a.extent(gemm.transA() ? 1 : 0);
    int inner = a.extent(gemm.transA() ? 0 : 1);
    int columns = b.extent(gemm.transB() ? 0 : 1);
    requireEqual(a, inner, b, b.extent(gemm.transB() ? 1 : 0));
    Tensor result = Tensor.zeros(rows, columns);
    int @Nullable [] added = c == null ? null : addend(c, result.shape());
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        double sum = 0;
        for (int k = 0; k < inner; k++) {
          double left = a.data()[gemm.transA() ? k * rows + row : row * inner + k];
          double right = b.data()[gemm.transB() ? column * inner + k : k * columns + column];
          sum += left * right;
        }
        int cell = row * columns + column;
        double value = gemm.alpha() * sum;
        if (c != null && added != null) {
          value += (double) gemm.beta() * c.data()[added[cell]];
        }
        result.data()[cell] = (float) value;
      }
    }
    return result;
  }

  /** The cells of C that are added to a result; C may be repeated, the result may not. */
  private static int[] addend(Tensor c, int[] shape) {
    if (c.rank() > 2 || !Arrays.equals(Elementwise.broadcast(c.shape(), shape), shape)) {
      throw SysmolException.badInput(
          "C of shape "
              + FloatEvaluator.shown(c.shape())
              + " can't be added to a result of shape "
              + FloatEvaluator.shown(shape)
              + ".");
    }
    return Elementwise.cells(c.shape(), shape);
  }

  /** Numpy's matmul: the last two axes are matrices, the axes before are repeated as needed. */
  static Tensor matMul(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw SysmolException.badInput("it can't multiply a scalar.");
    }
    Tensor left = a.rank() == 1 ? a.reshaped(1, a.extent(0)) : a;
    Tensor right = b.rank() == 1 ? b.reshaped(b.extent(0), 1) : b;
    int rows = left.extent(left.rank() - 2);
    int inner = left.extent(left.rank() - 1);
    int columns = right.extent(right.rank() - 1);
    requireEqual(a, inner, b, right.extent(right.rank() - 2));
    int[] leftBatch = Arrays.copyOf(left.shape(), left.rank() - 2);
    int[] rightBatch = Arrays.copyOf(right.shape(), right.rank() - 2);
    int[] batch = Elementwise.broadcast(leftBatch, rightBatch);
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = rows;
    shape[batch.length + 1] = columns;
    Tensor result = Tensor.zeros(shape);
    int[] leftMatrices = Elementwise.cells(leftBatch, batch);
    int[] rightMatrices = Elementwise.cells(rightBatch, batch);
    for (int matrix = 0; matrix < leftMatrices.length; matrix++) {
      int leftStart = leftMatrices[matrix] * rows * inner;
      int rightStart = rightMatrices[matrix] * inner * columns;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            sum +=
                (double) left.data()[leftStart + row * inner + k]
                    * right.data()[rightStart + k * columns + column];
          }
          result.data()[(matrix * rows + row) * columns + column] = (float) sum;
        }
      }
    }
    return result.reshaped(withoutOnes(shape, a.rank() == 1, b.rank() == 1));
  }

  /** Drops the axes that were added to vectors. */
  private static int[] withoutOnes(int[] shape, boolean row, boolean column) {
    int rank = shape.length;
    int[] result = Arrays.copyOf(shape, rank - (row ? 1 : 0) - (column ? 1 : 0));
    if (row && !column) {
      result[result.length - 1] = shape[rank - 1];
    }
    return result;
  }

  private static void requireEqual(Tensor a, int innerA, Tensor b, int innerB) {
    if (innerA != innerB) {
      throw SysmolException.badInput(
          "the inner sizes of "
              + FloatEvaluator.shown(a.shape())
              + " and "
              + FloatEvaluator.shown(b.shape())
              + " differ: "
              + innerA
              + " and "
              + innerB
              + ".");
    }
  }
}
