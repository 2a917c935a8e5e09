package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Bench;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.Peer;
import org.sysmol.bench.SideBySide;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.runtime.cost.CostCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times sysmol beside other runtimes on the same architecture. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Times sysmol beside ONNX Runtime and oneDNN on the same architecture, one image at a time,"
            + " in interleaved rounds: a packed network, or a known one without training.",
    footer = {
      "",
      "Examples:",
      "  sysmol bench --network resnet18 --bits 1.36",
      "  sysmol bench --network resnet50 --mix 50,30,20 --isa avx2 --layers",
      "  sysmol bench demo-out/demo.smol --onnx demo-out/demo.onnx --data datasets/fashion-mnist",
      "",
      "oneDNN is capped to the class of sysmol's code, which --isa lowers; ONNX Runtime takes what the"
          + " processor has and can't be capped."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int IMAGES = 16;

  /** Pictures that are timed are not those that a network was calibrated on. */
  private static final long PICTURE_SEED = 1000;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private JsonOutput json = new JsonOutput();
  @Mixin private SubjectOptions subjectOptions = new SubjectOptions();
  @Mixin private EngineOptions engineOptions = new EngineOptions();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Images to run (default: smooth noise that looks like photographs).")
  private @Nullable Path data;

  @Option(
      names = "--onnx",
      paramLabel = "NET.onnx",
      description =
          "With NET.smol: the same network in floats, for the peers (default: the values of its"
              + " weights).")
  private @Nullable Path onnx;

  @Option(
      names = "--peers",
      paramLabel = "A,B",
      split = ",",
      description =
          "onnxruntime_fp32, onnxruntime_int8, onednn_int8, onednn_fp32 (default: all that can run"
              + " the network; those named here must).")
  private @Nullable List<String> peers;

  @Option(names = "--no-peers", description = "Time sysmol alone.")
  private boolean alone;

  @Option(
      names = "--layers",
      description =
          "Show the time of each layer, of the peers' too, and how they compare by shape.")
  private boolean layers;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "15",
      description =
          "Interleaved rounds, up to " + SideBySide.ROUNDS_LIMIT + " (default: ${DEFAULT-VALUE}).")
  private int rounds = 15;

  @Option(
      names = "--per-round",
      paramLabel = "N",
      description =
          "Inferences of each in a round, up to "
              + SideBySide.PER_ROUND_LIMIT
              + " (default: as many as take a tenth of a second).")
  private @Nullable Integer perRound;

  @Option(
      names = "--refresh-costs",
      description =
          "Measure anew what kernels cost on this machine instead of using what is kept for it.")
  private boolean refreshCosts;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    check();
    int threads = subjectOptions.threads();
    EngineClass engineClass = engineOptions.asked();
    engineOptions.refusePortable(threads, refreshCosts ? List.of("--refresh-costs") : List.of());
    Set<Peer> chosen =
        alone ? Set.of() : peers == null ? EnumSet.allOf(Peer.class) : Peer.parse(peers);
    int processors = Runtime.getRuntime().availableProcessors();
    if (threads > processors) {
      err.println(
          "timings are worthless: "
              + threads
              + " threads share "
              + processors
              + (processors == 1 ? " processor" : " processors"));
    }
    Subject subject = subjectOptions.subject(Optional.ofNullable(onnx));
    Bench bench =
        new Bench(
            subject,
            engineClass,
            chosen,
            peers == null,
            threads,
            rounds,
            perRound == null ? 0 : perRound);
    CostCache cache = CostCache.ofUser(err::println);
    Bench.Result result =
        bench.run(
            images(subject), layers, cpuClass -> Optional.of(cache.get(cpuClass, refreshCosts)));
    EngineOptions.report(result.choice(), err);
    BenchOutput output = new BenchOutput(bench, result);
    output.leftOut().forEach(err::println);
    if (!json.toStandardOutput()) {
      output.show(out, layers);
    }
    json.write(output.asMap(), out);
    out.flush();
    return 0;
  }

  private void check() {
    subjectOptions.check("bench");
    if (!subjectOptions.fromFile() && onnx != null) {
      throw SysmolException.badInput(
          "--onnx goes with a packed network NET.smol, not with --network.");
    }
    if (onnx != null && alone) {
      throw SysmolException.badInput(
          "--onnx is for the peers, which --no-peers leaves out; give one of them.");
    }
    range("--rounds", rounds, SideBySide.ROUNDS_LIMIT);
    if (perRound != null) {
      range("--per-round", perRound, SideBySide.PER_ROUND_LIMIT);
    }
    if (peers != null && alone) {
      throw SysmolException.badInput("--peers and --no-peers exclude each other.");
    }
  }

  private static void range(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw SysmolException.badInput(option + " takes 1 to " + most + ".");
    }
  }

  private List<float[]> images(Subject subject) {
    Preprocessing preprocessing = subject.packed().preprocessing();
    if (data == null) {
      return SmoothPictures.normalised(preprocessing, IMAGES, PICTURE_SEED + subjectOptions.seed());
    }
    ImageSet set =
        DataSource.open(
            data, Split.TEST, Optional.of(preprocessing), subject.packed().classNames());
    List<float[]> images = new ArrayList<>();
    byte[] pixels = new byte[set.pixelCount()];
    for (int i = 0; i < Math.min(IMAGES, set.count()); i++) {
      set.pixels(i, pixels);
      images.add(preprocessing.normalise(pixels));
    }
    return images;
  }
}
