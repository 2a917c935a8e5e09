package org.sysmol.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What an epoch works on and a checkpoint holds. */
final class PhaseState {
  final Phase phase;
  final Parameters parameters;
  final Map<String, Tensor> learned;
  final Map<String, Tensor> weights = new LinkedHashMap<>();
  final List<String> decayed = new ArrayList<>();
  final Optimisers optimisers;

  /** Multiplier of the price of precisions, moved by control. */
  double lambda;

  PhaseState(Phase phase, Parameters parameters, Map<String, Tensor> learned) {
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
  }
}
