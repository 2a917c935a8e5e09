package org.sysmol.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.cost.CostTable;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;

/**
 * One run of the bench: sysmol and its peers on one network, in interleaved rounds.
 *
 * @param subject what is timed
 * @param engine sysmol's engine and class
 * @param peers who is timed beside it
 * @param leaveOut whether a peer that can't run the network is left out; otherwise it ends the run
 * @param threads that share the work on one image, of sysmol and of each peer
 * @param rounds interleaved rounds
 * @param perRound inferences of each in a round, 0 for as many as are useful
 */
public record Bench(
    Subject subject,
    EngineClass engine,
    Set<Peer> peers,
    boolean leaveOut,
    int threads,
    int rounds,
    int perRound) {
  private static final int WARM_UP_MS = 700;

  private static final int LAYER_RUNS = 31;

  /**
   * Time of one step.
   *
   * @param name of the step
   * @param kernel that runs it
   * @param macs multiply-accumulates, 0 where it has none
   * @param ms median milliseconds
   */
  public record Layer(String name, String kernel, long macs, double ms) {}

  /**
   * What was measured.
   *
   * @param choice the engine in use
   * @param sysmol sysmol's times
   * @param peers times of the peers that ran
   * @param leftOut a sentence for each peer that could not run the network
   * @param oneDnnIsa oneDNN's name of the instructions that it was capped to; empty if it did not
   *     run
   * @param loads what it costs to load a network, by contestant: {@code sysmol} and those peers
   *     that are asked
   * @param layers sysmol's steps
   * @param peerLayers operators or primitives of the peers, if they were asked for
   * @param shapes layers by shape, if peers were asked for theirs
   */
  public record Result(
      EngineChoice choice,
      Timing sysmol,
      Map<Peer, Timing> peers,
      Map<Peer, String> leftOut,
      Optional<String> oneDnnIsa,
      Map<String, LoadProbe> loads,
      List<Layer> layers,
      Map<Peer, List<Layer>> peerLayers,
      List<LayerShape> shapes) {
    /** A peer's median over sysmol's. */
    public Optional<Double> ratio(Peer peer) {
      return Optional.ofNullable(peers.get(peer)).map(t -> t.medianMs() / sysmol.medianMs());
    }
  }

  /**
   * Runs it.
   *
   * @param images normalised, at least one
   * @param layers whether peers' single layers are timed too
   * @param costs by which sysmol chooses kernels; empty for those that are built in
   * @throws SysmolException if sysmol, or a peer that may not be left out, can't run the network
   */
  public Result run(
      List<float[]> images, boolean layers, Function<CpuClass, Optional<CostTable>> costs) {
    Path folder;
    try {
      folder = Files.createTempDirectory("sysmol-bench");
    } catch (IOException e) {
      throw SysmolException.failed("No temporary directory can be made (" + e + ").", e);
    }
    try {
      return run(images, layers, engine.choose(costs), folder);
    } finally {
      delete(folder);
    }
  }

  private Result run(List<float[]> images, boolean layers, EngineChoice choice, Path folder) {
    Map<String, LoadProbe> loads = new LinkedHashMap<>();
    Path smol = folder.resolve("network.smol");
    SmolFile.write(subject.packed(), smol);
    loads.put("sysmol", LoadProbe.ofSysmol(smol, engine));
    try (SmolNetwork network = SmolNetwork.of(subject.packed(), choice);
        Opponents opponents = new Opponents(this, engine.classOf(choice), images, folder)) {
      SmolNetwork.Session session = network.newSession(threads);
      float[] result = new float[subject.packed().result().size()];
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(Contestant.of("sysmol", image -> session.run(image, result)));
      List<Peer> order = new ArrayList<>();
      Map<Peer, String> leftOut = new EnumMap<>(Peer.class);
      for (Peer peer : peers.stream().sorted().toList()) {
        try {
          contestants.add(opponents.open(peer));
          order.add(peer);
        } catch (SysmolException refused) {
          if (!leaveOut) {
            throw mustRun(peer, refused);
          }
          leftOut.put(peer, refused.getMessage());
        }
      }
      loads.putAll(opponents.loads());
      List<Timing> timings = SideBySide.run(contestants, images, rounds, perRound, WARM_UP_MS);
      Map<Peer, Timing> byPeer = new EnumMap<>(Peer.class);
      for (int i = 0; i < order.size(); i++) {
        byPeer.put(order.get(i), timings.get(i + 1));
      }
      List<Layer> own = steps(network, session, images);
      Map<Peer, List<Layer>> others = layers ? opponents.layers(macs(own)) : Map.of();
      Map<String, List<Layer>> all = new LinkedHashMap<>();
      all.put("sysmol", own);
      others.forEach((peer, list) -> all.put(peer.text(), list));
      return new Result(
          choice,
          timings.getFirst(),
          byPeer,
          leftOut,
          opponents.oneDnnIsa(),
          loads,
          own,
          others,
          layers ? LayerShape.of(subject.packed(), all) : List.of());
    }
  }

  private static SysmolException mustRun(Peer peer, SysmolException refused) {
    String message =
        "Peer " + peer.text() + " has to be left out of --peers: " + refused.getMessage();
    return refused.kind() == SysmolException.Kind.BAD_INPUT
        ? SysmolException.badInput(message, refused)
        : SysmolException.failed(message, refused);
  }

  private static Map<String, Long> macs(List<Layer> layers) {
    Map<String, Long> macs = new HashMap<>();
    layers.forEach(layer -> macs.put(layer.name(), layer.macs()));
    return macs;
  }

  /** Medians of the times of sysmol's steps. */
  private static List<Layer> steps(
      SmolNetwork network, SmolNetwork.Session session, List<float[]> images) {
    List<Step> steps = network.packed().steps();
    session.run(images.getFirst());
    long[] times = session.profile(LAYER_RUNS);
    List<Layer> layers = new ArrayList<>();
    for (int s = 0; s < times.length; s++) {
      Step step = steps.get(s);
      long macs = Explanation.macs(step);
      layers.add(new Layer(step.name(), network.kernels().get(s), macs, times[s] / 1e6));
    }
    return layers;
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
