package org.sysmol.onnx;

import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/** Operators that move cells or only call them by other names. */
final class Shapes {
  private Shapes() {}

  /** Joins tensors along an axis. */
  static Tensor concat(Operator.Concat concat, List<Tensor> parts) {
    int[] shape = parts.getFirst().shape().clone();
    int axis = requireAxis(concat.axis(), shape);
    shape[axis] = 0;
    for (Tensor part : parts) {
      int[] rest = part.shape().clone();
      int own = rest.length == shape.length ? rest[axis] : -1;
      if (own >= 0) {
        rest[axis] = shape[axis];
      }
      if (!Arrays.equals(rest, shape)) {
        throw SysmolException.badInput(
            "the shapes "
                + FloatEvaluator.shown(parts.getFirst().shape())
                + " and "
                + FloatEvaluator.shown(part.shape())
                + " can't be joined along axis "
                + axis
                + ".");
      }
      shape[axis] = Math.addExact(shape[axis], own);
    }
    Tensor result = Tensor.zeros(shape);
    int inner = 1;
    for (int after = axis + 1; after < shape.length; after++) {
      inner *= shape[after];
    }
    int outer = result.data().length / Math.max(1, shape[axis] * inner);
    int to = 0;
    for (int block = 0; block < outer; block++) {
      for (Tensor part : parts) {
        int length = part.extent(axis) * inner;
        System.arraycopy(part.data(), block * length, result.data(), to, length);
        to += length;
      }
    }
    return result;
  }

  /** The two-dimensional shape that Flatten gives. */
  static int[] flattened(Operator.Flatten flatten, int[] shape) {
    int axis = flatten.axis() < 0 ? flatten.axis() + shape.length : flatten.axis();
    if (axis < 0 || axis > shape.length) {
      throw noAxis(flatten.axis(), shape);
    }
    int rows = (int) Tensor.size(Arrays.copyOf(shape, axis));
    int columns = (int) Tensor.size(Arrays.copyOfRange(shape, axis, shape.length));
    return new int[] {rows, columns};
  }

  /** The shape that Reshape gives; {@code target} holds whole numbers, -1 at most once. */
  static int[] reshaped(Operator.Reshape reshape, int[] shape, Tensor target) {
    int[] result = new int[target.data().length];
    int free = -1;
    long known = 1;
    for (int axis = 0; axis < result.length; axis++) {
      int size = (int) target.data()[axis];
      if (size == 0 && !reshape.allowZero()) {
        if (axis >= shape.length) {
          throw noFit(shape, target);
        }
        size = shape[axis];
      }
      if (size < -1 || (size == -1 && free >= 0)) {
        throw noFit(shape, target);
      }
      result[axis] = size;
      free = size == -1 ? axis : free;
      known = size == -1 ? known : Math.multiplyExact(known, size);
    }
    long size = Tensor.size(shape);
    if (free >= 0) {
      if (known == 0 || size % known != 0) {
        throw noFit(shape, target);
      }
      result[free] = (int) (size / known);
    } else if (known != size) {
      throw noFit(shape, target);
    }
    return result;
  }

  private static SysmolException noFit(int[] shape, Tensor target) {
    return SysmolException.badInput(
        "a tensor of shape "
            + FloatEvaluator.shown(shape)
            + " can't take the shape "
            + Arrays.toString(target.data())
            + " (a batch size may be fixed in the file).");
  }

  /** The shape without some axes of size 1. */
  static int[] squeezed(Operator.Squeeze squeeze, int[] shape) {
    boolean[] gone = new boolean[shape.length];
    for (int axis : squeeze.axes()) {
      int own = requireAxis(axis, shape);
      if (shape[own] != 1) {
        throw SysmolException.badInput(
            "axis "
                + axis
                + " of the shape "
                + FloatEvaluator.shown(shape)
                + " is not of size 1 and can't be dropped.");
      }
      gone[own] = true;
    }
    int[] result = new int[shape.length];
    int rank = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      if (!gone[axis] && !(squeeze.axes().length == 0 && shape[axis] == 1)) {
        result[rank++] = shape[axis];
      }
    }
    return Arrays.copyOf(result, rank);
  }

  /** The shape with axes of size 1 inserted. */
  static int[] unsqueezed(Operator.Unsqueeze unsqueeze, int[] shape) {
    int[] result = new int[shape.length + unsqueeze.axes().length];
    for (int axis : unsqueeze.axes()) {
      int own = Layout.axis(axis, result.length);
      if (own < 0 || result[own] == 1) {
        throw noAxis(axis, result);
      }
      result[own] = 1;
    }
    int from = 0;
    boolean[] inserted = new boolean[result.length];
    for (int axis : unsqueeze.axes()) {
      inserted[Layout.axis(axis, result.length)] = true;
    }
    for (int axis = 0; axis < result.length; axis++) {
      result[axis] = inserted[axis] ? 1 : shape[from++];
    }
    return result;
  }

  /** Reorders axes. */
  static Tensor transpose(Operator.Transpose transpose, Tensor input) {
    boolean[] seen = new boolean[input.rank()];
    for (int axis : transpose.permutation()) {
      if (axis < 0 || axis >= seen.length || seen[axis]) {
        throw noAxis(axis, input.shape());
      }
      seen[axis] = true;
    }
    if (transpose.permutation().length != input.rank()) {
      throw noAxis(input.rank() - 1, transpose.permutation());
    }
    return Layout.transpose(input.shape(), transpose.permutation()).apply(input, 0);
  }

  /** Takes a range of some axes. */
  static Tensor slice(Operator.Slice slice, Tensor input) {
    for (int axis : slice.axes()) {
      requireAxis(axis, input.shape());
    }
    return Layout.slice(input.shape(), slice).apply(input, 0);
  }

  /** Adds cells around a tensor. */
  static Tensor pad(Operator.Pad pad, Tensor input) {
    if (pad.pads().length != 2 * input.rank()) {
      throw SysmolException.badInput(
          "it has "
              + pad.pads().length
              + " pads where the shape "
              + FloatEvaluator.shown(input.shape())
              + " needs two for each axis.");
    }
    return Layout.pad(input.shape(), pad).apply(input, pad.value());
  }

  /** Axis {@code axis} counted from the beginning; refuses one that is not there. */
  static int requireAxis(int axis, int[] shape) {
    int own = Layout.axis(axis, shape.length);
    if (own < 0) {
      throw noAxis(axis, shape);
    }
    return own;
  }

  private static SysmolException noAxis(int axis, int[] shape) {
    return SysmolException.badInput(
        "axis " + axis + " does not exist or is named twice in " + shape.length + " dimensions.");
  }
}
