package org.sysmol.report.simulation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a step of a network took.
 *
 * @param name of the step
 * @param kind of it, in words
 * @param cycles of the core
 * @param instructions executed
 * @param picojoules by component, in the order of the energy model
 */
public record SimulatedStep(
    String name, String kind, long cycles, long instructions, Map<String, Double> picojoules) {
  /** Copies the map in its order. */
  public SimulatedStep {
    picojoules = Collections.unmodifiableMap(new LinkedHashMap<>(picojoules));
  }

  /** Energy of all components, in microjoules. */
  public double microjoules() {
    return picojoules.values().stream().mapToDouble(Double::doubleValue).sum() * 1e-6;
  }
}
