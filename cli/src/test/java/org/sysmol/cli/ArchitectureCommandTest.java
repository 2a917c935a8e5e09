package org.sysmol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkSize;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.RegisterCount;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.core.pattern.PatternSolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Architectures and packings as a user names them. */
class ArchitectureCommandTest {
  private static final String SHAPES = "../datasets/shapes";

  @TempDir private Path folder;

  private String error = "";
  private String output = "";

  private int run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try (PrintStream saidTo = new PrintStream(said, true, StandardCharsets.UTF_8);
        PrintStream complainedTo = new PrintStream(complained, true, StandardCharsets.UTF_8)) {
      System.setOut(saidTo);
      System.setErr(complainedTo);
      return Main.run(arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
      output = said.toString(StandardCharsets.UTF_8);
      error = complained.toString(StandardCharsets.UTF_8);
    }
  }

  private PackedNetwork calibrated(String... registers) {
    Path out = folder.resolve("out");
    String[] common = {
      "train",
      "--from",
      SHAPES + "/residual.onnx",
      "--data",
      SHAPES,
      "--calibrate-only",
      "--threads",
      "1",
      "--out",
      out.toString()
    };
    String[] all = java.util.Arrays.copyOf(common, common.length + registers.length);
    System.arraycopy(registers, 0, all, common.length, registers.length);
    assertThat(run(all)).as(() -> error).isZero();
    return SmolFile.read(out.resolve("network.smol"));
  }

  private void refused(String part, String... arguments) {
    assertThat(run(arguments)).as(() -> error).isEqualTo(2);
    assertThat(error).startsWith("sysmol: ").endsWith(".\n").contains(part);
    assertThat(error.lines()).hasSize(1);
  }

  /** Registers of all outputs and taps, counted here once more. */
  private static long registers(PackedNetwork network, boolean spanning) {
    PatternSolver solver = PatternSolver.of(PatternSet.P4);
    long registers = 0;
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c
          && network.placements().stream().anyMatch(p -> p.tensor() == c.input())) {
        PackedWeights w = c.weights();
        assertThat(w.groups()).isEqualTo(1);
        int taps = spanning ? w.taps() : 1;
        int[] counts = new int[5];
        for (byte p : w.precision()) {
          counts[p]++;
        }
        registers +=
            (long) w.outputs()
                * (w.taps() / taps)
                * solver.countFor(taps * counts[1], taps * counts[2], taps * counts[4]);
      }
    }
    return registers;
  }

  @Test
  void registersThatSpanTapsLetNarrowLayersHaveFewBits() throws IOException {
    Path chip = folder.resolve("chip.arch");
    Files.writeString(chip, "# P4, but registers span taps\nspan-taps = yes\n");
    PackedNetwork plain = calibrated("--patterns", "P4", "--assign", "paper");
    PackedNetwork spanning = calibrated("--arch", chip.toString(), "--assign", "paper");
    assertThat(plain.patterns()).isEqualTo("P4");
    assertThat(spanning.patterns()).isEqualTo("P4+taps");
    NetworkSize plainSize = NetworkSize.of(plain);
    NetworkSize spanningSize = NetworkSize.of(spanning);
    assertThat(plainSize.registers()).isEqualTo(registers(plain, false));
    assertThat(spanningSize.registers()).isEqualTo(registers(spanning, true));
    assertThat(spanningSize.registerBits()).isEqualTo(128 * spanningSize.registers());
    assertThat(spanningSize.registers()).isLessThan(plainSize.registers());
    assertThat(spanningSize.bitsSearched()).isLessThan(plainSize.bitsSearched());
    // What another chip makes of it: the plain one's registers at these precisions.
    assertThat(
            NetworkSize.of(spanning, RegisterCount.of(spanning, Packing.parse("P4"))).registers())
        .isEqualTo(registers(spanning, false));

    Path json = folder.resolve("inspect.json");
    String file = folder.resolve("out/network.smol").toString();
    assertThat(run("inspect", file, "--json", json.toString())).as(() -> error).isZero();
    assertThat(output).contains("registers of 128 bits (packing P4+taps)");
    JsonNode seen = JsonMapper.builder().build().readTree(Files.readString(json));
    assertThat(seen.get("registers").asLong()).isEqualTo(spanningSize.registers());
    assertThat(run("inspect", file, "--arch", "P4+taps+256", "--json", json.toString())).isZero();
    assertThat(output).contains("registers of 256 bits (packing P4+taps+256)");
    seen = JsonMapper.builder().build().readTree(Files.readString(json));
    assertThat(seen.get("registers").asLong()).isLessThan(spanningSize.registers());
    assertThat(seen.get("architecture").asString()).isEqualTo("P4+taps+256");
    refused("U2", "inspect", file, "--arch", "U2");
  }

  @Test
  void whereLanesAreChargedABudgetOfRegistersIsOneOfLanes() {
    PackedNetwork lanes = calibrated("--patterns", "lane", "--registers", "300");
    assertThat(lanes.patterns()).isEqualTo("P45+lanes");
    NetworkSize size = NetworkSize.of(lanes);
    assertThat(size.registers()).isLessThanOrEqualTo(300);
    assertThat(size.registerBits() % 16).isZero();
    assertThat(NetworkSize.of(lanes, RegisterCount.of(lanes, Packing.parse("P45"))).registers())
        .isGreaterThan(300);
  }

  @Test
  void anArchitectureIsShownAsAFileToStartFrom() throws IOException {
    assertThat(run("inspect", "--arch", "lane")).as(() -> error).isZero();
    Path file = folder.resolve("mine.arch");
    Files.writeString(file, output);
    assertThat(ArchitectureFile.read(file)).isEqualTo(Architecture.named("lane"));
  }

  @Test
  void refusesByName() throws IOException {
    Path chip = folder.resolve("chip.arch");
    Files.writeString(chip, "span-tap = yes\n");
    refused("nothing to inspect", "inspect");
    refused("'chip' is no architecture", "inspect", "--arch", "chip");
    refused("--orders", "inspect", "--arch", "P4", "--orders");
    refused("line 1: there is no key span-tap;", "inspect", "--arch", chip.toString());
    refused(
        "line 1: there is no key span-tap;", "train", "--data", SHAPES, "--arch", chip.toString());
    refused("give one of them", "train", "--data", SHAPES, "--arch", "P4", "--patterns", "P4");
    refused("--arch with a file", "retarget", "x.trained", "--data", SHAPES);
    refused("P4+tips", "train", "--data", SHAPES, "--patterns", "P4+tips");
    refused("Whole lanes", "train", "--data", SHAPES, "--patterns", "P4+lanes");
  }
}
