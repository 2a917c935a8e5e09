package org.sysmol.core.network;

/**
 * What a node computes: ONNX's operators, with attributes resolved to one form for all opsets.
 *
 * <p>Shapes are those of ONNX: maps are {@code [N, C, spatial...]}, convolution weights {@code
 * [out, in/groups, kernel...]}.
 */
public sealed interface Operator {
  /** The ONNX name of the operator, for messages and listings. */
  default String kind() {
    return getClass().getSimpleName();
  }

  /**
   * Inputs: map, weights, optional bias.
   *
   * @param strides per spatial axis
   * @param dilations per spatial axis
   * @param padding how the map is padded, with zeros
   * @param groups number of channel groups; equals the channels for a depthwise convolution
   */
  record Conv(int[] strides, int[] dilations, Padding padding, int groups) implements Operator {}

  /**
   * {@code alpha * A' * B' + beta * C}; inputs A, B, optional C.
   *
   * @param alpha factor of the product
   * @param beta factor of C
   * @param transA A' is A transposed
   * @param transB B' is B transposed
   */
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Operator {}

  /** Matrix product of two inputs, with ONNX's (numpy's) rules for more than two dimensions. */
  record MatMul() implements Operator {}

  /**
   * {@code (x - mean) / sqrt(var + epsilon) * scale + bias}; inputs x, scale, bias, mean, var.
   *
   * @param epsilon added to the variance
   * @param trainingMode true: batch statistics are used, as the standard says of such files
   */
  record BatchNormalization(float epsilon, boolean trainingMode) implements Operator {}

  /** Elementwise sum of two inputs, broadcast. */
  record Add() implements Operator {}

  /** Elementwise product of two inputs, broadcast. */
  record Mul() implements Operator {}

  /**
   * Joins its inputs.
   *
   * @param axis along which; negative counts from the end
   */
  record Concat(int axis) implements Operator {}

  /** {@code max(x, 0)}. */
  record Relu() implements Operator {}

  /**
   * {@code min(max(x, min), max)}.
   *
   * @param min lower bound, negative infinity where none
   * @param max upper bound, positive infinity where none
   */
  record Clip(float min, float max) implements Operator {}

  /**
   * Largest value of each window; padding never wins.
   *
   * @param kernel per spatial axis
   * @param strides per spatial axis
   * @param dilations per spatial axis
   * @param padding cells outside the map
   * @param ceil a last window that hangs over the edge counts if it starts inside map or begin
   *     padding
   */
  record MaxPool(int[] kernel, int[] strides, int[] dilations, Padding padding, boolean ceil)
      implements Operator {}

  /**
   * Mean of each window.
   *
   * @param kernel per spatial axis
   * @param strides per spatial axis
   * @param dilations per spatial axis
   * @param padding cells outside the map
   * @param ceil as for {@link MaxPool}
   * @param countIncludePad the divisor counts declared padding (never cells past it)
   */
  record AveragePool(
      int[] kernel,
      int[] strides,
      int[] dilations,
      Padding padding,
      boolean ceil,
      boolean countIncludePad)
      implements Operator {}

  /** Mean over all spatial axes, which stay with size 1. */
  record GlobalAveragePool() implements Operator {}

  /**
   * To two dimensions.
   *
   * @param axis dimensions before it form the first; negative counts from the end
   */
  record Flatten(int axis) implements Operator {}

  /**
   * Inputs: data, target shape (a constant).
   *
   * @param allowZero a 0 in the target means size 0 instead of "as in the data"
   */
  record Reshape(boolean allowZero) implements Operator {}

  /** Its input, unchanged. */
  record Identity() implements Operator {}
}
