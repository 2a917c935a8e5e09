package org.sysmol.train;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Value;
import org.sysmol.core.trained.Quantisers;
import org.sysmol.data.Batch;

/** A trained float network on some labelled images, whole or with parts of it quantised. */
final class SampleRun {
  private static final WalkObserver NOBODY = new WalkObserver() {};

  private final Plan plan;
  private final Network network;
  private final Parameters parameters;
  private final List<Batch> batches;

  /**
   * A network and images.
   *
   * @param batches normalised images with labels, at least one
   */
  SampleRun(Plan plan, Network network, List<Batch> batches) {
    this.plan = plan;
    this.network = network;
    this.batches = batches;
    parameters = new Parameters(network, plan);
  }

  /**
   * How well it does.
   *
   * @param loss mean cross-entropy
   * @param accuracy percent of the images right
   */
  record Score(double loss, double accuracy) {}

  /** The score under a disturbance. */
  Score score(Disturbance disturbance) {
    return score(disturbance, NOBODY);
  }

  /** The same with somebody looking on. */
  Score score(Disturbance disturbance, WalkObserver observer) {
    double sum = 0;
    long right = 0;
    long count = 0;
    Walk walk = new Walk(plan, parameters);
    for (Batch batch : batches) {
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        Tensor scores = walk.run(tensor(batch), false, disturbance, observer);
        long[] labels = new long[batch.size()];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = batch.labels()[i];
        }
        sum += batch.size() * torch.cross_entropy_loss(scores, Tensors.of(labels)).item_double();
        right += Accuracy.right(Tensors.floats(scores), batch.labels(), batch.size(), "measuring");
        count += batch.size();
      }
    }
    return new Score(sum / count, 100.0 * right / count);
  }

  /**
   * Quantisation at given precisions, all steps fitted to these images.
   *
   * @param precision by group id, then channel
   * @param layerDelta whether a layer has one {@code delta}
   */
  Quantisation fitted(int[][] precision, boolean layerDelta) {
    Calibration calibration = new Calibration(plan, batches.size());
    for (Batch batch : batches) {
      try (PointerScope _ = new PointerScope()) {
        calibration.look(parameters, tensor(batch));
      }
    }
    return new Quantisation(
        plan,
        new Quantisers(
            calibration.valueSteps(),
            calibration.alpha(precision),
            precision,
            new float[precision.length][0],
            Calibration.delta(plan, network, precision, layerDelta)));
  }

  /**
   * Adds to {@code sums} the squares of a group's activations by channel.
   *
   * @param values {@code [N, C, H, W]}
   */
  void addSquares(InputGroup group, Tensor values, double[] sums) {
    float[] all = Tensors.floats(values);
    int cells = plan.value(group).height() * plan.value(group).width();
    for (int i = 0; i < all.length; i++) {
      sums[i / cells % sums.length] += (double) all[i] * all[i];
    }
  }

  private Tensor tensor(Batch batch) {
    Value image = plan.image();
    return Tensors.of(
        batch.images(), batch.size(), image.channels(), image.height(), image.width());
  }
}
