package org.sysmol.onnx;

import org.sysmol.core.network.Tensor;

/** What is known about a value of the file while it is read. */
sealed interface Value {
  /**
   * A float constant.
   *
   * @param tensor the constant
   */
  record Floats(Tensor tensor) implements Value {}

  /**
   * Whole numbers of the file's shape arithmetic.
   *
   * @param shape their shape
   * @param elements the numbers in row-major order
   */
  record Numbers(int[] shape, Dim[] elements) implements Value {}

  /**
   * A float tensor that a run computes.
   *
   * @param shape its sizes
   */
  record Computed(Dim[] shape) implements Value {}

  /** The result of a node that was refused: nothing is said about what depends on it. */
  record Unknown() implements Value {}
}
