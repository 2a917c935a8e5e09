package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sysmol.core.SysmolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the rows of docs/results.md. */
@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    description =
        "Trains the rows of docs/results.md that are not finished: each adds its packed network to"
            + " zoo/ and itself to docs/results.json and docs/results.md. May be cut off at any"
            + " moment and started again; two may run side by side.",
    footer = {
      "",
      "Examples:",
      "  sysmol reproduce --list                       what there is, and what is finished",
      "  sysmol reproduce --rows fashion-P4-2.0-s1     one row (25 minutes on one core)",
      "  sysmol reproduce --to my-results              all rows from nothing, beside the published"
    })
final class ReproduceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rows",
      split = ",",
      paramLabel = "NAME",
      description = "Only these rows, or those whose name starts so.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "Only say what rows there are.")
  private boolean list;

  @Option(names = "--again", description = "Also rows that are finished.")
  private boolean again;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      defaultValue = "",
      description = "Where docs/ and zoo/ are (default: this program's own folder).")
  private String to = "";

  @Option(
      names = "--held-out",
      description =
          "Train without every sixth training image and measure on those instead of the test"
              + " images: to choose a recipe. Needs --to.")
  private boolean heldOut;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "reproduce-work",
      description = "Where phases are kept that rows share (default: ${DEFAULT-VALUE}).")
  private Path work = Path.of("reproduce-work");

  @Option(
      names = "--fashion-mnist",
      paramLabel = "DIR",
      defaultValue = "/usr/share/datasets/fashion-mnist",
      description =
          "All of Fashion-MNIST: the Debian package dataset-fashion-mnist (default:"
              + " ${DEFAULT-VALUE}).")
  private Path fashion = Path.of("");

  @Option(
      names = "--cifar10",
      paramLabel = "DIR",
      defaultValue = "",
      description = "CIFAR-10: binary batches, or pictures in a folder for each class.")
  private Path cifar = Path.of("");

  @Option(
      names = "--resnet20",
      paramLabel = "FILE",
      defaultValue = "",
      description = "A ResNet-20 for CIFAR-10 with its weights, in ONNX.")
  private Path resnet20 = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (heldOut && to.isEmpty()) {
      throw SysmolException.badInput(
          "Rows measured on held-out training images don't belong into the published table; name a"
              + " folder for them with --to.");
    }
    Path home = Path.of(to.isEmpty() ? System.getProperty("sysmol.home", ".") : to);
    ResultsFile results = new ResultsFile(home.resolve("docs"));
    List<ResultRow> rows = chosen();
    if (list) {
      for (ResultRow row : rows) {
        out.println(row.name() + (results.has(row) ? "  finished" : ""));
      }
      out.flush();
      return 0;
    }
    Training.makeFolder(work, "--work");
    Training.makeFolder(home.resolve("docs"), "--to");
    Training.makeFolder(home.resolve("zoo"), "--to");
    try (TrainingProgress progress = new TrainingProgress()) {
      Reproduction reproduction =
          new Reproduction(
              this::open,
              work,
              home.resolve("zoo"),
              again ? row -> Optional.empty() : results::baseline,
              progress);
      for (ResultRow row : rows) {
        if (!again && results.has(row)) {
          continue;
        }
        System.err.println("row " + row.name());
        Map<String, Object> result =
            reproduction.run(row, row.command() + (heldOut ? " --held-out --to DIR" : ""));
        progress.finish();
        results.put(result);
        out.printf(
            Locale.ROOT,
            "%s: %s %%, fp32 %s %%, %s bits over all weights%n",
            row.name(),
            result.get("accuracy"),
            result.get("accuracy_fp32"),
            result.get("bits_all"));
        out.flush();
      }
    }
    return 0;
  }

  private Workload open(ResultRow row) {
    Workload workload =
        switch (row.dataset()) {
          case ResultRow.FASHION -> Workload.fashion(fashion);
          case ResultRow.CIFAR -> Workload.cifar(resnet20, cifar);
          default ->
              Workload.shapes(Path.of(System.getProperty("sysmol.home", ".")), row.network());
        };
    return heldOut ? workload.heldOut() : workload;
  }

  private List<ResultRow> chosen() {
    List<ResultRow> all = ResultRow.all();
    if (names.isEmpty()) {
      return all;
    }
    List<ResultRow> rows = new ArrayList<>();
    for (String name : names) {
      List<ResultRow> exact = all.stream().filter(r -> r.name().equals(name)).toList();
      List<ResultRow> found =
          exact.isEmpty() ? all.stream().filter(r -> r.name().startsWith(name)).toList() : exact;
      if (found.isEmpty()) {
        throw SysmolException.badInput(
            "There is no row " + name + "; --list says what rows there are.");
      }
      rows.addAll(found);
    }
    return rows;
  }
}
