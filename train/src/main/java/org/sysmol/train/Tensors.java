package org.sysmol.train;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.sysmol.core.plan.Window;

/**
 * libtorch calls with Java's arrays and this project's windows.
 *
 * <p>Tensors made here lie on the {@link Device} in use, and nothing else in this package makes
 * tensors from numbers or touches their memory. They belong to the innermost open {@code
 * PointerScope}, or to the garbage collector where there is none.
 */
final class Tensors {
  private Tensors() {}

  /** A float tensor with a copy of the values. */
  static Tensor of(float[] values, long... shape) {
    Tensor tensor = torch.empty(shape);
    tensor.data_ptr_float().put(values);
    return Device.placed(tensor);
  }

  /** The same in double. */
  static Tensor ofDoubles(float[] values, long... shape) {
    return of(values, shape).to(ScalarType.Double);
  }

  /** A tensor of class indices. */
  static Tensor of(long[] values) {
    Tensor tensor = torch.zeros(values.length).to(ScalarType.Long);
    tensor.data_ptr_long().put(values);
    return Device.placed(tensor);
  }

  /** Writes values, row-major, into a contiguous float tensor of as many, wherever it lies. */
  static void put(Tensor tensor, float[] values) {
    if (values.length != tensor.numel()) {
      throw new IllegalArgumentException(values.length + " values for " + tensor.numel());
    }
    if (tensor.device().is_cpu()) {
      tensor.data_ptr_float().put(values);
      return;
    }
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor here = torch.empty(values.length);
      here.data_ptr_float().put(values);
      tensor.copy_(here.view_as(tensor));
    }
  }

  /** The values, row-major, whatever the tensor's layout and type. */
  static float[] floats(Tensor tensor) {
    Tensor plain = tensor.detach().cpu().to(ScalarType.Float).contiguous();
    float[] values = new float[Math.toIntExact(plain.numel())];
    plain.data_ptr_float().get(values);
    return values;
  }

  /** The values of a tensor of integers, row-major, whatever its type. */
  static int[] ints(Tensor tensor) {
    Tensor plain = tensor.detach().cpu().to(ScalarType.Int).contiguous();
    int[] values = new int[Math.toIntExact(plain.numel())];
    plain.data_ptr_int().get(values);
    return values;
  }

  /** A number for libtorch. */
  static Scalar scalar(double value) {
    return new Scalar(value);
  }

  /** An optional tensor that is there. */
  static TensorOptional some(Tensor tensor) {
    return new TensorOptional(tensor);
  }

  /** An optional tensor that is not there. */
  static TensorOptional none() {
    return new TensorOptional();
  }

  /** One value per channel, to broadcast over {@code [N, C, H, W]}. */
  static Tensor perChannel(float[] values) {
    return of(values, 1, values.length, 1, 1);
  }

  /** Surrounds a map with a constant so that every window lies inside it. */
  static Tensor pad(Tensor map, Window window, double constant) {
    int height = Math.toIntExact(map.size(2));
    int width = Math.toIntExact(map.size(3));
    int bottom = window.padBottom(height);
    int right = window.padRight(width);
    if (window.padTop() == 0 && window.padLeft() == 0 && bottom == 0 && right == 0) {
      return map;
    }
    return torch.constant_pad_nd(
        map, new long[] {window.padLeft(), right, window.padTop(), bottom}, scalar(constant));
  }

  /** Largest value of each window; cells outside the map never win. */
  static Tensor maxPool(Tensor map, Window window) {
    Tensor pooled =
        torch.max_pool2d(
            pad(map, window, Double.NEGATIVE_INFINITY),
            new long[] {window.kernelHeight(), window.kernelWidth()},
            new long[] {window.strideY(), window.strideX()},
            new long[] {0, 0},
            new long[] {window.dilationY(), window.dilationX()},
            false);
    return cut(pooled, window);
  }

  /** Sum of each window; cells outside the map are 0. */
  static Tensor sumPool(Tensor map, Window window) {
    Tensor sum =
        torch.avg_pool2d(
            pad(map, window, 0.0),
            new long[] {window.kernelHeight(), window.kernelWidth()},
            new long[] {window.strideY(), window.strideX()},
            new long[] {0, 0},
            false,
            true,
            new LongOptional(1));
    return cut(sum, window);
  }

  private static Tensor cut(Tensor map, Window window) {
    if (map.size(2) == window.outputHeight() && map.size(3) == window.outputWidth()) {
      return map;
    }
    return map.narrow(2, 0, window.outputHeight()).narrow(3, 0, window.outputWidth());
  }
}
