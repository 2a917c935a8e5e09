package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The steps that a chart has room for: those that take most, in order of execution, and all others
 * taken together.
 *
 * @param names of the steps
 */
record StepChoice(List<String> names, int others) {
  /** At most {@code most} steps of a run; one that would be left over alone is kept. */
  static StepChoice of(SimulatedRun run, int most, ToDoubleFunction<SimulatedStep> measure) {
    List<SimulatedStep> steps = run.steps();
    if (steps.size() <= most + 1) {
      return new StepChoice(steps.stream().map(SimulatedStep::name).toList(), 0);
    }
    Set<String> kept =
        steps.stream()
            .sorted(Comparator.comparingDouble(measure).reversed())
            .limit(most)
            .map(SimulatedStep::name)
            .collect(Collectors.toSet());
    return new StepChoice(
        steps.stream().map(SimulatedStep::name).filter(kept::contains).toList(),
        steps.size() - kept.size());
  }

  /** Names as written on the axis, the last one standing for all others. */
  List<String> labels() {
    List<String> labels = new ArrayList<>(names);
    if (others > 0) {
      labels.add(others + " other steps");
    }
    return labels;
  }

  /** A run's values by {@link #labels}; NaN where the run does without such a step. */
  double[] values(SimulatedRun run, ToDoubleFunction<SimulatedStep> measure) {
    double[] values = new double[labels().size()];
    double rest = run.steps().stream().mapToDouble(measure).sum();
    for (int i = 0; i < names.size(); i++) {
      Optional<SimulatedStep> step = run.step(names.get(i));
      double value = step.isPresent() ? measure.applyAsDouble(step.get()) : 0;
      values[i] = value > 0 ? value : Double.NaN;
      rest -= value;
    }
    if (others > 0) {
      values[names.size()] = Math.max(0, rest);
    }
    return values;
  }
}
