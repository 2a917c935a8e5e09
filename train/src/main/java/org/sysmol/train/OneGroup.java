package org.sysmol.train;

import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;

/** Quantises one group and its readers' weights, and leaves all else in floats. */
final class OneGroup implements Disturbance {
  private final Plan plan;
  private final Disturbance all;
  private final InputGroup one;

  /**
   * A disturbance of one group.
   *
   * @param all what it does to that group
   */
  OneGroup(Plan plan, Disturbance all, InputGroup one) {
    this.plan = plan;
    this.all = all;
    this.one = one;
  }

  @Override
  public Tensor weights(int layer, Tensor weights) {
    return plan.convolutions().get(layer).group() == one.id()
        ? all.weights(layer, weights)
        : weights;
  }

  @Override
  public Tensor activations(InputGroup group, Tensor input) {
    return group.id() == one.id() ? all.activations(group, input) : input;
  }
}
