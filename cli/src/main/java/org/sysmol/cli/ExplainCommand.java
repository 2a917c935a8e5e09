package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
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
      "  sysmol explain net.smol --no-slow-path     fails if any layer fell back"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private JsonOutput json = new JsonOutput();
  @Mixin private SubjectOptions subjectOptions = new SubjectOptions();
  @Mixin private EngineOptions engineOptions = new EngineOptions();

  @Option(
      names = "--no-slow-path",
      description = "Exit with 1 and name the layers if any fell back to something slower.")
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
      if (used[0] == null) {
        throw SysmolException.badInput(
            "--cost-table has nothing to write: no machine code runs on engine "
                + account.choice().engine().name()
                + ", and only its kernels are measured.");
      }
      JsonOutput.writeFile(CostTableFile.json(used[0]), costTable);
    }
    EngineOptions.report(account.choice(), err);
    ExplainOutput output = new ExplainOutput(subject.packed(), account, engineClass, threads);
    if (!json.toStandardOutput()) {
      output.show(out);
    }
    json.write(output.asMap(), out);
    out.flush();
    List<String> fallen =
        account.layers().stream()
            .filter(layer -> layer.explanation().fallback().isPresent())
            .map(layer -> layer.name() + " (" + layer.explanation().fallback().get() + ")")
            .toList();
    if (noSlowPath && !fallen.isEmpty()) {
      throw SysmolException.failed(
          fallen.size()
              + (fallen.size() == 1 ? " layer" : " layers")
              + " of "
              + subject.packed().name()
              + " fell back to something slower: "
              + String.join("; ", fallen)
              + ".");
    }
    return 0;
  }
}
