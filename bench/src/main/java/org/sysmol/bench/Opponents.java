package org.sysmol.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.onednn.OneDnnPeer;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.onnx.BatchNormFolding;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.onnx.QuantisedOnnxWriter;
import org.sysmol.onnx.ValueRange;
import org.sysmol.runtime.machine.CpuClass;

/** Opens the peers of one run on its network, each prepared as it likes it best. */
final class Opponents implements AutoCloseable {
  /** Images on which peers are calibrated. */
  private static final int CALIBRATION = 4;

  private final Bench bench;
  private final Optional<CpuClass> cap;
  private final List<float[]> images;
  private final Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<Peer, OneDnnPeer> oneDnn = new EnumMap<>(Peer.class);
  private final Map<Peer, Path> models = new EnumMap<>(Peer.class);
  private final Map<String, LoadProbe> loads = new LinkedHashMap<>();
  private @Nullable Network folded;
  private @Nullable Map<String, ValueRange> ranges;

  /**
   * None is open yet.
   *
   * @param used class of sysmol's code, to which peers are capped that can be; empty where there is
   *     no machine code
   * @param images that will be run
   * @param folder for files, removed by the caller
   */
  Opponents(Bench bench, Optional<CpuClass> used, List<float[]> images, Path folder) {
    this.bench = bench;
    cap = used.or(() -> bench.engine().isa());
    this.images = images;
    this.folder = folder;
  }

  /**
   * Opens one.
   *
   * @throws SysmolException with a sentence that says why, if it can't run the network
   */
  Contestant open(Peer peer) {
    return switch (peer) {
      case ONNXRUNTIME_FP32 -> {
        Path file = folder.resolve("float.onnx");
        OnnxWriter.write(bench.subject().floats(), file);
        yield onnxRuntime(peer, file);
      }
      case ONNXRUNTIME_INT8 -> {
        Path file = folder.resolve("quantised.onnx");
        QuantisedOnnxWriter.write(folded(), ranges(), file);
        yield onnxRuntime(peer, file);
      }
      case ONEDNN_INT8 -> oneDnn(peer, Optional.of(ranges()));
      case ONEDNN_FP32 -> oneDnn(peer, Optional.empty());
    };
  }

  private Contestant onnxRuntime(Peer peer, Path file) {
    long[] shape = bench.subject().shape();
    LoadProbe load = LoadProbe.ofOnnxRuntime(file, shape);
    OnnxRuntimePeer runtime = new OnnxRuntimePeer(file, shape, bench.threads());
    open.add(runtime);
    models.put(peer, file);
    loads.put(peer.text(), load);
    return Contestant.of(peer.text(), runtime::run);
  }

  private Contestant oneDnn(Peer peer, Optional<Map<String, ValueRange>> quantised) {
    OneDnnPeer child =
        new OneDnnPeer(
            folder, folded(), quantised, bench.subject().shape(), images, cap, bench.threads());
    open.add(child);
    oneDnn.put(peer, child);
    return new Contestant(peer.text(), child);
  }

  private Network folded() {
    Network network = folded;
    if (network == null) {
      network = BatchNormFolding.fold(bench.subject().floats());
      folded = network;
    }
    return network;
  }

  private Map<String, ValueRange> ranges() {
    Map<String, ValueRange> found = ranges;
    if (found == null) {
      List<float[]> some = images.subList(0, Math.min(CALIBRATION, images.size()));
      found = RangeCalibrator.ranges(folded(), bench.subject().shape(), some);
      ranges = found;
    }
    return found;
  }

  /** oneDNN's name of the instructions that it is capped to; empty if it does not run. */
  Optional<String> oneDnnIsa() {
    return oneDnn.values().stream().map(OneDnnPeer::instructions).findFirst();
  }

  /** What it costs ONNX Runtime to load. */
  Map<String, LoadProbe> loads() {
    return loads;
  }

  /**
   * Times of ONNX Runtime's operators and oneDNN's primitives.
   *
   * @param macs multiply-accumulates by name of a layer
   */
  Map<Peer, List<Bench.Layer>> layers(Map<String, Long> macs) {
    Map<Peer, List<Bench.Layer>> layers = new EnumMap<>(Peer.class);
    models.forEach(
        (peer, model) ->
            layers.put(
                peer,
                OnnxRuntimeProfile.layers(
                    model,
                    bench.subject().floats(),
                    bench.subject().shape(),
                    bench.threads(),
                    images,
                    macs,
                    folder)));
    oneDnn.forEach((peer, child) -> layers.put(peer, child.layers()));
    return layers;
  }

  @Override
  public void close() {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        throw SysmolException.failed("A peer could not be closed: " + e.getMessage() + ".", e);
      }
    }
  }
}
