package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Machine;
import org.sysmol.bench.kernel.KernelTimes;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times single layers by JMH. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description =
        "Times single layers of a known network by JMH, each alone in a process of its own, on one"
            + " thread: the kernel without what surrounds it. Kernels are chosen by the costs kept for"
            + " this machine, if there are any.",
    footer = {
      "",
      "Examples:",
      "  sysmol kernels --network resnet18                 the first layer of each shape",
      "  sysmol kernels --layer stage1/block1/conv1 --mix 100,0,0 --isa avx2"
    })
final class KernelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "resnet18",
      completionCandidates = NetworkNames.class,
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String network = "resnet18";

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "A convolution of it; may be given again (default: the first of each shape).")
  private List<String> layers = List.of();

  @Option(
      names = "--mix",
      paramLabel = "A,B,C",
      description =
          "Percentages of 1-, 2- and 4-bit channels; may be given again (default: 1 bit, 2 bits, 4"
              + " bits and 50,30,20).")
  private List<String> mixes = List.of("100,0,0", "0,100,0", "0,0,100", "50,30,20");

  @Option(
      names = "--isa",
      paramLabel = "CLASS",
      description = "avx2, avxvnni, avx512 or amx (default: all that the processor has).")
  private @Nullable String isa;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<CpuClass> cpuClass = Optional.ofNullable(isa).map(CpuClass::parse);
    // Refuses here, in one sentence, what would fail in the processes that time.
    EngineChoice ignored = EngineChoice.of("machine-code", cpuClass);
    Machine machine = Machine.here();
    String used = cpuClass.orElseGet(() -> CpuFeatures.detect().best()).text();
    boolean text = !json.toStandardOutput();
    if (text) {
      out.printf(
          "CPU class %s (%s), code of class %s, one thread%n",
          machine.cpuClass(), machine.cpu(), used);
      out.printf("%-28s %-12s %12s %9s %8s  %s%n", "layer", "mix", "us", "+-", "GMAC/s", "kernel");
      out.flush();
    }
    List<String> chosen = layers.isEmpty() ? KernelTimes.layers(network) : layers;
    List<KernelTimes.Time> times =
        KernelTimes.measure(
            network,
            chosen,
            mixes,
            cpuClass,
            time -> {
              if (text) {
                out.printf(
                    Locale.ROOT,
                    "%-28s %-12s %12.2f %9.2f %8.1f  %s%n",
                    time.shape(),
                    time.mix(),
                    time.nanoseconds() / 1e3,
                    time.error() / 1e3,
                    time.gmacs(),
                    time.kernel());
                out.flush();
              }
            });
    json.write(
        JsonOutput.object(
            "network",
            network,
            "cpu_class",
            machine.cpuClass(),
            "isa",
            used,
            "layers",
            times.stream()
                .map(
                    time ->
                        JsonOutput.object(
                            "layer", time.layer(),
                            "shape", time.shape(),
                            "mix", time.mix(),
                            "kernel", time.kernel(),
                            "macs", time.macs(),
                            "ns", time.nanoseconds(),
                            "error_ns", time.error(),
                            "gmacs", time.gmacs()))
                .toList()),
        out);
    out.flush();
    return 0;
  }
}
