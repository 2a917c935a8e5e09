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
            + " measures their area, delay and energy (docs/silicon.md).",
    footer = {
      "",
      "Examples:",
      "  sysmol rtl --arch P4 --out rtl-p4      Verilog, testbenches, vectors, synthesis scripts",
      "  sysmol rtl --check --arch P45          100,000 vectors against Java",
      "  sysmol rtl --check --arch P4 --network zoo/fashion-P4-2.0-s1.smol",
      "  sysmol rtl --synth --arch P4           kGE and gate levels, cells of this project",
      "  sysmol rtl --synth --liberty sg13g2_stdcell_typ_1p20V_25C.lib   area, delay, energy",
      "  sysmol rtl --prove --arch P4           netlists proved equal to the Verilog",
      "",
      "Needed: for --check the Debian package iverilog, or verilator with g++ and make (faster); for",
      "--synth and --prove yosys, berkeley-abc and opensta; for energy iverilog too."
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
          "With --check: vectors of mixed instructions for each unit that has them, a quarter as"
              + " many of each other instruction (default: 100000). With --out: at most 1000.")
  private @Nullable Integer asked;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all vectors (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "With --check: also with the weights and codes of this network's layers.")
  private @Nullable Path network;

  @Option(
      names = "--synth",
      description =
          "Synthesise; area and longest path of each unit, and energy of each operation if the"
              + " library has energies.")
  private boolean synth;

  @Option(
      names = "--prove",
      description =
          "Synthesise and prove that each netlist equals its Verilog; exit 1 if one is not proved.")
  private boolean prove;

  @Option(
      names = "--prove-seconds",
      paramLabel = "N",
      description = "Time for each unit's proof (default: 600).")
  private @Nullable Integer proveSeconds;

  @Option(
      names = "--liberty",
      paramLabel = "FILE",
      description = "Cell library for --synth and --prove, also with .gz (default: generic cells).")
  private @Nullable Path liberty;

  private int vectors = 100_000;

  @Override
  public Integer call() {
    refuseWhatDoesNothing();
    Architecture architecture = Architecture.named(arch);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("arch", architecture.name());
    if (out != null) {
      write(architecture, out);
    }
    int mismatches = check ? check(architecture, result) : 0;
    Optional<SysmolException> unproved = Optional.empty();
    if (synth || prove) {
      SiliconMeasurement silicon =
          new SiliconMeasurement(
              architecture, Optional.ofNullable(liberty), line -> say("%s", line));
      if (synth) {
        silicon.measure(seed, result);
      }
      if (prove) {
        unproved = silicon.prove(proveSeconds == null ? 600 : proveSeconds, result);
      }
    }
    json.write(result, output());
    output().flush();
    if (mismatches > 0) {
      throw SysmolException.failed(
          "%d results of the RTL of architecture %s differ from Java; the RTL is wrong and must not be used."
              .formatted(mismatches, architecture.name()));
    }
    if (unproved.isPresent()) {
      throw unproved.get();
    }
    return 0;
  }

  private void refuseWhatDoesNothing() {
    if (out == null && !check && !synth && !prove) {
      throw SysmolException.badInput("Nothing to do: use --out DIR, --check, --synth or --prove.");
    }
    if (asked != null) {
      if (asked < 1 || asked > 5_000_000) {
        throw SysmolException.badInput("--vectors takes a number from 1 to 5000000.");
      }
      if (out == null && !check) {
        throw SysmolException.badInput("--vectors is for --check and --out: add one of them.");
      }
      vectors = asked;
    }
    if (network != null && !check) {
      throw SysmolException.badInput("--network is for --check: add it.");
    }
    if (liberty != null && !synth && !prove) {
      throw SysmolException.badInput("--liberty is for --synth and --prove: add one of them.");
    }
    if (proveSeconds != null && !prove) {
      throw SysmolException.badInput("--prove-seconds is for --prove: add it.");
    }
    if (proveSeconds != null && (proveSeconds < 1 || proveSeconds > 86_400)) {
      throw SysmolException.badInput("--prove-seconds takes a number from 1 to 86400.");
    }
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
}
