package org.sysmol.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Simplification;
import org.sysmol.core.plan.Value;

/**
 * What a float network computes through the stages of its plan, in libtorch: where training starts.
 * It is the network's own function, up to rounding.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class FloatEvaluation {
  private final Walk walk;
  private final Value image;

  /**
   * Prepares a network.
   *
   * @param plan of the network
   */
  public FloatEvaluation(Network network, Plan plan) {
    Libtorch.prepare();
    Convolutions.choose(plan);
    walk = new Walk(plan, new Parameters(Simplification.of(network), plan));
    image = plan.image();
  }

  /**
   * Evaluates a batch.
   *
   * @param images {@code [N, C, H, W]}, normalised
   * @param count images in the batch, at least one
   * @return {@code [N, channels * height * width]} of the plan's result
   */
  public float[] results(float[] images, int count) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      return Tensors.floats(
          walk.run(
              Tensors.of(images, count, image.channels(), image.height(), image.width()),
              false,
              Disturbance.NONE));
    }
  }
}
