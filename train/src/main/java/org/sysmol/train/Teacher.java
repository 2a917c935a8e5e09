package org.sysmol.train;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.Plan;

/**
 * Distillation (Hinton, Vinyals and Dean 2015): the quantised network also learns the scores that
 * the full-precision network gives to the same images.
 */
final class Teacher {
  /** Softens the scores, so that classes that are not the best count too. */
  private static final double TEMPERATURE = 2;

  private final Walk walk;
  private final double share;

  /**
   * A teacher.
   *
   * @param parameters of the full-precision network; not changed
   * @param share of the loss, from 0 to 1
   */
  Teacher(Plan plan, Parameters parameters, double share) {
    walk = new Walk(plan, parameters);
    this.share = share;
  }

  /**
   * The loss with its share of distillation.
   *
   * @param images {@code [N, C, H, W]}
   * @param scores {@code [N, classes]} of the network that learns
   * @param task its cross-entropy with the labels
   * @throws SysmolException if the teacher's scores are not finite
   */
  Tensor mix(Tensor images, Tensor scores, Tensor task) {
    Tensor wanted;
    try (NoGradGuard _ = new NoGradGuard()) {
      wanted =
          walk.run(images, false, Disturbance.NONE).div(Tensors.scalar(TEMPERATURE)).softmax(1);
    }
    if (!wanted.isfinite().all().item_bool()) {
      throw SysmolException.failed(
          "Distillation stopped: the full-precision network that was trained gives scores that are"
              + " not finite; lower the learning rate and start again, or switch it off with"
              + " --distil 0.");
    }
    Tensor said = torch.log_softmax(scores.div(Tensors.scalar(TEMPERATURE)), 1);
    // Gradients of softened scores are smaller by the square of the temperature.
    double factor = -share * TEMPERATURE * TEMPERATURE / scores.size(0);
    return task.mul(Tensors.scalar(1 - share)).add(wanted.mul(said).sum(), Tensors.scalar(factor));
  }
}
