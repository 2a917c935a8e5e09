package org.sysmol.core.plan;

import org.sysmol.core.arithmetic.BatchNorm;
import org.sysmol.core.network.Network;

/**
 * Names of a batch normalisation's constants in the float network.
 *
 * @param node name of the node
 * @param scale gamma
 * @param bias beta
 * @param mean running mean
 * @param variance running variance
 * @param epsilon added to the variance
 */
public record NormNames(
    String node, String scale, String bias, String mean, String variance, float epsilon) {
  /**
   * True if it stands for sums and products with one number a channel ({@link Simplification}): it
   * never uses a batch's statistics. Batch normalisations have an epsilon.
   */
  public boolean fixed() {
    return epsilon == 0f;
  }

  /** The stored values. */
  public BatchNorm of(Network network) {
    return new BatchNorm(
        network.requireConstant(scale).data(),
        network.requireConstant(bias).data(),
        network.requireConstant(mean).data(),
        network.requireConstant(variance).data(),
        epsilon);
  }
}
