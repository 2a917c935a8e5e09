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

  /** Elementwise difference of two inputs, broadcast. */
  record Sub() implements Operator {}

  /** Elementwise quotient of two inputs, broadcast. */
  record Div() implements Operator {}

  /** {@code 1 / (1 + exp(-x))}. */
  record Sigmoid() implements Operator {}

  /**
   * {@code max(0, min(1, alpha * x + beta))}.
   *
   * @param alpha slope
   * @param beta value at 0
   */
  record HardSigmoid(float alpha, float beta) implements Operator {}

  /** {@code x * max(0, min(1, x / 6 + 1 / 2))}. */
  record HardSwish() implements Operator {}

  /** {@code tanh(x)}. */
  record Tanh() implements Operator {}

  /** The error function. */
  record Erf() implements Operator {}

  /**
   * {@code x * (1 + erf(x / sqrt(2))) / 2}.
   *
   * @param tanh true: {@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2} instead
   */
  record Gelu(boolean tanh) implements Operator {}

  /** {@code log(1 + exp(x))}. */
  record Softplus() implements Operator {}

  /**
   * {@code x} where it is positive, else {@code alpha * x}.
   *
   * @param alpha factor of negative values
   */
  record LeakyRelu(float alpha) implements Operator {}

  /**
   * {@code x} where it is positive, else {@code alpha * (exp(x) - 1)}.
   *
   * @param alpha factor of the exponential
   */
  record Elu(float alpha) implements Operator {}

  /**
   * {@code exp(x) / sum(exp(x))}.
   *
   * @param axis along which the results sum to 1; negative counts from the end
   * @param toEnd the sum goes over {@code axis} and all axes after it (the rule before opset 13)
   */
  record Softmax(int axis, boolean toEnd) implements Operator {}

  /** Largest value over all spatial axes, which stay with size 1. */
  record GlobalMaxPool() implements Operator {}

  /**
   * Mean over some axes.
   *
   * @param axes which; negative counts from the end; empty means every axis
   * @param keepDimensions the axes stay with size 1
   */
  record ReduceMean(int[] axes, boolean keepDimensions) implements Operator {}

  /**
   * Drops axes of size 1.
   *
   * @param axes which; negative counts from the end; empty means every axis of size 1
   */
  record Squeeze(int[] axes) implements Operator {}

  /**
   * Inserts axes of size 1.
   *
   * @param axes where they are in the result; negative counts from its end
   */
  record Unsqueeze(int[] axes) implements Operator {}

  /**
   * Reorders the axes.
   *
   * @param permutation axis {@code i} of the result is axis {@code permutation[i]} of the input
   */
  record Transpose(int[] permutation) implements Operator {}

  /**
   * Cells of a range at a fixed distance, by axis; the axes that are not listed stay whole.
   *
   * @param axes which axes; negative counts from the end
   * @param starts first cell; negative counts from the end; clamped to the axis
   * @param ends cell after the last; negative counts from the end; clamped to the axis
   * @param steps distance of the cells, not 0; negative goes backwards
   */
  record Slice(int[] axes, int[] starts, int[] ends, int[] steps) implements Operator {}

  /**
   * Adds cells around a tensor.
   *
   * @param mode what they hold
   * @param pads begins of every axis (batch and channels too), then ends; negative crops
   * @param value what they hold in {@link PadMode#CONSTANT}
   */
  record Pad(PadMode mode, int[] pads, float value) implements Operator {}

  /** What the cells of a {@link Pad} hold. */
  enum PadMode {
    /** One value. */
    CONSTANT,
    /** The mirror image, the edge itself not repeated. */
    REFLECT,
    /** The nearest cell of the tensor. */
    EDGE
  }

  /**
   * Changes the picture size.
   *
   * @param mode nearest or linear interpolation
   * @param coordinates how a cell of the result maps to a place in the input
   * @param rounding for {@link ResizeMode#NEAREST}, which cell a place between two cells takes
   * @param scales result size / input size by axis (rounded down); empty if {@code sizes} are given
   * @param sizes result size by axis; empty if {@code scales} are given
   */
  record Resize(
      ResizeMode mode,
      ResizeCoordinates coordinates,
      ResizeRounding rounding,
      float[] scales,
      int[] sizes)
      implements Operator {}

  /** How {@link Resize} interpolates. */
  enum ResizeMode {
    /** One cell. */
    NEAREST,
    /** Weights by distance, axis by axis. */
    LINEAR
  }

  /** How {@link Resize} maps cell {@code i} of the result to a place in the input. */
  enum ResizeCoordinates {
    /** {@code (i + 1/2) / scale - 1/2}. */
    HALF_PIXEL,
    /** As {@link #HALF_PIXEL}, but 0 where the result has one cell. */
    PYTORCH_HALF_PIXEL,
    /** {@code i * (input - 1) / (output - 1)}. */
    ALIGN_CORNERS,
    /** {@code i / scale}. */
    ASYMMETRIC
  }

  /** Which cell {@link Resize} takes for a place between two. */
  enum ResizeRounding {
    /** The nearer, the lower at a tie. */
    ROUND_PREFER_FLOOR,
    /** The nearer, the upper at a tie. */
    ROUND_PREFER_CEIL,
    /** The lower. */
    FLOOR,
    /** The upper. */
    CEIL
  }

  /**
   * {@code (x - mean) / sqrt(var + epsilon) * scale + bias} with the statistics of each picture and
   * channel; inputs x, scale, bias.
   *
   * @param epsilon added to the variance
   */
  record InstanceNormalization(float epsilon) implements Operator {}

  /**
   * Transposed convolution; inputs: map, weights {@code [in, out/groups, kernel...]}, optional
   * bias.
   *
   * <p>A result has {@code stride * (input - 1) + outputPadding + (kernel - 1) * dilation + 1 -
   * begin - end} cells along an axis.
   *
   * @param strides per spatial axis
   * @param dilations per spatial axis
   * @param padding cells cut from the result; explicit
   * @param outputPadding cells added at the end of each spatial axis
   * @param groups number of channel groups
   */
  record ConvTranspose(
      int[] strides, int[] dilations, Padding padding, int[] outputPadding, int groups)
      implements Operator {}
}
