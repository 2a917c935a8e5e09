package org.sysmol.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.sysmol.core.file.Checkpoint;

/**
 * The exponential mean of everything that a phase learns, after each of its steps (Polyak and
 * Juditsky 1992). Rounding to few bits lets weights swing between two codes; their mean lies still.
 * Batch normalisation must be estimated anew for it.
 */
final class RunningMean {
  private final Map<String, Tensor> current;
  private final Map<String, Tensor> mean = new LinkedHashMap<>();
  private final double share;

  /**
   * A mean that begins at the present values.
   *
   * @param current tensors by name; read in each step
   * @param steps that it looks back over, at least 1
   */
  RunningMean(Map<String, Tensor> current, long steps) {
    this.current = Map.copyOf(current);
    share = 1.0 / steps;
    current.forEach((name, tensor) -> mean.put(name, Optimisers.zeros(tensor)));
    mean.forEach((name, tensor) -> tensor.copy_(now(name)));
  }

  private Tensor now(String name) {
    return Objects.requireNonNull(current.get(name), name);
  }

  /** Takes in the values after a step; call without gradients enabled. */
  void step() {
    mean.forEach((name, tensor) -> tensor.lerp_(now(name), Tensors.scalar(share)));
  }

  /** Puts the mean in place of the present values; call without gradients enabled. */
  void apply() {
    mean.forEach((name, tensor) -> now(name).copy_(tensor));
  }

  /** Puts the state into a checkpoint. */
  void save(Checkpoint checkpoint) {
    try (PointerScope _ = new PointerScope()) {
      mean.forEach((name, tensor) -> checkpoint.put("mean/" + name, Tensors.floats(tensor)));
    }
  }

  /** Takes the state from a checkpoint. */
  void load(Checkpoint checkpoint) {
    mean.forEach((name, tensor) -> Tensors.put(tensor, checkpoint.floats("mean/" + name)));
  }
}
