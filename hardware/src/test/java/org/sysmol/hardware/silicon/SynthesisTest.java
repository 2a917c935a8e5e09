package org.sysmol.hardware.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.tool.ExternalProgram;

class SynthesisTest {
  @BeforeEach
  void tools() {
    assumeTrue(
        ExternalProgram.YOSYS.present()
            && ExternalProgram.ABC.present()
            && ExternalProgram.STA.present(),
        "Synthesis is not tested: install the Debian packages yosys, berkeley-abc and opensta.");
  }

  /** A flip-flop of area 6 on each side of a gate whose area and level are known. */
  @Test
  void countsGatesAndLevels() {
    String verilog =
        """
        module small(input wire clk, input wire a, input wire b, output reg q);
          reg x, y;
          always @(posedge clk) begin
            x <= a;
            y <= b;
            q <= ~(x & y);
          end
        endmodule
        """;
    for (Effort effort : Effort.values()) {
      Synthesis.Cost cost = Synthesis.of(Optional.empty()).cost("small", verilog, effort);
      assertThat(cost.area()).isEqualTo(3 * 6 + 1);
      // Clock to output of the flip-flop, then the gate.
      assertThat(cost.delay()).isEqualTo(2);
    }
  }

  @Test
  void refusesALibraryThatIsNone() {
    assertThatThrownBy(() -> Synthesis.of(Optional.of(Path.of("no-such-file.lib"))))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("no-such-file.lib does not exist");
  }
}
