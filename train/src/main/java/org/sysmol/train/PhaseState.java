package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What an epoch works on and a checkpoint holds. */
final class PhaseState {
  final Phase phase;
  final Parameters parameters;
  final Map<String, Tensor> learned;
  final Map<String, Tensor> weights = new LinkedHashMap<>();
  final Optimisers optimisers;

  /** What the phase ends with instead of its last values, or null. */
  final @Nullable RunningMean mean;

  /** Multiplier of the price of precisions, moved by control. */
  double lambda;

  /**
   * The start of a phase.
   *
   * @param learned quantiser parameters by name
   * @param meanSteps steps that the running mean looks back over; 0 for none
   */
  PhaseState(Phase phase, Parameters parameters, Map<String, Tensor> learned, long meanSteps) {
    this.phase = phase;
    this.parameters = parameters;
    this.learned = learned;
    for (String name : parameters.names()) {
      Tensor tensor = parameters.get(name);
      if (tensor.requires_grad()) {
        weights.put(name, tensor);
      }
    }
    optimisers = new Optimisers(weights, learned);
    if (meanSteps == 0) {
      mean = null;
    } else {
      Map<String, Tensor> all = new LinkedHashMap<>(weights);
      all.putAll(learned);
      try (NoGradGuard _ = new NoGradGuard()) {
        mean = new RunningMean(all, meanSteps);
      }
    }
  }
}
