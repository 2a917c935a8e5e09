package org.sysmol.hardware.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.hardware.rtl.SumModule;
import org.sysmol.hardware.rtl.UnitModule;
import org.sysmol.hardware.tool.ExternalProgram;

class EquivalenceTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @BeforeEach
  void tools() {
    assumeTrue(
        ExternalProgram.YOSYS.present()
            && ExternalProgram.ABC.present()
            && ExternalProgram.STA.present(),
        "Proofs are not tested: install the Debian packages yosys, berkeley-abc and opensta.");
  }

  private static Equivalence.Verdict compare(String verilog, String netlist, Duration limit) {
    return Equivalence.of(SumModule.NAME, verilog, netlist, GenericCells.liberty(), limit)
        .verdict();
  }

  @Test
  void provesTheNetlistOfVsumqAndRefutesAFaultInIt() {
    String verilog = SumModule.of(Architecture.named("U2")).emit();
    String netlist =
        Synthesis.of(Optional.empty()).cost(SumModule.NAME, verilog, Effort.REWRITTEN).netlist();
    assertThat(compare(verilog, netlist, LIMIT)).isEqualTo(Equivalence.Verdict.PROVED);
    assertThat(compare(verilog, netlist, Duration.ofMillis(1)))
        .isEqualTo(Equivalence.Verdict.UNDECIDED);
    // One gate of many becomes another, deep in the sums.
    Matcher gates = Pattern.compile("  XNOR2 ").matcher(netlist);
    assertThat(gates.results().count()).isGreaterThan(10);
    gates.reset();
    for (int i = 0; i < 10; i++) {
      assertThat(gates.find()).isTrue();
    }
    String faulty =
        netlist.substring(0, gates.start()) + "  NOR2 " + netlist.substring(gates.end());
    assertThat(compare(verilog, faulty, LIMIT)).isEqualTo(Equivalence.Verdict.REFUTED);
    // The same netlist against Verilog with another fault.
    assertThat(compare(verilog.replace("{{2{x[63]}}", "{{2{x[62]}}"), netlist, LIMIT))
        .isEqualTo(Equivalence.Verdict.REFUTED);
  }

  @Test
  void provesADecoderOfManyPatterns() {
    // A choice among 45 constants, of which yosys would make a memory.
    String module = "pattern_registers";
    String verilog = UnitModule.of(UnitModule.Kind.MIXED, Architecture.named("P45")).emit();
    String netlist =
        Synthesis.of(Optional.empty()).cost(module, verilog, Effort.AS_WRITTEN).netlist();
    assertThat(Equivalence.of(module, verilog, netlist, GenericCells.liberty(), LIMIT).verdict())
        .isEqualTo(Equivalence.Verdict.PROVED);
  }

  @Test
  void refusesUnitsOfOtherPorts() {
    String narrow = SumModule.of(Architecture.named("U2")).emit();
    String wide = narrow.replace("output wire [127:0] q", "output wire [127:0] p");
    assertThatThrownBy(() -> compare(narrow, wide.replace(".q(q[", ".q(p["), LIMIT))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("abc could not compare sum_unit with its netlist");
  }
}
