package org.sysmol.hardware.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.program.Call;
import org.sysmol.hardware.program.FloatProgrammer;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.NetworkProgrammer;
import org.sysmol.hardware.program.UniformNetwork;

/** What programs say beside the added instructions is AArch64: an assembler takes it. */
class AssemblyTest {
  @TempDir private Path folder;

  @Test
  void anAssemblerTakesTheProgramsOfAllNetworks() throws IOException {
    TreeSet<String> lines = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("..", "zoo"))) {
      for (Path file : files.filter(f -> f.toString().endsWith("s1.smol")).sorted().toList()) {
        PackedNetwork network = SmolFile.read(file);
        add(lines, NetworkProgrammer.of(network, Architecture.of(PatternSet.P4)));
        add(lines, FloatProgrammer.of(network, Core.OUT_OF_ORDER, 1));
        add(
            lines,
            NetworkProgrammer.of(UniformNetwork.of(network, 8), Architecture.of(PatternSet.U4)));
      }
    }
    assertThat(lines).hasSizeGreaterThan(500);
    assemble(lines);
  }

  @Test
  void farOffsetsAndSumsAreMadeOfWhatCanBeEncoded() throws IOException {
    TreeSet<String> lines = new TreeSet<>();
    Program.Builder code = new Program.Builder("far");
    for (int n : new int[] {0, 1, 255, 256, 4095, 4096, 4097, 65_520, 65_536, 87_168, 1_000_001}) {
      for (int sign : new int[] {1, -1}) {
        code.immediate(Opcode.ADD_X, 1, 2, sign * n);
        for (Opcode opcode : List.of(Opcode.LDR_Q, Opcode.LDR_D, Opcode.LDR_S, Opcode.STR_B)) {
          code.immediate(opcode, 3, 4, sign * n);
        }
      }
    }
    add(lines, code.build());
    assemble(lines);
  }

  private static void add(TreeSet<String> lines, NetworkProgram network) {
    network.steps().stream()
        .flatMap(s -> s.calls().stream())
        .map(Call::program)
        .distinct()
        .forEach(p -> add(lines, p));
  }

  private static void add(TreeSet<String> lines, Program program) {
    for (Instruction i : program.instructions()) {
      if (!i.opcode().added() && i.opcode() != Opcode.B_NE) {
        lines.add(i.toString());
      }
    }
  }

  private void assemble(TreeSet<String> lines) throws IOException {
    Assumptions.assumeTrue(
        org.sysmol.hardware.tool.ExternalProgram.LLVM_MC.present(),
        "llvm-mc-19 is not installed (Debian package llvm-19): programs are not assembled here");
    Files.write(folder.resolve("all.s"), lines);
    // It ends with code 1, and the lines that it refuses are in the message.
    org.sysmol.hardware.tool.ExternalProgram.LLVM_MC.run(
        folder,
        2,
        List.of(
            "-triple=aarch64", "-mattr=+dotprod,+i8mm", "-filetype=obj", "-o", "all.o", "all.s"));
    assertThat(folder.resolve("all.o")).exists();
  }
}
