package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Contestant;
import org.sysmol.bench.Machine;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.bench.SideBySide;
import org.sysmol.bench.Timing;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.runtime.SmolNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Times a packed network, beside ONNX Runtime if its float twin is given. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Times a packed network on real images, one thread, one image at a time; beside ONNX Runtime"
            + " in interleaved rounds where an ONNX file is given.",
    footer = {
      "",
      "Example:",
      "  sysmol bench demo-out/demo.smol --onnx demo-out/demo.onnx --data datasets/fashion-mnist"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int IMAGES = 100;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Parameters(index = "0", paramLabel = "NET.smol", description = "The packed network.")
  private Path file = Path.of("");

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Images to run.")
  private Path data = Path.of("");

  @Option(names = "--onnx", paramLabel = "NET.onnx", description = "The same network in floats.")
  private @Nullable Path onnx;

  @Option(
      names = "--rounds",
      defaultValue = "20",
      description = "Interleaved rounds (default: ${DEFAULT-VALUE}).")
  private int rounds = 20;

  @Option(
      names = "--per-round",
      defaultValue = "50",
      description = "Inferences of each in a round (default: ${DEFAULT-VALUE}).")
  private int perRound = 50;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PackedNetwork packed = SmolFile.read(file);
    ImageSet set =
        DataSource.open(data, Split.TEST, Optional.of(packed.preprocessing()), packed.classNames());
    List<float[]> images = new ArrayList<>();
    byte[] pixels = new byte[set.pixelCount()];
    for (int i = 0; i < Math.min(IMAGES, set.count()); i++) {
      set.pixels(i, pixels);
      images.add(packed.preprocessing().normalise(pixels));
    }
    PrintWriter out = command.commandLine().getOut();
    try (SmolNetwork network =
        SmolNetwork.of(packed, engine.choose(command.commandLine().getErr()))) {
      SmolNetwork.Session session = network.newSession();
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(new Contestant("sysmol", session::run));
      List<Timing> timings;
      if (onnx != null) {
        var image = packed.image();
        long[] shape = {1, image.channels(), image.height(), image.width()};
        try (OnnxRuntimePeer peer = new OnnxRuntimePeer(onnx, shape, 1)) {
          contestants.add(new Contestant("onnxruntime_fp32", peer::run));
          timings = time(contestants, images);
        }
      } else {
        timings = time(contestants, images);
      }
      show(network, timings, out);
      json.write(asMap(network, timings), out);
    }
    out.flush();
    return 0;
  }

  private List<Timing> time(List<Contestant> contestants, List<float[]> images) {
    if (rounds < 1 || perRound < 1) {
      throw SysmolException.badInput("--rounds and --per-round take numbers of at least 1.");
    }
    return SideBySide.run(contestants, images, rounds, perRound, 1000);
  }

  private void show(SmolNetwork network, List<Timing> timings, PrintWriter out) {
    if (json.toStandardOutput()) {
      return;
    }
    out.printf(
        "CPU class %s (%s), engine %s, one thread, one image%n",
        Machine.here().cpuClass(), Machine.here().cpu(), network.engine().engine().description());
    for (Timing t : timings) {
      out.printf(
          Locale.ROOT,
          "%-18s median %8.4f ms   10 %% %8.4f   90 %% %8.4f   %d runs   %.2fx%n",
          t.name(),
          t.medianMs(),
          t.lowMs(),
          t.highMs(),
          t.runs(),
          t.medianMs() / timings.getFirst().medianMs());
    }
  }

  private Map<String, Object> asMap(SmolNetwork network, List<Timing> timings) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("network", network.packed().name());
    result.put("engine", network.engine().engine().name());
    result.put("cpu_class", Machine.here().cpuClass());
    result.put("bits", CompileCommand.bits(NetworkSize.of(network.packed())));
    result.put("threads", 1);
    Map<String, Object> medians = new LinkedHashMap<>();
    Map<String, Object> ratios = new LinkedHashMap<>();
    for (Timing t : timings) {
      medians.put(t.name(), t.medianMs());
      if (!t.name().equals(timings.getFirst().name())) {
        ratios.put(t.name(), t.medianMs() / timings.getFirst().medianMs());
      }
    }
    result.put("median_ms", medians);
    result.put("ratio", ratios);
    return result;
  }
}
