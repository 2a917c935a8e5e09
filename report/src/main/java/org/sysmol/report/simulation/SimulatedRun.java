package org.sysmol.report.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One image through a network, or through its twin of another precision.
 *
 * @param name short: that of the architecture or of the baseline
 * @param detail what it computes with, in words
 * @param steps in order of execution
 */
public record SimulatedRun(String name, String detail, List<SimulatedStep> steps) {
  /** Copies the list. */
  public SimulatedRun {
    steps = List.copyOf(steps);
  }

  /** Cycles of all steps. */
  public long cycles() {
    return steps.stream().mapToLong(SimulatedStep::cycles).sum();
  }

  /** Instructions of all steps. */
  public long instructions() {
    return steps.stream().mapToLong(SimulatedStep::instructions).sum();
  }

  /** Energy of all steps, in microjoules. */
  public double microjoules() {
    return steps.stream().mapToDouble(SimulatedStep::microjoules).sum();
  }

  /** Energy of all steps by component, in picojoules. */
  public Map<String, Double> picojoules() {
    Map<String, Double> sum = new LinkedHashMap<>();
    for (SimulatedStep step : steps) {
      step.picojoules().forEach((component, value) -> sum.merge(component, value, Double::sum));
    }
    return sum;
  }

  /** The step of a name; a twin may do without some. */
  public Optional<SimulatedStep> step(String stepName) {
    return steps.stream().filter(step -> step.name().equals(stepName)).findFirst();
  }
}
