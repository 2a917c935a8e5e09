package org.sysmol.report;

import java.util.List;

/**
 * Times of sysmol's engines and of a peer that runs the full-precision network, measured
 * interleaved in one run.
 *
 * @param engines sysmol's engines; the first is the one that sysmol picks on this machine
 * @param peer the peer
 * @param threads threads each of them used
 * @param imagesPerCall images in one timed call; times are for the whole call
 * @param calls timed calls of each
 * @param layers by layer in order of execution; may be empty
 */
public record Latency(
    List<EngineTime> engines,
    EngineTime peer,
    int threads,
    int imagesPerCall,
    int calls,
    List<LayerTime> layers) {

  /** Copies the lists. */
  public Latency {
    engines = List.copyOf(engines);
    layers = List.copyOf(layers);
    if (engines.isEmpty()) {
      throw new IllegalArgumentException("A latency needs the time of at least one engine.");
    }
  }

  /**
   * Time of a call.
   *
   * @param name of the engine, with its version or instruction set
   * @param medianMs median in milliseconds
   * @param lowMs 10th percentile in milliseconds
   * @param highMs 90th percentile in milliseconds
   */
  public record EngineTime(String name, double medianMs, double lowMs, double highMs) {}

  /**
   * Time of one layer within a call.
   *
   * @param name of the layer
   * @param sysmolMs median in milliseconds of sysmol's first engine; NaN where not measured
   * @param peerMs median in milliseconds of the peer; NaN where not measured
   */
  public record LayerTime(String name, double sysmolMs, double peerMs) {
    /** Whether both times are known and sysmol takes longer. */
    public boolean slower() {
      return sysmolMs > peerMs;
    }
  }

  /** The engine that sysmol picks on this machine. */
  public EngineTime picked() {
    return engines.getFirst();
  }

  /** How many times faster than the peer an engine is, by medians; below 1 it is slower. */
  public double speedup(EngineTime engine) {
    return peer.medianMs() / engine.medianMs();
  }
}
