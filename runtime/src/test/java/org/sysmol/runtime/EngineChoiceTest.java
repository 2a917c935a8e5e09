package org.sysmol.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** Which engine serves, and what is said when another was wanted. */
class EngineChoiceTest {
  private static final CpuFeatures MACHINE = CpuFeatures.detect();

  @Test
  void theFastestEngineServesUnlessAnotherIsNamed() {
    boolean generates = MACHINE.best() != CpuClass.BASELINE;
    assertThat(EngineChoice.auto().engine().name())
        .isEqualTo(generates ? "machine-code" : "vector");
    assertThat(EngineChoice.auto().refused())
        .hasSize(generates ? (MACHINE.limitation().isPresent() ? 1 : 0) : 1);
    for (String name : List.of("vector", "scalar")) {
      assertThat(EngineChoice.named(name).engine().name()).isEqualTo(name);
    }
  }

  @Test
  void aClassLowersMachineCode() {
    for (CpuClass cpuClass : MACHINE.classes()) {
      EngineChoice choice = EngineChoice.of("auto", Optional.of(cpuClass));
      if (cpuClass == CpuClass.BASELINE) {
        assertThat(choice.engine().name()).isEqualTo("vector");
        assertThat(choice.refused()).singleElement().asString().startsWith("machine-code: ");
      } else {
        assertThat(choice.engine().description())
            .isEqualTo("machine code generated for the network, class " + cpuClass.text());
        assertThat(choice.refused()).isEmpty();
        assertThat(EngineChoice.of("machine-code", Optional.of(cpuClass)).engine().description())
            .isEqualTo(choice.engine().description());
      }
    }
  }

  @Test
  void whatCannotBeHadIsSaid() {
    assertThatThrownBy(() -> EngineChoice.named("fast"))
        .isInstanceOf(SysmolException.class)
        .hasMessage("There is no engine fast; the engines are auto, machine-code, vector, scalar.");
    assertThatThrownBy(() -> EngineChoice.of("vector", Optional.of(CpuClass.AVX2)))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "A class of instructions goes with engine machine-code, not with engine vector.");
    assertThatThrownBy(() -> EngineChoice.of("machine-code", Optional.of(CpuClass.BASELINE)))
        .isInstanceOf(SysmolException.class)
        .hasMessageStartingWith("Engine machine-code cannot be used here: ");
    for (CpuClass cpuClass : CpuClass.values()) {
      if (!MACHINE.supports(cpuClass)) {
        assertThatThrownBy(() -> EngineChoice.of("auto", Optional.of(cpuClass)))
            .isInstanceOf(SysmolException.class)
            .hasMessageStartingWith("Code of class " + cpuClass.text() + " cannot run here, ");
      }
    }
  }
}
