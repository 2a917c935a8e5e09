package org.sysmol.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.cost.Peak;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;

/**
 * Where the time of a network goes, layer by layer.
 *
 * @param choice the engine in use
 * @param peak what the processor reaches; empty for engines without machine code
 * @param layers in order
 * @param wholeMs median milliseconds of the whole network, in one go
 */
public record LayerAccount(
    EngineChoice choice, Optional<Peak> peak, List<Layer> layers, double wholeMs) {
  private static final int IMAGES = 4;
  private static final int ROUNDS = 5;
  private static final int WARM_UP_MS = 300;
  private static final int PROFILE_RUNS = 41;

  /**
   * One step.
   *
   * @param name of the step
   * @param explanation what runs it and why
   * @param predictedMs milliseconds by the cost table; empty without one
   * @param measuredMs median milliseconds
   * @param share of the peak that its multiply-accumulates reach; empty where it has none, or there
   *     is no peak
   */
  public record Layer(
      String name,
      Explanation explanation,
      Optional<Double> predictedMs,
      double measuredMs,
      Optional<Double> share) {
    /** 10^9 multiply-accumulates in a second. */
    public double gmacs() {
      return explanation.macs() / measuredMs / 1e6;
    }
  }

  /** Copies the list. */
  public LayerAccount {
    layers = List.copyOf(layers);
  }

  /** Sum of the layers' times, in milliseconds. */
  public double sumMs() {
    return layers.stream().mapToDouble(Layer::measuredMs).sum();
  }

  /** Sum of the layers' predicted times, in milliseconds; empty without a cost table. */
  public Optional<Double> predictedMs() {
    if (!layers.stream().allMatch(layer -> layer.predictedMs().isPresent())) {
      return Optional.empty();
    }
    return Optional.of(
        layers.stream().mapToDouble(layer -> layer.predictedMs().orElseThrow()).sum());
  }

  /**
   * Measures a network.
   *
   * @param packed the network
   * @param engine engine and class
   * @param threads that share the work on an image; the peak is theirs together
   * @param seed of the images
   * @param costs of one thread, asked for only where machine code runs
   */
  public static LayerAccount of(
      PackedNetwork packed,
      EngineClass engine,
      int threads,
      long seed,
      Function<CpuClass, CostTable> costs) {
    CpuClass cpuClass = engine.cpuClass();
    List<CostTable> asked = new ArrayList<>();
    EngineChoice choice =
        engine.choose(
            it -> {
              asked.add(costs.apply(it));
              return Optional.of(asked.getFirst());
            });
    Optional<CostTable> table = asked.stream().findFirst();
    Optional<Peak> before = table.map(t -> t.peak().max(Peak.measure(cpuClass)));
    List<float[]> images = SmoothPictures.normalised(packed.preprocessing(), IMAGES, seed);
    try (SmolNetwork network = SmolNetwork.of(packed, choice);
        SmolNetwork.Session session = network.newSession(threads)) {
      float[] result = new float[packed.result().size()];
      Contestant alone = Contestant.of("sysmol", image -> session.run(image, result));
      Timing whole = SideBySide.run(List.of(alone), images, ROUNDS, 0, WARM_UP_MS).getFirst();
      long[] times = session.profile(PROFILE_RUNS);
      Optional<Peak> peak = before.map(p -> p.max(Peak.measure(cpuClass)));
      List<Explanation> explanations = network.explain();
      List<Layer> layers = new ArrayList<>();
      for (int s = 0; s < times.length; s++) {
        Step step = packed.steps().get(s);
        Explanation explanation = explanations.get(s);
        Optional<Double> share =
            explanation.macs() == 0
                ? Optional.empty()
                : peak.map(p -> p.nanoseconds(explanation.macs(), explanation.bitMacs()))
                    .map(least -> least / session.threads());
        long time = Math.max(1, times[s]);
        layers.add(
            new Layer(
                step.name(),
                explanation,
                table.map(
                    t ->
                        t.nanoseconds(packed, step, explanation.bitMacs())
                            / session.threads()
                            / 1e6),
                time / 1e6,
                share.map(least -> least / time)));
      }
      return new LayerAccount(choice, peak, layers, whole.medianMs());
    }
  }
}
