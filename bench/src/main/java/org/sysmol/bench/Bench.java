package org.sysmol.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.network.Network;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.onnx.BatchNormFolding;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.onnx.QuantisedOnnxWriter;
import org.sysmol.onnx.ValueRange;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;

/**
 * One run of the bench: sysmol and its peers on one network, in interleaved rounds.
 *
 * @param subject what is timed
 * @param engine sysmol's engine and class
 * @param peers who is timed beside it
 * @param threads of each peer
 * @param rounds interleaved rounds
 * @param perRound inferences of each in a round, 0 for as many as are useful
 */
public record Bench(
    Subject subject, EngineClass engine, Set<Peer> peers, int threads, int rounds, int perRound) {
  private static final int WARM_UP_MS = 700;

  /** Images on which peers are calibrated. */
  private static final int CALIBRATION = 4;

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
   * @param loads what it costs to load a network, by contestant: {@code sysmol} and those peers
   *     that are asked
   * @param layers sysmol's steps
   * @param peerLayers primitives of oneDNN, for the peers that were asked for them
   */
  public record Result(
      EngineChoice choice,
      Timing sysmol,
      Map<Peer, Timing> peers,
      Map<String, LoadProbe> loads,
      List<Layer> layers,
      Map<Peer, List<Layer>> peerLayers) {
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
   */
  public Result run(List<float[]> images, boolean layers) {
    Path folder;
    try {
      folder = Files.createTempDirectory("sysmol-bench");
    } catch (IOException e) {
      throw SysmolException.failed("No temporary directory can be made (" + e + ").", e);
    }
    try {
      return run(images, folder);
    } finally {
      delete(folder);
    }
  }

  private Result run(List<float[]> images, Path folder) {
    Map<String, LoadProbe> loads = new java.util.LinkedHashMap<>();
    Path smol = folder.resolve("network.smol");
    SmolFile.write(subject.packed(), smol);
    loads.put("sysmol", LoadProbe.ofSysmol(smol, engine));
    EngineChoice choice = engine.choose();
    List<AutoCloseable> open = new ArrayList<>();
    try (SmolNetwork network = SmolNetwork.of(subject.packed(), choice)) {
      SmolNetwork.Session session = network.newSession();
      float[] result = new float[subject.packed().result().size()];
      StepTimes steps = new StepTimes(network);
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(Contestant.of("sysmol", image -> session.run(image, result)));
      List<Peer> order = peers.stream().sorted().toList();
      for (Peer peer : order) {
        contestants.add(contestant(peer, images, folder, open, loads));
      }
      List<Timing> timings = SideBySide.run(contestants, images, rounds, perRound, WARM_UP_MS);
      Map<Peer, Timing> byPeer = new EnumMap<>(Peer.class);
      for (int i = 0; i < order.size(); i++) {
        byPeer.put(order.get(i), timings.get(i + 1));
      }
      return new Result(
          choice, timings.getFirst(), byPeer, loads, steps.measure(session, images), Map.of());
    } finally {
      close(open);
    }
  }

  private Contestant contestant(
      Peer peer,
      List<float[]> images,
      Path folder,
      List<AutoCloseable> open,
      Map<String, LoadProbe> loads) {
    return switch (peer) {
      case ONNXRUNTIME_FP32 -> {
        Path file = folder.resolve("float.onnx");
        OnnxWriter.write(subject.floats(), file);
        loads.put(peer.text(), LoadProbe.ofOnnxRuntime(file, subject.shape()));
        OnnxRuntimePeer runtime = new OnnxRuntimePeer(file, subject.shape(), threads);
        open.add(runtime);
        yield Contestant.of(peer.text(), runtime::run);
      }
      case ONNXRUNTIME_INT8 -> {
        Path file = folder.resolve("quantised.onnx");
        Network folded = BatchNormFolding.fold(subject.floats());
        Map<String, ValueRange> ranges =
            RangeCalibrator.ranges(
                folded, subject.shape(), images.subList(0, Math.min(CALIBRATION, images.size())));
        QuantisedOnnxWriter.write(folded, ranges, file);
        loads.put(peer.text(), LoadProbe.ofOnnxRuntime(file, subject.shape()));
        OnnxRuntimePeer runtime = new OnnxRuntimePeer(file, subject.shape(), threads);
        open.add(runtime);
        yield Contestant.of(peer.text(), runtime::run);
      }
      default -> throw SysmolException.badInput("Peer " + peer.text() + " is not there yet.");
    };
  }

  private static void close(List<AutoCloseable> open) {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        throw SysmolException.failed("A peer could not be closed: " + e.getMessage() + ".", e);
      }
    }
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

  /** Medians of the times of sysmol's steps. */
  private record StepTimes(SmolNetwork network) {
    private static final int RUNS = 31;

    List<Layer> measure(SmolNetwork.Session session, List<float[]> images) {
      PackedNetwork packed = network.packed();
      List<Step> steps = packed.steps();
      session.run(images.getFirst());
      long[] times = session.profile(RUNS);
      List<Layer> layers = new ArrayList<>();
      for (int s = 0; s < times.length; s++) {
        Step step = steps.get(s);
        long macs =
            step instanceof Step.Convolution c
                ? (long) c.weights().outputs()
                    * c.weights().channelsPerOutput()
                    * c.window().taps()
                    * c.window().outputs()
                : 0;
        layers.add(new Layer(step.name(), network.kernels().get(s), macs, times[s] / 1e6));
      }
      return layers;
    }
  }
}
