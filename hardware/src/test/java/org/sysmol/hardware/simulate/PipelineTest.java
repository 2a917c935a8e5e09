package org.sysmol.hardware.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.architecture.Core;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;

/** What instructions wait for. */
class PipelineTest {
  private static final Core CORE = Core.OUT_OF_ORDER;

  private static long cycles(Instruction... code) {
    Trace trace = new Trace();
    for (int k = 0; k < code.length; k++) {
      trace.add(k, 0);
    }
    return new Pipeline(CORE).cycles(code, trace);
  }

  /** Ten sums that wait for each other, in register 5, and then these. */
  private static long behindALateRegister(Instruction... code) {
    List<Instruction> all = new ArrayList<>();
    for (int k = 0; k < 10; k++) {
      all.add(new Instruction(Opcode.FADD_4S, 5, 5, 5, 0, 0));
    }
    all.addAll(Arrays.asList(code));
    return cycles(all.toArray(Instruction[]::new));
  }

  private static Instruction vmac(int d, int n, int m, int a) {
    return new Instruction(Opcode.VMAC, d, n, m, a, 0);
  }

  @Test
  void aMixedMultiplyWaitsForWhatItAddsTo() {
    long late = behindALateRegister();
    int mixed = CORE.latencies().mixed();
    assertThat(behindALateRegister(vmac(6, 0, 1, 5))).isEqualTo(late + mixed);
    assertThat(behindALateRegister(vmac(6, 5, 1, 7))).isEqualTo(late + mixed);
    assertThat(behindALateRegister(vmac(6, 0, 5, 7))).isEqualTo(late + mixed);
    // What it writes is renamed.
    assertThat(behindALateRegister(vmac(5, 0, 1, 7))).isEqualTo(late);
  }

  /** From one multiply of a sum to the next the accumulator is forwarded, wherever it began. */
  @Test
  void aSumIsForwardedFromMultiplyToMultiply() {
    Instruction[] sum = new Instruction[20];
    Arrays.fill(sum, vmac(6, 0, 1, 6));
    sum[0] = vmac(6, 0, 1, 9);
    long chain = 19L * CORE.latencies().accumulate() + CORE.latencies().mixed();
    assertThat(cycles(sum)).isEqualTo(chain);
    sum[0] = new Instruction(Opcode.VMUL, 6, 0, 1, 0, 0);
    assertThat(cycles(sum)).isEqualTo(chain);
  }
}
