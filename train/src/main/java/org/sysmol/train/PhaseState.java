package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
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

  /** Values after the epoch that was best on held-out images, or null where none is kept. */
  @Nullable Map<String, float[]> best;

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

  /** All that the phase ends with: parameters and what is learned of quantisers, by name. */
  Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>(parameters.values());
    try (PointerScope _ = new PointerScope()) {
      learned.forEach((name, tensor) -> values.put(name, Tensors.floats(tensor)));
    }
    return values;
  }

  /** The first of {@link #values} that is no number somewhere, if there is one. */
  Optional<String> notFinite() {
    for (Map.Entry<String, float[]> entry : values().entrySet()) {
      for (float value : entry.getValue()) {
        if (!Float.isFinite(value)) {
          return Optional.of(entry.getKey());
        }
      }
    }
    return Optional.empty();
  }

  /** Sets {@link #values}. */
  void set(Map<String, float[]> values) {
    parameters.set(values);
    try (PointerScope _ = new PointerScope()) {
      learned.forEach(
          (name, tensor) -> Tensors.put(tensor, Objects.requireNonNull(values.get(name), name)));
    }
  }
}
