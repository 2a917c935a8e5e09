package org.sysmol.hardware.rtl.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.rtl.SumModule;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.rtl.UnitModule;
import org.sysmol.hardware.tool.WorkFolder;

class OperationVectorsTest {
  private static List<String> patterns(String architecture) {
    return OperationVectors.of("mixed_unit", Architecture.named(architecture), 1, 1)
        .operations()
        .stream()
        .flatMap(operation -> operation.pattern().stream())
        .map(Pattern::toString)
        .distinct()
        .toList();
  }

  @Test
  void takesUniformPatternsAndAtMostFourMixedOnes() {
    assertThat(patterns("U2")).containsExactly("(0,64,0)");
    assertThat(patterns("P4"))
        .containsExactlyInAnyOrder("(128,0,0)", "(0,64,0)", "(0,0,32)", "(32,32,8)");
    assertThat(patterns("P45")).hasSize(7).contains("(128,0,0)", "(0,64,0)", "(0,0,32)");
    Architecture p4 = Architecture.named("P4");
    assertThat(OperationVectors.of(SumModule.NAME, p4, 1, 9).operations()).isEmpty();
  }

  /** Products of a register, of wide registers too, and results that the RTL agrees with. */
  @Test
  void hasTheResultsOfTheUnit() {
    assumeTrue(
        Simulator.IVERILOG.present(),
        "The RTL is not simulated: iverilog is not installed (Debian package iverilog).");
    Architecture architecture = Architecture.named("P4+256");
    OperationVectors vectors = OperationVectors.of("extended_unit", architecture, 5, 130);
    assertThat(vectors.operations()).hasSize(3 + 4);
    assertThat(vectors.operations().stream().map(OperationVectors.Operation::products))
        .containsExactlyInAnyOrder(32, 16, 32, 256, 128, 64, 144);
    Testbench testbench = new Testbench("extended_unit", 256, vectors.lines());
    try (WorkFolder folder = WorkFolder.create()) {
      vectors.write(folder.path().resolve(testbench.file()));
      Simulator.Count count =
          Simulator.IVERILOG.run(
              folder, testbench, UnitModule.of(UnitModule.Kind.EXTENDED, architecture).emit());
      assertThat(count.checked()).isEqualTo(vectors.compared()).isEqualTo(7 * 134);
      assertThat(count.mismatches()).isZero();
    }
  }
}
