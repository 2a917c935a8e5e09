package org.sysmol.report;

import java.util.List;
import org.sysmol.core.trained.Provenance;

/**
 * What one walk from full precision to the packed, timed network found out.
 *
 * @param network name of the network
 * @param dataset name of the data set
 * @param seed of the run
 * @param patterns the pattern set, for instance {@code P4}
 * @param assign the rule of assignment: {@code budget} or {@code paper}
 * @param accuracy before and after
 * @param size before and after
 * @param layers all layers with weights, in order of execution
 * @param errors what each part costs when it alone is quantised, the costliest first
 * @param training epoch by epoch
 * @param latency of the engines and the peer
 * @param roofline of the engine that was picked
 * @param agreement of the engines
 * @param provenance how to make this again: command, seed, data, versions
 * @param machine where it ran: CPU class, cores, memory, operating system
 * @param seconds the whole run took
 */
public record DemoReport(
    String network,
    String dataset,
    long seed,
    String patterns,
    String assign,
    Accuracy accuracy,
    Size size,
    List<LayerPrecision> layers,
    List<LayerError> errors,
    TrainingLog training,
    Latency latency,
    Roofline roofline,
    Agreement agreement,
    Provenance provenance,
    Provenance machine,
    double seconds) {
  /** Copies the lists. */
  public DemoReport {
    layers = List.copyOf(layers);
    errors = List.copyOf(errors);
  }
}
