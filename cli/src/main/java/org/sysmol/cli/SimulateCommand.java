package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.hardware.simulate.CoreValidation;
import org.sysmol.hardware.simulate.EnergyModel;
import org.sysmol.hardware.simulate.NetworkRun;
import org.sysmol.hardware.simulate.Simulation;
import org.sysmol.hardware.simulate.Simulator;
import org.sysmol.hardware.simulate.StepResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Cycles and energy of a network on a core with a mixed unit. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description =
        "Executes a network's programs on a core with the mixed unit, instruction by instruction, and"
            + " counts cycles and energy, beside the same network in other precisions on the same"
            + " core.",
    footer = {
      "",
      "Examples:",
      "  sysmol simulate zoo/fashion-P4-2.0-s1.smol",
      "  sysmol simulate resnet18 --bits 2 --arch P4 --json -",
      "  sysmol simulate resnet20 --mix 20,60,20 --arch chip.arch --baseline fp32,int8",
      "  sysmol simulate resnet20 --report resnet20.html --listing resnet20.s"
    })
final class SimulateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private JsonOutput json = new JsonOutput();
  @Mixin private SimulationOutput output = new SimulationOutput();

  @Parameters(
      index = "0",
      paramLabel = "NET",
      completionCandidates = NetworkNames.class,
      description =
          "A packed network NET.smol, or the name of a built-in one: ${COMPLETION-CANDIDATES}.")
  private String network = "";

  @Option(
      names = "--mix",
      paramLabel = "A,B,C",
      description =
          "With a name: percentages of 1-, 2- and 4-bit channels that every searched layer asks for;"
              + " each gets the fewest registers that hold them, and then the most bits.")
  private @Nullable String mix;

  @Option(
      names = "--bits",
      paramLabel = "B",
      description =
          "With a name: mean bits that the layers ask for, instead of a mix (default: 2).")
  private @Nullable Double bits;

  @Option(
      names = "--arch",
      paramLabel = "NAME|FILE",
      defaultValue = "P4",
      description = "The chip: a preset or an architecture file (default: ${DEFAULT-VALUE}).")
  private String arch = "P4";

  @Option(
      names = "--baseline",
      paramLabel = "LIST",
      defaultValue = "fp32,int8,u4,u2",
      description =
          "What to compare with: some of fp32, int8, u4, u2, or none (default: ${DEFAULT-VALUE}).")
  private String baselines = "fp32,int8,u4,u2";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the picture and, with a name, of weights (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--full",
      description =
          "Time every call of a program; without it, calls like two that were timed are not.")
  private boolean full;

  @Option(
      names = "--validate",
      description =
          "Compare the model of the core with llvm-mca (Debian package llvm-19) on the loops of the"
              + " network's baselines instead.")
  private boolean validate;

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (validate) {
      OptionValues.refuse(
          Objects.requireNonNull(spec),
          "--validate simulates no network",
          List.of("--report", "--loop", "--listing", "--full", "--baseline"));
    }
    Architecture architecture = Architecture.named(arch);
    List<Simulation.Baseline> others = baselines();
    PackedNetwork packed = packed(architecture);
    if (validate) {
      return SimulationValidation.run(packed, json, out);
    }
    output.begin(packed, architecture, network);
    Simulator.Shortcut shortcut = full ? Simulator.Shortcut.NONE : Simulator.Shortcut.STEADY_STATE;
    float[] image = image(packed);
    NetworkRun run = Simulation.run(packed, architecture, image, shortcut);
    Map<Simulation.Baseline, NetworkRun> compared = new LinkedHashMap<>();
    for (Simulation.Baseline other : others) {
      compared.put(other, Simulation.run(packed, architecture, other, image, shortcut));
    }
    EnergyModel energy = new EnergyModel(architecture.core());
    if (!json.toStandardOutput()) {
      show(out, packed, architecture, run, compared, energy);
    }
    json.write(result(packed, architecture, run, compared, energy), out);
    output.end(packed, architecture, image, full, run, compared);
    return 0;
  }

  private List<Simulation.Baseline> baselines() {
    List<Simulation.Baseline> list = new ArrayList<>();
    if (!baselines.equals("none")) {
      for (String name : baselines.split(",", -1)) {
        list.add(Simulation.Baseline.parse(name));
      }
    }
    return list;
  }

  private PackedNetwork packed(Architecture architecture) {
    boolean file = network.endsWith(".smol") || network.indexOf('/') >= 0;
    if (file) {
      if (mix != null || bits != null) {
        throw SysmolException.badInput(
            "--mix and --bits go with the name of a network: the precisions of %s are in the file already."
                .formatted(network));
      }
      return SmolFile.read(Path.of(network));
    }
    if (Files.exists(Path.of(network))) {
      throw SysmolException.badInput(
          "%s is a file whose name does not end in .smol, so it was taken for a network's name; write ./%s."
              .formatted(network, network));
    }
    if (mix != null && bits != null) {
      throw SysmolException.badInput("--mix and --bits say the same thing; give one of them.");
    }
    ChannelMix channels =
        mix != null ? ChannelMix.parse(mix) : ChannelMix.ofBits(bits == null ? 2 : bits);
    return Subject.ofZoo(network, channels, architecture.packing().narrow(), seed).packed();
  }

  private float[] image(PackedNetwork packed) {
    float[] image = new float[packed.image().size()];
    Random random = new Random(seed);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextGaussian();
    }
    return image;
  }

  private static void show(
      PrintWriter out,
      PackedNetwork packed,
      Architecture architecture,
      NetworkRun run,
      Map<Simulation.Baseline, NetworkRun> compared,
      EnergyModel energy) {
    NetworkSize size = NetworkSize.of(packed);
    double megahertz = architecture.core().clockMhz();
    out.printf(
        Locale.ROOT,
        "%s on %s: %.3f GMAC, %.2f bits over searched layers by MACs, %d MHz%n%n",
        packed.name(),
        architecture.name(),
        size.macs() / 1e9,
        size.bitsSearchedByMacs(),
        architecture.core().clockMhz());
    out.printf("%-28s %-16s %12s %12s %10s%n", "step", "kind", "cycles", "instructions", "uJ");
    for (StepResult step : run.steps()) {
      out.printf(
          Locale.ROOT,
          "%-28s %-16s %12d %12d %10.2f%n",
          step.name(),
          step.kind(),
          step.cycles(),
          step.work().allInstructions(),
          energy.microjoules(step.work()));
    }
    out.printf("%n%-10s %12s %10s %10s %8s %8s%n", "", "cycles", "ms", "uJ", "cycles", "energy");
    double own = energy.microjoules(run.work());
    out.printf(
        Locale.ROOT,
        "%-10s %12d %10.3f %10.1f%n",
        architecture.name(),
        run.cycles(),
        run.cycles() / megahertz / 1e3,
        own);
    for (Map.Entry<Simulation.Baseline, NetworkRun> entry : compared.entrySet()) {
      NetworkRun other = entry.getValue();
      double joules = energy.microjoules(other.work());
      out.printf(
          Locale.ROOT,
          "%-10s %12d %10.3f %10.1f %7.2fx %7.2fx%n",
          entry.getKey().text(),
          other.cycles(),
          other.cycles() / megahertz / 1e3,
          joules,
          (double) other.cycles() / run.cycles(),
          joules / own);
    }
    out.printf(
        Locale.ROOT,
        "%nThese are estimates: on loops of baselines cycles differ from llvm-mca's by %.0f %% in the median (--validate; docs/hardware.md).%n",
        CoreValidation.ERROR_PERCENT);
    out.flush();
  }

  private Map<String, Object> result(
      PackedNetwork packed,
      Architecture architecture,
      NetworkRun run,
      Map<Simulation.Baseline, NetworkRun> compared,
      EnergyModel energy) {
    NetworkSize size = NetworkSize.of(packed);
    double own = energy.microjoules(run.work());
    Map<String, Object> others = new LinkedHashMap<>();
    Map<String, Object> ratios = new LinkedHashMap<>();
    for (Map.Entry<Simulation.Baseline, NetworkRun> entry : compared.entrySet()) {
      NetworkRun other = entry.getValue();
      double joules = energy.microjoules(other.work());
      others.put(
          entry.getKey().text(), JsonOutput.object("cycles", other.cycles(), "energy_uj", joules));
      ratios.put(
          entry.getKey().text(),
          JsonOutput.object(
              "cycles", (double) other.cycles() / run.cycles(), "energy", joules / own));
    }
    List<Map<String, Object>> layers = new ArrayList<>();
    for (StepResult step : run.steps()) {
      layers.add(
          JsonOutput.object(
              "name",
              step.name(),
              "kind",
              step.kind(),
              "cycles",
              step.cycles(),
              "instructions",
              step.work().allInstructions(),
              "energy_uj",
              energy.microjoules(step.work()),
              "energy_pj",
              energy.picojoules(step.work())));
    }
    return JsonOutput.object(
        "network",
        packed.name(),
        "arch",
        architecture.name(),
        "bits",
        JsonOutput.object(
            "all",
            size.bitsAll(),
            "searched",
            size.bitsSearched(),
            "searched_by_macs",
            size.bitsSearchedByMacs()),
        "cycles",
        run.cycles(),
        "energy_uj",
        own,
        "baselines",
        others,
        "ratio",
        ratios,
        "error_percent",
        CoreValidation.ERROR_PERCENT,
        "layers",
        layers);
  }
}
