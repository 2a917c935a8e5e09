package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Value;

/**
 * What a phase of training does to a network's numbers on their way: nothing, noise, or
 * quantisation with gradients straight through.
 */
interface Disturbance {
  /** Full precision. */
  Disturbance NONE = new Disturbance() {};

  /**
   * The weights that a convolution uses.
   *
   * @param layer index in {@code Plan.convolutions()}
   * @param weights {@code [out, in/groups, kernelHeight, kernelWidth]}
   */
  default Tensor weights(int layer, Tensor weights) {
    return weights;
  }

  /** The activations that a group's convolutions use, from those it would use undisturbed. */
  default Tensor activations(InputGroup group, Tensor input) {
    return input;
  }

  /** An image or stream as its consumers see it. Not called for pooled maxima, which are stored. */
  default Tensor stored(Value value, Tensor tensor) {
    return tensor;
  }
}
