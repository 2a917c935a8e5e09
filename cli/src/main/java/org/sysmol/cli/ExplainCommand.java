package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.LayerAccount;
import org.sysmol.bench.Subject;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.cost.CostCache;
import org.sysmol.runtime.cost.CostTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says for each layer what runs it, why, and how far that is from what the processor can do. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description =
        "For each layer of a network: the kernel that runs it, why that one was chosen, its time"
            + " and its share of the processor's peak.",
    footer = {
      "",
      "Examples:",
      "  sysmol explain demo-out/demo.smol",
      "  sysmol explain --network resnet18 --bits 2 --isa avx2",
      "  sysmol explain net.smol --no-slow-path     fails if anything fell back"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private JsonOutput json = new JsonOutput();
  @Mixin private SubjectOptions subjectOptions = new SubjectOptions();
  @Mixin private EngineOptions engineOptions = new EngineOptions();

  @Option(
      names = "--no-slow-path",
      description =
          "Exit with 1 if the system refused a faster engine or class, or any layer fell back to"
              + " something slower, and name them.")
  private boolean noSlowPath;

  @Option(
      names = "--refresh-costs",
      description = "Measure the cost table anew instead of using the one kept for this machine.")
  private boolean refreshCosts;

  @Option(
      names = "--cost-table",
      paramLabel = "FILE",
      description = "Also write the cost table as JSON to FILE (docs/performance.md).")
  private @Nullable Path costTable;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    subjectOptions.check("explain");
    int threads = subjectOptions.threads();
    EngineClass engineClass = engineOptions.asked();
    List<String> aboutKernels = new ArrayList<>();
    if (refreshCosts) {
      aboutKernels.add("--refresh-costs");
    }
    if (costTable != null) {
      JsonOutput.check("--cost-table", costTable);
      aboutKernels.add("--cost-table");
    }
    engineOptions.refusePortable(threads, aboutKernels);
    Subject subject = subjectOptions.subject(Optional.empty());
    CostCache cache = CostCache.ofUser(err::println);
    CostTable[] used = new CostTable[1];
    LayerAccount account =
        LayerAccount.of(
            subject.packed(),
            engineClass,
            threads,
            subjectOptions.seed(),
            cpuClass -> used[0] = cache.get(cpuClass, refreshCosts));
    if (costTable != null) {
      JsonOutput.writeFile(CostTableFile.json(used[0]), costTable);
    }
    EngineOptions.report(account.choice(), err);
    ExplainOutput output = new ExplainOutput(subject.packed(), account, engineClass, threads);
    if (!json.toStandardOutput()) {
      output.show(out);
    }
    json.write(output.asMap(), out);
    out.flush();
    if (noSlowPath) {
      refuseSlowPaths(subject.packed().name(), account);
    }
    return 0;
  }

  /**
   * What {@code --no-slow-path} refuses: a slower engine or class than the processor has, and
   * layers that fell back.
   *
   * @throws SysmolException (failed) that names them
   */
  static void refuseSlowPaths(String network, LayerAccount account) {
    List<String> slow = new ArrayList<>();
    for (String why : account.choice().refused()) {
      slow.add("slower engine in use (" + why.replaceFirst("\\.$", "") + ")");
    }
    List<String> fallen =
        account.layers().stream()
            .filter(layer -> layer.explanation().fallback().isPresent())
            .map(layer -> layer.name() + " (" + layer.explanation().fallback().get() + ")")
            .toList();
    if (!fallen.isEmpty()) {
      slow.add(
          fallen.size()
              + (fallen.size() == 1 ? " layer" : " layers")
              + " fell back to something slower: "
              + String.join("; ", fallen));
    }
    if (!slow.isEmpty()) {
      throw SysmolException.failed(
          "Network " + network + " takes a slow path: " + String.join("; ", slow) + ".");
    }
  }
}
