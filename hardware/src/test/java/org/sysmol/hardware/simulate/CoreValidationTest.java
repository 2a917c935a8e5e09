package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.file.SmolFile;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** The pipeline against llvm-mca, and against what can be counted by hand. */
class CoreValidationTest {
  @TempDir private Path folder;

  @Test
  void loopsOfATrainedNetworkTakeWhatLlvmMcaSays() {
    Assumptions.assumeTrue(
        org.sysmol.hardware.tool.ExternalProgram.LLVM_MCA.present(),
        "llvm-mca-19 is not installed (Debian package llvm-19): the cores are not validated here");
    List<CoreValidation.Comparison> all =
        CoreValidation.compare(
            SmolFile.read(Path.of("..", "zoo", "fashion-P4-2.0-s1.smol")), folder);
    List<Double> errors =
        all.stream()
            .filter(c -> c.core().equals("neoverse-n1"))
            .map(CoreValidation.Comparison::errorPercent)
            .toList();
    // The core that estimates are made with by default: short loops are off by a quarter, never
    // more.
    assertThat(errors).hasSizeGreaterThan(6).allSatisfy(e -> assertThat(e).isBetween(-26.0, 5.0));
    List<Double> sizes = errors.stream().map(Math::abs).sorted().toList();
    assertThat(sizes.get(sizes.size() / 2)).isLessThan(CoreValidation.ERROR_PERCENT + 1);
  }

  @Test
  void whatCanBeCountedByHand() {
    // Eight independent sums, two units: four cycles. One sum: its latency each time.
    Program.Builder eight = new Program.Builder("eight");
    for (int d = 0; d < 8; d++) {
      eight.lane(Opcode.FMLA_4S, d, 30, 31, 0);
    }
    assertThat(ours(eight)).isCloseTo(4, within(0.01));
    Program.Builder one = new Program.Builder("one");
    one.lane(Opcode.FMLA_4S, 0, 30, 31, 0);
    assertThat(ours(one)).isCloseTo(Core.OUT_OF_ORDER.latencies().floatAccumulate(), within(0.01));
    // Two loads a cycle, and a store beside them that takes a vector unit.
    Program.Builder memory = new Program.Builder("memory");
    for (int d = 0; d < 6; d++) {
      memory.immediate(Opcode.LDR_Q, d, 0, 16 * d);
    }
    assertThat(ours(memory)).isCloseTo(3, within(0.01));
    memory.immediate(Opcode.STR_Q, 30, 1, 0);
    assertThat(ours(memory)).isCloseTo(3, within(0.01));
  }

  @Test
  void whatOnlySomeVectorUnitsDoTakesLonger() {
    assertThat(ours(eight(Opcode.ADD_4S))).isCloseTo(4, within(0.01));
    assertThat(ours(eight(Opcode.SDOT_4S))).isCloseTo(4, within(0.01));
    assertThat(ours(eight(Opcode.SMLAL_4S))).isCloseTo(8, within(0.01));
    assertThat(ours(eight(Opcode.UXTL_8H))).isCloseTo(8, within(0.01));
    assertThat(ours(eight(Opcode.MLA_8H))).isCloseTo(16, within(0.01));
    assertThat(ours(eight(Opcode.SCVTF_4S))).isCloseTo(16, within(0.01));
    // Multiplies and shifts have different units, so they don't hold each other up.
    Program.Builder both = eight(Opcode.SMLAL_4S);
    for (int d = 8; d < 16; d++) {
      both.op(Opcode.UXTL_8H, d, 30, 0);
    }
    assertThat(ours(both)).isCloseTo(8, within(0.01));
  }

  private static Program.Builder eight(Opcode opcode) {
    Program.Builder code = new Program.Builder("eight");
    for (int d = 0; d < 8; d++) {
      code.op(opcode, d, 30, 31);
    }
    return code;
  }

  @Test
  void loadsThatStepBecomeLoadsByOffset() {
    Program.Builder code = new Program.Builder("steps");
    int start = code.here();
    code.immediate(Opcode.LDR_Q_POST, 0, 9, 16);
    code.immediate(Opcode.LDR_Q_POST, 1, 10, 16);
    code.immediate(Opcode.LDR_Q_POST, 2, 9, 16);
    code.immediate(Opcode.STR_Q, 2, 10, 0);
    code.loop(7, start);
    List<Instruction> loop = CoreValidation.longestInnermost(code.build());
    // Something else reads x10, so it steps as before.
    assertThat(CoreValidation.withOffsets(loop).stream().map(Instruction::toString))
        .containsExactly(
            "ldr q0, [x9]",
            "ldr q1, [x10], #16",
            "ldr q2, [x9, #16]",
            "str q2, [x10]",
            "add x9, x9, #32",
            "subs x7, x7, #1",
            "b.ne 0");
  }

  private static double ours(Program.Builder builder) {
    List<Instruction> all = builder.build().instructions();
    // RET takes a slot of the front end; a loop has none.
    return CoreValidation.ours(
        all.stream().filter(i -> i.opcode() != Opcode.RET).toList(), Core.OUT_OF_ORDER);
  }
}
