package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.RegisterCount;
import org.sysmol.core.packed.RegisterUse;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a packed network. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Shows what is in a .smol: layers, precisions, patterns, channel orders, bounds,"
            + " preprocessing, provenance.",
    footer = {
      "",
      "Examples:",
      "  sysmol inspect demo.smol",
      "  sysmol inspect demo.smol --orders",
      "  sysmol inspect demo.smol --arch chip.arch     as another chip's registers hold it",
      "  sysmol inspect --arch P4 > chip.arch          a file to start from"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NET.smol",
      description = "The packed network.")
  private @Nullable Path file;

  @Option(
      names = "--arch",
      paramLabel = "FILE",
      description =
          "Show registers as this architecture holds the network: a file, whose name has a dot or a"
              + " slash, or a name as train's --patterns. Without NET.smol: show the architecture.")
  private @Nullable String arch;

  @Option(names = "--orders", description = "Also print the channel order of every tensor.")
  private boolean orders;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (file == null) {
      return architecture(out);
    }
    PackedNetwork network = SmolFile.read(file);
    Architecture other = arch == null ? null : Architecture.named(arch);
    RegisterCount registers =
        other == null ? RegisterCount.of(network) : RegisterCount.of(network, other.packing());
    NetworkSize size = NetworkSize.of(network, registers);
    if (!json.toStandardOutput()) {
      header(network, registers, size, out);
      steps(network, registers, out);
      if (orders) {
        for (PackedTensor tensor : network.tensors()) {
          out.printf("order of %s: %s%n", tensor.name(), Arrays.toString(tensor.order()));
        }
      }
      out.println();
      network.provenance().facts().forEach((k, v) -> out.printf("%-16s %s%n", k, v));
    }
    Map<String, Object> result = asMap(network, registers, size);
    if (other != null) {
      result.put("architecture", other.name());
    }
    if (orders) {
      Map<String, Object> byTensor = new LinkedHashMap<>();
      for (PackedTensor tensor : network.tensors()) {
        byTensor.put(tensor.name(), tensor.order());
      }
      result.put("orders", byTensor);
    }
    json.write(result, out);
    out.flush();
    return 0;
  }

  private void header(
      PackedNetwork network, RegisterCount registers, NetworkSize size, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "network %s, patterns %s, rule %s: %,d weights, %,d MACs, %.3f bits per weight over all"
            + " layers, %.3f over searched ones (%.3f by MACs), %,d registers of %d bits"
            + " (packing %s)%n",
        network.name(),
        network.patterns(),
        network.assign(),
        size.weights(),
        size.macs(),
        size.bitsAll(),
        size.bitsSearched(),
        size.bitsSearchedByMacs(),
        size.registers(),
        registers.registerBits(),
        registers.packing());
    var p = network.preprocessing();
    out.printf(
        "input   %dx%dx%d (channels, rows, columns), resize %s, mean %s, std %s%n",
        p.channels(),
        p.height(),
        p.width(),
        p.resize().kind(),
        Arrays.toString(p.mean()),
        Arrays.toString(p.std()));
    out.printf("classes %s%n", String.join(", ", network.classNames()));
    out.printf("self-check digests: %d%n%n", network.goldens().size());
  }

  private void steps(PackedNetwork network, RegisterCount registers, PrintWriter out) {
    out.printf(
        "%-24s %-12s %-14s %-26s %-26s %s%n",
        "step", "kind", "output", "input channels 4/2/1 bit", "registers", "largest sum");
    for (Step step : network.steps()) {
      PackedTensor tensor = network.tensors().get(step.output());
      out.printf(
          "%-24s %-12s %-14s %-26s %-26s %s%n",
          step.name(),
          kind(step),
          tensor.channels() + "x" + tensor.height() + "x" + tensor.width(),
          channels(network, step),
          registers(registers, step),
          step instanceof Step.Convolution c
              ? String.format(Locale.ROOT, "%,d", c.bounds().magnitude())
              : "");
    }
  }

  private static String kind(Step step) {
    return switch (step) {
      case Step.QuantiseImage _ -> "image";
      case Step.Convolution c -> {
        Window w = c.window();
        String stride = w.strideY() == 1 && w.strideX() == 1 ? "" : "/" + w.strideY();
        yield "conv "
            + w.kernelHeight()
            + "x"
            + w.kernelWidth()
            + stride
            + (c.groups() > 1 ? " g" + c.groups() : "");
      }
      case Step.Requantise r -> r.reorders() ? "reorder" : "requantise";
      case Step.MaxPool _ -> "max pool";
      case Step.AveragePool _ -> "average pool";
      case Step.Join _ -> "join";
      case Step.Scale _ -> "scale";
      case Step.Table _ -> "table";
      case Step.Gather g ->
          "gather" + (g.inputs().size() > 1 ? " of " + g.inputs().size() + " tensors" : "");
    };
  }

  private static String channels(PackedNetwork network, Step step) {
    if (!(step instanceof Step.Convolution)) {
      return "";
    }
    return switch (network.tensors().get(step.input()).encoding()) {
      case Encoding.Mixed mixed -> {
        int[] counts = new int[5];
        for (byte p : mixed.precision()) {
          counts[p]++;
        }
        yield counts[4] + " / " + counts[2] + " / " + counts[1];
      }
      case Encoding.Eight _ -> "8 bit";
      case Encoding.Real _ -> "";
    };
  }

  /** Registers of one vector of a layer's weights, by their slots. */
  private static Map<String, Integer> patterns(RegisterUse use) {
    Map<String, Integer> counts = new TreeMap<>();
    int[] s = use.slots();
    for (int i = 0; i < s.length; i += 3) {
      counts.merge("(" + s[i] + "," + s[i + 1] + "," + s[i + 2] + ")", 1, Integer::sum);
    }
    return counts;
  }

  private static Optional<RegisterUse> use(RegisterCount registers, Step step) {
    return step instanceof Step.Convolution c ? registers.of(c) : Optional.empty();
  }

  private static String registers(RegisterCount registers, Step step) {
    List<String> parts = new ArrayList<>();
    use(registers, step)
        .ifPresent(
            use -> patterns(use).forEach((pattern, count) -> parts.add(count + " x " + pattern)));
    return String.join(" + ", parts);
  }

  /** Shows an architecture as the text of its file. */
  private int architecture(PrintWriter out) {
    if (arch == null) {
      throw SysmolException.badInput(
          "There is nothing to inspect; give a packed network, or --arch with an architecture.");
    }
    if (orders) {
      throw SysmolException.badInput(
          "--orders prints channel orders of a network; give one, for instance demo.smol.");
    }
    Architecture a = Architecture.named(arch);
    if (!json.toStandardOutput()) {
      out.print(ArchitectureFile.text(a));
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", a.name());
    map.put("register_bits", a.registerBits());
    map.put("lane_bits", a.laneBits());
    map.put("patterns", a.patterns().name());
    map.put("precisions", a.precisions());
    map.put("accumulator_bits", a.accumulatorBits());
    map.put("span_taps", a.spansTaps());
    map.put("charge", a.wholeLanes() ? "lanes" : "registers");
    json.write(map, out);
    out.flush();
    return 0;
  }

  private static Map<String, Object> asMap(
      PackedNetwork network, RegisterCount registers, NetworkSize size) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("network", network.name());
    result.put("patterns", network.patterns());
    result.put("assign", network.assign());
    result.put("weights", size.weights());
    result.put("macs", size.macs());
    result.put("bits", CompileCommand.bits(size));
    result.put("packing", registers.packing());
    result.put("registers", size.registers());
    result.put("register_bits", size.registerBits());
    var p = network.preprocessing();
    Map<String, Object> pre = new LinkedHashMap<>();
    pre.put("channels", p.channels());
    pre.put("height", p.height());
    pre.put("width", p.width());
    pre.put("resize", p.resize().kind());
    pre.put("mean", p.mean());
    pre.put("std", p.std());
    result.put("preprocessing", pre);
    result.put("classes", network.classNames());
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Step step : network.steps()) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("name", step.name());
      layer.put("kind", kind(step));
      layer.put("output", network.tensors().get(step.output()).name());
      if (step instanceof Step.Convolution c) {
        byte[] precision = c.weights().precision();
        int[] bits = new int[precision.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = precision[i];
        }
        layer.put("precision", bits);
        layer.put("order", network.tensors().get(c.input()).order());
        use(registers, step)
            .ifPresentOrElse(
                use -> {
                  layer.put("registers", patterns(use));
                  layer.put("vectors", use.vectors());
                },
                () -> layer.put("registers", Map.of()));
        layer.put("largest_sum", c.bounds().magnitude());
      }
      layers.add(layer);
    }
    result.put("layers", layers);
    result.put("provenance", network.provenance().facts());
    return result;
  }
}
