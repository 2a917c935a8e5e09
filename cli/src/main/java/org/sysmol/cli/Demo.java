package org.sysmol.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sysmol.bench.Contestant;
import org.sysmol.bench.Machine;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.bench.SideBySide;
import org.sysmol.bench.Timing;
import org.sysmol.compile.NetworkCompiler;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.file.TrainedFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.onnx.OnnxWriter;
import org.sysmol.report.DemoPage;
import org.sysmol.report.page.PageWriter;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.cost.Peak;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.train.LayerErrors;
import org.sysmol.train.Trainer;
import org.sysmol.train.TrainingRecipe;
import org.sysmol.train.TrainingResult;

/** The walk of the demonstration, in the order of docs/architecture.md. */
final class Demo {
  private static final String DATASET = "fashion-mnist, 10,000 training images";
  private static final int TIMED_IMAGES = 100;
  private static final int PROFILE_RUNS = 101;
  private static final int ROUNDS = 20;
  private static final int PER_ROUND = 50;
  private static final int WARM_UP_MS = 1500;

  private final TrainingRecipe recipe;
  private final TrainingOptions options;
  private final Path folder;
  private final int compared;
  private final String command;

  Demo(TrainingOptions options, Path folder, int compared, String command) {
    this.recipe = options.recipe();
    this.options = options;
    this.folder = folder;
    this.compared = compared;
    this.command = command;
  }

  /**
   * What a person and a machine get.
   *
   * @param lines for a person
   * @param summary for a machine: what summary.json holds
   * @param mismatches integers that differ between engines
   */
  record Outcome(List<String> lines, Map<String, Object> summary, long mismatches) {}

  /** Folder with the repository's images. */
  static Path dataFolder() {
    return Path.of(System.getProperty("sysmol.home", "."), "datasets", "fashion-mnist");
  }

  Outcome run() {
    final long start = System.nanoTime();
    Training.makeFolder(folder);
    ImageSet train = DataSource.open(dataFolder(), Split.TRAIN);
    final ImageSet test = DataSource.open(dataFolder(), Split.TEST);

    TrainingOptions.Pictures pictures = options.divide(train);
    TrainingResult result = Training.run(pictures, folder, options.onDevice(recipe), command);
    TrainedFile.write(result.trained(), folder.resolve("demo.trained"));

    PackedNetwork packed = SelfCheck.sign(NetworkCompiler.compile(result.trained()));
    final int fileBytes = SmolFile.bytes(packed).length;
    SmolFile.write(packed, folder.resolve("demo.smol"));
    packed = SmolFile.read(folder.resolve("demo.smol"));

    List<EngineChoice> engines = EngineComparison.engines();
    EngineComparison.Outcome agreement =
        EngineComparison.run(result.trained(), packed, engines, test, compared);
    EngineChoice choice = EngineChoice.auto();
    choice.refused().forEach(why -> System.err.println("slower engine in use: " + why));
    DemoFigures figures = new DemoFigures();
    figures.fp32Start = Trainer.accuracy(result.full(), test, packed.preprocessing());
    figures.errors = LayerErrors.measure(result.full(), result.trained(), pictures.training());
    figures.fp32 = Trainer.accuracy(result.control(), test, packed.preprocessing());
    try (SmolNetwork network = SmolNetwork.of(packed, choice)) {
      SelfCheck.verify(network);
      try (Bar bar = Bar.of("test images", test.count())) {
        int threads = Runtime.getRuntime().availableProcessors();
        figures.quantised =
            Evaluation.accuracy(Evaluation.scores(network, test, threads, bar::step), test);
      }
      Path onnx = folder.resolve("demo.onnx");
      OnnxWriter.write(result.control(), onnx);
      time(network, engines, packed, onnx, test, figures);
    }
    figures.seconds = (System.nanoTime() - start) / 1e9;
    NetworkSize size = NetworkSize.of(packed);
    Map<String, Object> summary = summary(packed, size, fileBytes, agreement, choice, figures);
    JsonOutput.writeFile(summary, folder.resolve("summary.json"));
    PageWriter.write(
        DemoPage.of(
            new ReportData(result, packed, recipe, size, fileBytes, agreement, figures, command)
                .report(DATASET, test.count())),
        folder.resolve("report.html"));
    return new Outcome(lines(size, fileBytes, agreement, figures), summary, agreement.mismatches());
  }

  private void time(
      SmolNetwork network,
      List<EngineChoice> engines,
      PackedNetwork packed,
      Path onnx,
      ImageSet test,
      DemoFigures figures) {
    List<float[]> images = new ArrayList<>();
    byte[] pixels = new byte[test.pixelCount()];
    for (int i = 0; i < Math.min(TIMED_IMAGES, test.count()); i++) {
      test.pixels(i, pixels);
      images.add(packed.preprocessing().normalise(pixels));
    }
    List<SmolNetwork> others = new ArrayList<>();
    long[] shape = {1, packed.image().channels(), packed.image().height(), packed.image().width()};
    try (OnnxRuntimePeer peer = new OnnxRuntimePeer(onnx, shape, 1)) {
      List<Contestant> contestants = new ArrayList<>();
      SmolNetwork.Session session = network.newSession();
      float[] result = new float[packed.result().size()];
      contestants.add(
          Contestant.of(
              "sysmol " + network.engine().engine().name(), image -> session.run(image, result)));
      contestants.add(Contestant.of("ONNX Runtime fp32 " + peer.version(), peer::run));
      for (EngineChoice other : engines) {
        if (!other.engine().name().equals(network.engine().engine().name())) {
          SmolNetwork loaded = SmolNetwork.of(packed, other);
          others.add(loaded);
          SmolNetwork.Session twin = loaded.newSession();
          contestants.add(
              Contestant.of("sysmol " + other.engine().name(), image -> twin.run(image, result)));
        }
      }
      List<Timing> timings = SideBySide.run(contestants, images, ROUNDS, PER_ROUND, WARM_UP_MS);
      figures.sysmol = timings.get(0);
      figures.peer = timings.get(1);
      figures.others = timings.subList(2, timings.size());
      figures.calls = ROUNDS * PER_ROUND;
      session.run(images.get(0), result);
      figures.stepNanoseconds = session.profile(PROFILE_RUNS);
      figures.explanations = network.explain();
      if (network.engine().engine().name().equals("machine-code")) {
        figures.peak = Optional.of(Peak.measure(CpuFeatures.detect().best()));
      }
    } finally {
      others.forEach(SmolNetwork::close);
    }
  }

  private Map<String, Object> summary(
      PackedNetwork packed,
      NetworkSize size,
      int fileBytes,
      EngineComparison.Outcome agreement,
      EngineChoice choice,
      DemoFigures figures) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("network", packed.name());
    summary.put("dataset", DATASET);
    summary.put("seed", recipe.seed());
    summary.put("patterns", packed.patterns());
    summary.put("assign", packed.assign());
    Map<String, Object> accuracy = new LinkedHashMap<>();
    accuracy.put("fp32", rounded(figures.fp32, 100));
    accuracy.put("quantised", rounded(figures.quantised, 100));
    summary.put("accuracy", accuracy);
    summary.put("bits", CompileCommand.bits(size));
    Map<String, Object> bytes = new LinkedHashMap<>();
    bytes.put("fp32", size.bytesFp32());
    bytes.put("file", fileBytes);
    summary.put("bytes", bytes);
    summary.put("registers", size.registers());
    summary.put("images_compared", agreement.images());
    summary.put("mismatches", agreement.mismatches());
    Map<String, Object> latency = new LinkedHashMap<>();
    latency.put("sysmol", rounded(figures.sysmol.medianMs(), 1e4));
    latency.put("onnxruntime_fp32", rounded(figures.peer.medianMs(), 1e4));
    summary.put("latency_ms", latency);
    summary.put("engine", choice.engine().name());
    summary.put("cpu_class", Machine.here().cpuClass());
    summary.put("seconds", rounded(figures.seconds, 10));
    return summary;
  }

  private static double rounded(double value, double factor) {
    return Math.round(value * factor) / factor;
  }

  private List<String> lines(
      NetworkSize size, int fileBytes, EngineComparison.Outcome agreement, DemoFigures f) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "accuracy   fp32 %.2f %% (trained on for as many epochs as search and fine-tuning took;"
                + " %.2f %% before), quantised %.2f %%",
            f.fp32,
            f.fp32Start,
            f.quantised));
    lines.add(
        String.format(
            Locale.ROOT,
            "size       %.3f bits per weight over all layers (%.3f over searched ones, %.3f by MACs),"
                + " %,d bytes instead of %,d: %.1fx smaller",
            size.bitsAll(),
            size.bitsSearched(),
            size.bitsSearchedByMacs(),
            fileBytes,
            size.bytesFp32(),
            (double) size.bytesFp32() / fileBytes));
    lines.add(
        String.format(
            Locale.ROOT,
            "agreement  %,d integers of %s on %d images: %d differ %s",
            agreement.integers(),
            String.join(", ", agreement.parties()),
            agreement.images(),
            agreement.mismatches(),
            agreement.firstDifference()));
    lines.add(
        String.format(
            Locale.ROOT,
            "latency    %s %.4f ms, %s %.4f ms, one thread, one image: %.2fx, CPU class %s",
            f.sysmol.name(),
            f.sysmol.medianMs(),
            f.peer.name(),
            f.peer.medianMs(),
            f.peer.medianMs() / f.sysmol.medianMs(),
            Machine.here().cpuClass()));
    lines.add(
        "written    " + folder.resolve("report.html") + ", summary.json, demo.smol, demo.onnx");
    return lines;
  }
}
