package org.sysmol.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.OnnxRuntimePeer;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.onnx.PackedOnnxWriter;
import org.sysmol.runtime.SmolNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a packed network as standard ONNX and compares the two on a data set. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes a .smol as a standard ONNX model of whole-numbered binary32 arithmetic that gives the"
            + " same bits.",
    footer = {
      "",
      "Examples:",
      "  sysmol export demo.smol --onnx demo.onnx",
      "  sysmol export demo.smol --onnx demo.onnx --check datasets/fashion-mnist"
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Parameters(index = "0", paramLabel = "NET.smol", description = "The packed network.")
  private Path file = Path.of("");

  @Option(
      names = "--onnx",
      required = true,
      paramLabel = "FILE.onnx",
      description = "Where to write.")
  private Path onnx = Path.of("");

  @Option(
      names = "--check",
      paramLabel = "DIR",
      description =
          "Compare with ONNX Runtime on this data set, its optimisations off and on. Off, every bit"
              + " must be the same, else exit 1; on, differing classes are counted.")
  private @Nullable Path check;

  @Option(
      names = "--split",
      defaultValue = "test",
      description = "Images of the data set: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Split split = Split.TEST;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first N images of the data set (0: all).")
  private int limit;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads (0: one per processor).")
  private int threads;

  @Override
  public Integer call() {
    if (limit < 0) {
      throw SysmolException.badInput("--limit takes a number of at least 0.");
    }
    Evaluation.checkThreads(threads);
    if (check == null) {
      OptionValues.refuse(
          spec,
          "it is about the comparison, so give --check DIR too",
          List.of("--engine", "--isa", "--split", "--limit", "--threads"));
    }
    OutputPath.checkOther("--onnx", onnx, file);
    PackedNetwork packed = SmolFile.read(file);
    PackedOnnxWriter.write(packed, onnx);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("network", packed.name());
    result.put("onnx", onnx.toString());
    result.put("bytes", size());
    say(String.format(Locale.ROOT, "%s: %d bytes", onnx, size()));
    boolean equal = check == null || compare(check, packed, result);
    PrintWriter out = spec.commandLine().getOut();
    json.write(result, out);
    out.flush();
    if (!equal) {
      throw SysmolException.failed(
          "ONNX Runtime without optimisations gives other scores than "
              + file
              + "; report this with the file.");
    }
    return 0;
  }

  private void say(String line) {
    if (!json.toStandardOutput()) {
      spec.commandLine().getOut().println(line);
    }
  }

  private long size() {
    try {
      return Files.size(onnx);
    } catch (IOException e) {
      throw SysmolException.failed(
          "The size of " + onnx + ", just written, can't be read (" + e + "); look at its folder.",
          e);
    }
  }

  /** Compares on a data set; false if scores without optimisations differ. */
  private boolean compare(Path folder, PackedNetwork packed, Map<String, Object> result) {
    ImageSet all =
        DataSource.open(folder, split, Optional.of(packed.preprocessing()), packed.classNames());
    ImageSet images = limit > 0 ? all.first(Math.min(limit, all.count())) : all;
    int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    PackedTensor image = packed.image();
    long[] shape = {1, image.channels(), image.height(), image.width()};
    PrintWriter err = spec.commandLine().getErr();
    result.put("dataset", images.name());
    result.put("images", images.count());
    try (SmolNetwork network = SmolNetwork.of(packed, engine.choose(err));
        OnnxRuntimePeer plain = OnnxRuntimePeer.unoptimised(onnx, shape, workers);
        OnnxRuntimePeer optimised = new OnnxRuntimePeer(onnx, shape, workers);
        Bar bar = Bar.of("images", 3L * images.count())) {
      result.put("onnx_runtime", plain.version());
      float[][] scores = Evaluation.scores(network, images, workers, bar::step);
      Differences off = Differences.of(scores, plain, packed, images, bar);
      Differences on = Differences.of(scores, optimised, packed, images, bar);
      say(off.line("off", images, plain.version()));
      say(on.line("on", images, plain.version()));
      result.put("optimisations_off", off.fields());
      result.put("optimisations_on", on.fields());
      return off.images == 0;
    }
  }

  /**
   * How ONNX Runtime's scores differ from the packed network's.
   *
   * @param images with any score of other bits
   * @param classes images whose largest score is another
   * @param largest difference of two scores
   */
  private record Differences(int images, int classes, double largest) {
    static Differences of(
        float[][] scores, OnnxRuntimePeer peer, PackedNetwork packed, ImageSet set, Bar bar) {
      int images = 0;
      int classes = 0;
      double largest = 0;
      byte[] pixels = new byte[set.pixelCount()];
      for (int i = 0; i < scores.length; i++) {
        set.pixels(i, pixels);
        float[] other = peer.run(packed.preprocessing().normalise(pixels));
        boolean same = true;
        for (int k = 0; k < other.length; k++) {
          same &= Float.floatToIntBits(other[k]) == Float.floatToIntBits(scores[i][k]);
          largest = Math.max(largest, Math.abs((double) other[k] - scores[i][k]));
        }
        images += same ? 0 : 1;
        classes += SmolNetwork.argmax(other) == SmolNetwork.argmax(scores[i]) ? 0 : 1;
        bar.step();
      }
      return new Differences(images, classes, largest);
    }

    String line(String optimisations, ImageSet set, String version) {
      return String.format(
          Locale.ROOT,
          "ONNX Runtime %s, optimisations %s: %d of %d images of another class, %d with a score of"
              + " other bits, largest difference %s",
          version,
          optimisations,
          classes,
          set.count(),
          images,
          largest == 0 ? "0" : String.format(Locale.ROOT, "%.3g", largest));
    }

    Map<String, Object> fields() {
      return JsonOutput.object(
          "other_class", classes, "other_bits", images, "largest_difference", largest);
    }
  }
}
