package org.sysmol.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.Goldens;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.hardware.rtl.RtlFiles;
import org.sysmol.hardware.rtl.check.GoldenTest;
import org.sysmol.hardware.rtl.check.LayerRegisters;
import org.sysmol.hardware.rtl.check.Simulator;
import org.sysmol.hardware.silicon.Effort;
import org.sysmol.hardware.silicon.GenericCells;
import org.sysmol.hardware.silicon.Synthesis;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.SmolNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** An architecture's vector units as Verilog: written, checked, and measured in silicon. */
@Command(
    name = "rtl",
    mixinStandardHelpOptions = true,
    description =
        "Emits an architecture's vector units as Verilog-2005, checks them against Java, and"
            + " measures their area and delay (docs/hardware.md).",
    footer = {
      "",
      "Examples:",
      "  sysmol rtl --arch P4 --out rtl-p4      Verilog, testbenches, vectors, synthesis scripts",
      "  sysmol rtl --check --arch P45          100,000 vectors against Java",
      "  sysmol rtl --check --arch P4 --network zoo/fashion-P4-2.0-s1.smol",
      "  sysmol rtl --synth --arch P4           kGE and gate levels, cells of this project",
      "  sysmol rtl --synth --liberty sg13g2_stdcell_typ_1p20V_25C.lib",
      "",
      "Needed: for --check the Debian package iverilog, or verilator with g++ and make (faster); for",
      "--synth yosys, berkeley-abc and opensta."
    })
final class RtlCommand implements Callable<Integer> {
  private static final int WRITTEN_VECTORS = 1000;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--arch",
      paramLabel = "A",
      description = "Preset, packing or architecture file (default: ${DEFAULT-VALUE}).")
  private String arch = "P4";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write the Verilog and what belongs to it to DIR.")
  private @Nullable Path out;

  @Option(names = "--check", description = "Simulate and compare with Java; exit 1 on a mismatch.")
  private boolean check;

  @Option(
      names = "--vectors",
      paramLabel = "N",
      description =
          "Vectors of mixed instructions for each unit that has them, a quarter as many of each other"
              + " instruction (default: ${DEFAULT-VALUE}).")
  private int vectors = 100_000;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the vectors (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "Also check with the weights and codes of this network's layers.")
  private @Nullable Path network;

  @Option(names = "--synth", description = "Synthesise; area and longest path of each unit.")
  private boolean synth;

  @Option(
      names = "--liberty",
      paramLabel = "FILE",
      description = "Cell library for --synth, also with .gz (default: generic cells).")
  private @Nullable Path liberty;

  @Override
  public Integer call() {
    if (out == null && !check && !synth) {
      throw SysmolException.badInput("Nothing to do: use --out DIR, --check or --synth.");
    }
    if (vectors < 1 || vectors > 5_000_000) {
      throw SysmolException.badInput("--vectors takes a number from 1 to 5000000.");
    }
    Architecture architecture = Architecture.named(arch);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("arch", architecture.name());
    if (out != null) {
      write(architecture, out);
    }
    int mismatches = check ? check(architecture, result) : 0;
    if (synth) {
      synthesise(architecture, result);
    }
    json.write(result, output());
    output().flush();
    if (mismatches > 0) {
      throw SysmolException.failed(
          "%d results of the RTL of architecture %s differ from Java; the RTL is wrong and must not be used."
              .formatted(mismatches, architecture.name()));
    }
    return 0;
  }

  private PrintWriter output() {
    return spec.commandLine().getOut();
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation's library is not used here.
  private void say(String format, Object... arguments) {
    PrintWriter to = json.toStandardOutput() ? spec.commandLine().getErr() : output();
    to.printf(Locale.ROOT, format + "%n", arguments);
    to.flush();
  }

  private void write(Architecture architecture, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw SysmolException.failed(
          "The folder %s can't be made (%s); choose another.".formatted(folder, e.getMessage()), e);
    }
    RtlFiles.units(architecture)
        .forEach(
            (name, text) -> {
              put(folder, name, text);
              String module = name.substring(0, name.length() - 2);
              put(folder, module + ".ys", Synthesis.script(module, "cells.lib"));
            });
    put(folder, "cells.lib", GenericCells.liberty());
    put(folder, "abc.script", Effort.REWRITTEN.script(false));
    GoldenTest.writeTestbenches(architecture, seed, Math.min(vectors, WRITTEN_VECTORS), folder);
    say("written to %s: Verilog, testbenches with vectors, scripts of yosys", folder);
  }

  private static void put(Path folder, String name, String text) {
    AtomicFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  private int check(Architecture architecture, Map<String, Object> result) {
    Simulator simulator = Simulator.best();
    Optional<LayerRegisters> layers = Optional.ofNullable(network).map(this::layers);
    List<GoldenTest.Outcome> outcomes =
        new GoldenTest(architecture, seed, simulator).run(vectors, layers);
    List<Map<String, Object>> units = new ArrayList<>();
    int compared = 0;
    int mismatches = 0;
    for (GoldenTest.Outcome outcome : outcomes) {
      compared += outcome.vectors();
      mismatches += outcome.mismatches();
      say(
          "%-14s %,9d vectors  %d mismatches",
          outcome.unit(), outcome.vectors(), outcome.mismatches());
      units.add(
          JsonOutput.object(
              "unit", outcome.unit(),
              "vectors", outcome.vectors(),
              "mismatches", outcome.mismatches(),
              "instructions", outcome.byInstruction(),
              "patterns", outcome.byPattern()));
    }
    result.put("vectors", compared);
    result.put("mismatches", mismatches);
    result.put("seed", seed);
    result.put("simulator", simulator.name().toLowerCase(Locale.ROOT));
    if (layers.isPresent()) {
      result.put("network", String.valueOf(network));
      result.put("network_layers", layers.get().layers());
    }
    result.put("checked_units", units);
    return mismatches;
  }

  private LayerRegisters layers(Path file) {
    PackedNetwork packed = SmolFile.read(file);
    try (SmolNetwork loaded = SmolNetwork.of(packed, EngineChoice.of("scalar", Optional.empty()));
        SmolNetwork.Session session = loaded.newTracingSession()) {
      session.run(Goldens.image(seed, packed));
      List<byte[]> codes = new ArrayList<>();
      for (int t = 0; t < packed.tensors().size(); t++) {
        codes.add(session.tensors().codes(t));
      }
      LayerRegisters layers = LayerRegisters.of(packed, codes, vectors / 2);
      if (layers.layers() == 0) {
        throw SysmolException.badInput(
            "%s has no searched convolution without channel groups, so nothing to check with: name another network."
                .formatted(file));
      }
      return layers;
    }
  }

  private void synthesise(Architecture architecture, Map<String, Object> result) {
    Synthesis synthesis = Synthesis.of(Optional.ofNullable(liberty));
    List<Map<String, Object>> units = new ArrayList<>();
    double base = 0;
    double scale = liberty == null ? 1000 : 1;
    for (Map.Entry<String, String> file : RtlFiles.units(architecture).entrySet()) {
      String module = file.getKey().substring(0, file.getKey().length() - 2);
      Synthesis.Cost cost = synthesis.cost(module, file.getValue(), List.of(Effort.values()));
      if (base == 0) {
        base = cost.area();
      }
      say(
          liberty == null
              ? "%-14s %10.2f kGE  %6.0f levels  %5.3f of the base unit (radix-4 Booth)"
              : "%-14s %10.0f um2  %6.2f ns      %5.3f of the base unit (radix-4 Booth)",
          module,
          cost.area() / scale,
          cost.delay(),
          cost.area() / base);
      units.add(
          JsonOutput.object(
              "unit",
              module,
              "area",
              cost.area() / scale,
              "delay",
              cost.delay(),
              "ratio_to_base",
              cost.area() / base,
              "abc",
              cost.effort().name().toLowerCase(Locale.ROOT)));
    }
    result.put("library", liberty == null ? "generic" : liberty.toString());
    result.put("area_unit", liberty == null ? "kGE" : "library's, um2 as a rule");
    result.put("delay_unit", liberty == null ? "gate levels" : "library's, ns as a rule");
    result.put("multiplier", "radix-4 Booth");
    result.put("units", units);
  }
}
