package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Machine;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.data.DataSource;
import org.sysmol.data.ImageSet;
import org.sysmol.data.Split;
import org.sysmol.runtime.SelfCheck;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.machine.CpuClass;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a packed network on a data set, on pictures, or on its own self-check. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Runs a .smol on a data set, a folder of pictures, or one picture.",
    footer = {
      "",
      "Examples:",
      "  sysmol run demo.smol --data datasets/fashion-mnist   accuracy on the test images",
      "  sysmol run demo.smol shirt.png                        names what is in the picture",
      "  sysmol run demo.smol --self-check                     does this machine compute the same bits?"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Parameters(index = "0", paramLabel = "NET.smol", description = "The packed network.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "PICTURE",
      description = "Pictures to classify, folders of pictures, or data sets as --data takes.")
  private List<Path> pictures = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A data set: IDX or CIFAR-10 files, or a folder for each class.")
  private @Nullable Path data;

  @Option(
      names = "--split",
      defaultValue = "test",
      description = "Images of the data set: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Split split = Split.TEST;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first N images of each data set or folder (0: all).")
  private int limit;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads, each with images of its own (0: one per processor).")
  private int threads;

  @Option(names = "--self-check", description = "Compare with the digests that the file carries.")
  private boolean selfCheck;

  @Override
  public Integer call() {
    if (data == null && pictures.isEmpty() && !selfCheck) {
      throw SysmolException.badInput("Give --data, at least one picture, or --self-check.");
    }
    if (limit < 0) {
      throw SysmolException.badInput("--limit takes a number of at least 0.");
    }
    Evaluation.checkThreads(threads);
    boolean folder = data != null || pictures.stream().anyMatch(Files::isDirectory);
    if (!folder) {
      OptionValues.refuse(
          spec, "it chooses among the images of a data set or folder", List.of("--split"));
    }
    if (data == null && pictures.isEmpty()) {
      OptionValues.refuse(
          spec, "--self-check has inputs of its own", List.of("--limit", "--threads"));
    }
    PrintWriter out = spec.commandLine().getOut();
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    PrintWriter err = spec.commandLine().getErr();
    try (SmolNetwork network = SmolNetwork.load(file, () -> engine.choose(err))) {
      result.put("network", network.packed().name());
      result.put("engine", network.engine().engine().name());
      result.put("cpu_class", Machine.here().cpuClass());
      result.put("isa", engine.asked().classOf(network.engine()).map(CpuClass::text).orElse(null));
      if (selfCheck) {
        int checked = SelfCheck.verify(network);
        result.put("self_check", checked);
        say(
            out,
            "self-check: "
                + checked
                + " digests equal on engine "
                + network.engine().engine().description());
      }
      List<Map<String, Object>> sets = new ArrayList<>();
      if (data != null) {
        sets.add(dataSet(network, open(network, data, split), out));
      }
      if (!pictures.isEmpty()) {
        List<Map<String, ?>> classified = classify(network, sets, out);
        if (!classified.isEmpty()) {
          result.put("pictures", classified);
        }
      }
      if (sets.size() == 1) {
        result.putAll(sets.getFirst());
      } else if (!sets.isEmpty()) {
        result.put("datasets", sets);
      }
    }
    json.write(result, out);
    out.flush();
    return 0;
  }

  private void say(PrintWriter out, String line) {
    if (!json.toStandardOutput()) {
      out.println(line);
    }
  }

  /** The images of a file or folder, of them no more than were asked for. */
  private ImageSet open(SmolNetwork network, Path path, Split part) {
    PackedNetwork packed = network.packed();
    ImageSet images =
        DataSource.open(path, part, Optional.of(packed.preprocessing()), packed.classNames());
    return limit > 0 ? images.first(Math.min(limit, images.count())) : images;
  }

  /** Runs all images; gives what JSON says of them. */
  private Map<String, Object> dataSet(SmolNetwork network, ImageSet images, PrintWriter out) {
    long before = System.nanoTime();
    int workers = Evaluation.workers(threads, images.count());
    float[][] scores;
    try (Bar bar = Bar.of("images", images.count())) {
      scores = Evaluation.scores(network, images, workers, bar::step);
    }
    double seconds = (System.nanoTime() - before) / 1e9;
    double accuracy = Math.round(Evaluation.accuracy(scores, images) * 100) / 100.0;
    say(
        out,
        String.format(
            Locale.ROOT,
            "%s: %.2f %% of %d images right, %.2f s on %d thread%s, engine %s",
            images.name(),
            accuracy,
            images.count(),
            seconds,
            workers,
            workers == 1 ? "" : "s",
            network.engine().engine().description()));
    return JsonOutput.object(
        "dataset",
        images.name(),
        "images",
        images.count(),
        "accuracy",
        accuracy,
        "seconds",
        Math.round(seconds * 1000) / 1000.0);
  }

  /** Classifies pictures, or those of a folder; a labelled data set gives its accuracy instead. */
  private List<Map<String, ?>> classify(
      SmolNetwork network, List<Map<String, Object>> sets, PrintWriter out) {
    List<Map<String, ?>> results = new ArrayList<>();
    List<String> classes = network.packed().classNames();
    for (Path picture : pictures) {
      ImageSet images = open(network, picture, Files.isDirectory(picture) ? split : Split.ALL);
      if (images.label(0) != ImageSet.UNLABELLED) {
        sets.add(dataSet(network, images, out));
        continue;
      }
      int workers = Evaluation.workers(threads, images.count());
      float[][] scores = Evaluation.scores(network, images, workers, () -> {});
      for (int i = 0; i < scores.length; i++) {
        double[] shares = shares(scores[i]);
        int best = 0;
        for (int c = 1; c < shares.length; c++) {
          best = shares[c] > shares[best] ? c : best;
        }
        String name = best < classes.size() ? classes.get(best) : "class " + best;
        say(
            out,
            String.format(
                Locale.ROOT, "%s: %s (%.1f %%)", images.source(i), name, 100 * shares[best]));
        results.add(
            JsonOutput.object("picture", images.source(i), "class", name, "share", shares[best]));
      }
    }
    return results;
  }

  /** Softmax of the scores. */
  private static double[] shares(float[] scores) {
    double max = scores[SmolNetwork.argmax(scores)];
    double[] shares = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.exp(scores[i] - max);
      sum += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }
}
