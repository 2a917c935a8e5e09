package org.sysmol.core.network;

import java.util.Arrays;
import org.sysmol.core.SysmolException;

/**
 * A dense float tensor in row-major order, e.g. weights as {@code [out, in/groups, height, width]}
 * or maps as {@code [batch, channels, height, width]}.
 *
 * <p>The array is shared, not copied: whoever builds a tensor hands its array over.
 *
 * @param shape sizes, each at least 0; an empty shape is a scalar
 * @param data exactly the product of {@code shape} values
 */
public record Tensor(int[] shape, float[] data) {
  /** Checks that the sizes and the data agree. */
  public Tensor {
    if (size(shape) != data.length) {
      throw SysmolException.badInput(
          "A tensor of shape "
              + Arrays.toString(shape)
              + " needs "
              + size(shape)
              + " values but has "
              + data.length
              + ".");
    }
  }

  /** A tensor of zeros. */
  public static Tensor zeros(int... shape) {
    long size = size(shape);
    if (size > Integer.MAX_VALUE - 8) {
      throw SysmolException.badInput(
          "A tensor of shape " + Arrays.toString(shape) + " does not fit into memory.");
    }
    return new Tensor(shape, new float[(int) size]);
  }

  /** A tensor over {@code data}. */
  public static Tensor of(float[] data, int... shape) {
    return new Tensor(shape, data);
  }

  /** Number of values of a shape; a negative or overflowing product is refused. */
  public static long size(int... shape) {
    long size = 1;
    for (int extent : shape) {
      if (extent < 0) {
        throw SysmolException.badInput(
            "The shape " + Arrays.toString(shape) + " has a negative size.");
      }
      size = Math.multiplyExact(size, extent);
    }
    return size;
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** Size of dimension {@code axis}. */
  public int extent(int axis) {
    return shape[axis];
  }

  /** The same data under another shape of the same size. */
  public Tensor reshaped(int... newShape) {
    return new Tensor(newShape, data);
  }

  /** A copy with data of its own. */
  public Tensor copy() {
    return new Tensor(shape.clone(), data.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
