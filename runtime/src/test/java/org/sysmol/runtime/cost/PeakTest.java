package org.sysmol.runtime.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.runtime.codegen.BitPlane;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.x86.Feature;
import org.sysmol.runtime.x86.Instruction;
import org.sysmol.runtime.x86.Mnemonic;

/** The loops by which peaks are measured do what they are said to do. */
class PeakTest {
  private static long count(PeakCode.Loop loop, Mnemonic mnemonic) {
    return loop.program().entries().stream()
        .filter(entry -> entry instanceof Instruction i && i.mnemonic() == mnemonic)
        .count();
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void roundsDoWhatTheyCount(CpuClass cpuClass) {
    PeakCode.Loop bytes = PeakCode.bytes(cpuClass);
    long expected =
        count(bytes, Mnemonic.TDPBUSD) * 16 * 16 * 64
            + count(bytes, Mnemonic.VPDPBUSD) * (cpuClass == CpuClass.AVX512 ? 64 : 32)
            + count(bytes, Mnemonic.VPMADDUBSW) * 32;
    assertThat(bytes.unitsPerRound()).isEqualTo(expected).isPositive();
    Set<Feature> allowed = EnumSet.copyOf(cpuClass.features());
    assertThat(bytes.program().entries())
        .allMatch(e -> !(e instanceof Instruction i) || allowed.containsAll(i.features()));
    if (BitPlane.counts(cpuClass)) {
      PeakCode.Loop bits = PeakCode.bits(cpuClass);
      assertThat(bits.unitsPerRound()).isEqualTo(count(bits, Mnemonic.VPOPCNTD) * 16 * 32);
    }
  }

  @Test
  void thisMachineHasOne() {
    CpuClass best = CpuFeatures.detect().best();
    assertThat(best).isNotEqualTo(CpuClass.BASELINE);
    Peak peak = Peak.measure(best);
    assertThat(peak.bytes()).isBetween(5.0, 50_000.0);
    assertThat(peak.near()).isBetween(5.0, 5_000.0);
    assertThat(peak.memory()).isBetween(0.2, peak.near());
    assertThat(peak.nanoseconds(1_000_000, 0)).isEqualTo(1e6 / peak.bytes(), within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void bitsAreMeasuredWhereCodeOfTheClassCountsThem(CpuClass cpuClass) {
    assertThat(BitPlane.counts(cpuClass)).isEqualTo(cpuClass == CpuClass.AVX512);
    if (CpuFeatures.detect().supports(cpuClass)) {
      assertThat(Peak.measure(cpuClass).bits() > 0).isEqualTo(BitPlane.counts(cpuClass));
    }
  }

  @Test
  void bitsAndBytesAddUp() {
    Peak peak = new Peak(100, 1000, 1, 1, 1);
    assertThat(peak.max(new Peak(50, 2000, 3, 0.5, 1))).isEqualTo(new Peak(100, 2000, 3, 1, 1));
    assertThat(peak.nanoseconds(3000, 1000)).isEqualTo(21, within(1e-9));
    assertThat(new Peak(100, 0, 1, 1, 1).nanoseconds(3000, 0)).isEqualTo(30, within(1e-9));
  }
}
