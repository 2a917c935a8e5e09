package org.sysmol.report.simulation;

import java.util.List;
import org.sysmol.core.architecture.Architecture;

/**
 * All that the page of a simulation shows.
 *
 * @param network name of the network
 * @param architecture the chip
 * @param gmacs 10^9 multiply-accumulates of one image
 * @param bits mean bits over the searched layers by multiply-accumulates
 * @param errorPercent how far cycles of a loop are from those of another model of the core
 * @param everyCall whether every call was timed, rather than two of a kind
 * @param own the network itself
 * @param baselines what it is compared with; may be empty
 * @param timeline of the chosen step
 * @param constants what the energies are made of
 */
public record SimulationReport(
    String network,
    Architecture architecture,
    double gmacs,
    double bits,
    double errorPercent,
    boolean everyCall,
    SimulatedRun own,
    List<SimulatedRun> baselines,
    PipelineTimeline timeline,
    List<EnergyConstant> constants) {
  /**
   * Energy of one thing.
   *
   * @param name what it is the energy of
   * @param picojoules of one
   * @param source where the number comes from
   */
  public record EnergyConstant(String name, double picojoules, String source) {}

  /** Copies the lists. */
  public SimulationReport {
    baselines = List.copyOf(baselines);
    constants = List.copyOf(constants);
  }

  /** The network and what it is compared with, in this order. */
  public List<SimulatedRun> runs() {
    return java.util.stream.Stream.concat(java.util.stream.Stream.of(own), baselines.stream())
        .toList();
  }

  /** Microseconds of so many cycles. */
  double microseconds(long cycles) {
    return (double) cycles / architecture.core().clockMhz();
  }
}
