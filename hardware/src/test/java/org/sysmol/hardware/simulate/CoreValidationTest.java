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
        org.sysmol.hardware.tool.Program.LLVM_MCA.present(),
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

  private static double ours(Program.Builder builder) {
    List<Instruction> all = builder.build().instructions();
    // RET takes a slot of the front end; a loop has none.
    return CoreValidation.ours(
        all.stream().filter(i -> i.opcode() != Opcode.RET).toList(), Core.OUT_OF_ORDER);
  }
}
