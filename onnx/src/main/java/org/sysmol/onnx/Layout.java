package org.sysmol.onnx;

import java.util.Arrays;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Tensor;

/**
 * A rearrangement of cells: which cell of the input each cell of the result holds.
 *
 * @param shape of the result
 * @param source for each cell of the result in row-major order, the index of the input's cell; -1
 *     where the result holds a value that is not in the input
 */
record Layout(int[] shape, int[] source) {

  /** Axis {@code axis} of {@code rank}, counted from the end if negative; -1 if there is none. */
  static int axis(int axis, int rank) {
    int resolved = axis < 0 ? axis + rank : axis;
    return resolved >= 0 && resolved < rank ? resolved : -1;
  }

  /** The strides of a row-major shape, in cells. */
  static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }

  /**
   * Builds a layout of {@code shape} from one table per axis: the input's offset of each place, or
   * -1 for a place outside the input.
   */
  private static Layout of(int[] shape, int[][] offsets) {
    long size = Tensor.size(shape);
    if (size > Integer.MAX_VALUE - 8) {
      throw SysmolException.badInput(
          "A tensor of shape " + Arrays.toString(shape) + " does not fit into memory.");
    }
    int[] source = new int[(int) size];
    int[] place = new int[shape.length];
    for (int cell = 0; cell < source.length; cell++) {
      int index = 0;
      for (int axis = 0; axis < shape.length && index >= 0; axis++) {
        int offset = offsets[axis][place[axis]];
        index = offset < 0 ? -1 : index + offset;
      }
      source[cell] = index;
      for (int axis = shape.length - 1; axis >= 0 && ++place[axis] == shape[axis]; axis--) {
        place[axis] = 0;
      }
    }
    return new Layout(shape, source);
  }

  /** Axes reordered: axis {@code i} of the result is axis {@code permutation[i]} of the input. */
  static Layout transpose(int[] input, int[] permutation) {
    int[] strides = strides(input);
    int[] shape = new int[input.length];
    int[][] offsets = new int[input.length][];
    for (int axis = 0; axis < input.length; axis++) {
      shape[axis] = input[permutation[axis]];
      offsets[axis] = new int[shape[axis]];
      for (int place = 0; place < shape[axis]; place++) {
        offsets[axis][place] = place * strides[permutation[axis]];
      }
    }
    return of(shape, offsets);
  }

  /**
   * The cells of an axis of {@code size} cells that a slice takes: start and end are counted from
   * the end if negative, then clamped to the axis.
   */
  static int[] sliced(int size, long start, long end, long step) {
    if (size == 0) {
      return new int[0];
    }
    long first = Math.clamp(start < 0 ? start + size : start, 0, step > 0 ? size : size - 1L);
    long last =
        Math.clamp(end < 0 ? end + size : end, step > 0 ? 0 : -1, step > 0 ? size : size - 1L);
    long count = step > 0 ? Math.ceilDiv(last - first, step) : Math.ceilDiv(first - last, -step);
    int[] cells = new int[(int) Math.max(0, count)];
    for (int index = 0; index < cells.length; index++) {
      cells[index] = (int) (first + index * step);
    }
    return cells;
  }

  /** As {@link Operator.Slice} says; its axes must exist. */
  static Layout slice(int[] input, Operator.Slice slice) {
    int[] strides = strides(input);
    int[] shape = input.clone();
    int[][] offsets = new int[input.length][];
    for (int axis = 0; axis < input.length; axis++) {
      int[] cells = sliced(input[axis], 0, input[axis], 1);
      for (int index = 0; index < slice.axes().length; index++) {
        if (axis(slice.axes()[index], input.length) == axis) {
          cells =
              sliced(input[axis], slice.starts()[index], slice.ends()[index], slice.steps()[index]);
        }
      }
      shape[axis] = cells.length;
      offsets[axis] = scaled(cells, strides[axis]);
    }
    return of(shape, offsets);
  }

  /** As {@link Operator.Pad} says; refuses a mirror image that is longer than the tensor. */
  static Layout pad(int[] input, Operator.Pad pad) {
    int rank = input.length;
    int[] strides = strides(input);
    int[] shape = new int[rank];
    int[][] offsets = new int[rank][];
    for (int axis = 0; axis < rank; axis++) {
      int begin = pad.pads()[axis];
      int size = input[axis];
      shape[axis] = Math.toIntExact(Math.max(0, (long) begin + size + pad.pads()[rank + axis]));
      int[] cells = new int[shape[axis]];
      for (int place = 0; place < cells.length; place++) {
        cells[place] = padded(place - begin, size, pad.mode());
      }
      offsets[axis] = scaled(cells, strides[axis]);
    }
    return of(shape, offsets);
  }

  private static int padded(int cell, int size, Operator.PadMode mode) {
    if (cell >= 0 && cell < size) {
      return cell;
    }
    if (size == 0 && mode != Operator.PadMode.CONSTANT) {
      throw SysmolException.badInput("an axis without cells has no edge to repeat.");
    }
    return switch (mode) {
      case CONSTANT -> -1;
      case EDGE -> Math.clamp(cell, 0, size - 1);
      case REFLECT -> {
        int mirrored = cell < 0 ? -cell : 2 * (size - 1) - cell;
        if (mirrored < 0 || mirrored >= size) {
          throw SysmolException.badInput(
              "a mirror image that reaches cell " + cell + " needs more than " + size + " cells.");
        }
        yield mirrored;
      }
    };
  }

  /** Takes the places {@code indices} (each inside the axis) of an axis, under their own shape. */
  static Layout gather(int[] input, int axis, int[] indices, int[] indexShape) {
    int[] strides = strides(input);
    int[] flat = input.clone();
    flat[axis] = indices.length;
    int[][] offsets = new int[input.length][];
    for (int each = 0; each < input.length; each++) {
      int[] cells = each == axis ? indices : sliced(input[each], 0, input[each], 1);
      offsets[each] = scaled(cells, strides[each]);
    }
    int[] shape = new int[input.length - 1 + indexShape.length];
    System.arraycopy(input, 0, shape, 0, axis);
    System.arraycopy(indexShape, 0, shape, axis, indexShape.length);
    int rest = input.length - axis - 1;
    System.arraycopy(input, axis + 1, shape, axis + indexShape.length, rest);
    return new Layout(shape, of(flat, offsets).source());
  }

  private static int[] scaled(int[] cells, int stride) {
    int[] offsets = new int[cells.length];
    for (int place = 0; place < cells.length; place++) {
      offsets[place] = cells[place] < 0 ? -1 : cells[place] * stride;
    }
    return offsets;
  }

  /** The rearranged tensor; {@code filler} where the result is not in the input. */
  Tensor apply(Tensor input, float filler) {
    float[] data = new float[source.length];
    for (int cell = 0; cell < data.length; cell++) {
      data[cell] = source[cell] < 0 ? filler : input.data()[source[cell]];
    }
    return Tensor.of(data, shape);
  }
}
