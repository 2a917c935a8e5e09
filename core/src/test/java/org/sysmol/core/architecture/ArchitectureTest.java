package org.sysmol.core.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.PatternSet;

class ArchitectureTest {
  @Test
  void presetsCarryTheNamesOfTheirPatternSets() {
    assertThat(Architecture.presets())
        .extracting(Architecture::name)
        .containsExactly("U4", "U2", "P4", "P8", "P45", "FREE", "lane", "register");
    Architecture p4 = Architecture.of(PatternSet.P4);
    assertThat(p4)
        .isEqualTo(
            new Architecture(
                "P4",
                128,
                16,
                List.of(1, 2, 4),
                PatternSet.P4,
                16,
                false,
                false,
                Core.OUT_OF_ORDER));
    assertThat(p4.repeats()).isEqualTo(1);
    assertThat(
            new Architecture(
                    "wide",
                    512,
                    16,
                    List.of(1, 2, 4),
                    PatternSet.P4,
                    16,
                    true,
                    false,
                    Core.OUT_OF_ORDER)
                .repeats())
        .isEqualTo(4);
  }

  @Test
  void whatNoChipHasIsRefusedByName() {
    List<Integer> all = List.of(1, 2, 4);
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x", 192, 16, all, PatternSet.P4, 16, false, false, Core.OUT_OF_ORDER))
        .isInstanceOf(SysmolException.class)
        .hasMessage("Architecture x has registers of 192 bits: use 128, 256 or 512.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x", 128, 8, all, PatternSet.P4, 16, false, false, Core.OUT_OF_ORDER))
        .hasMessage("Architecture x has lanes of 8 bits: use 16.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x", 128, 16, all, PatternSet.P4, 32, false, false, Core.OUT_OF_ORDER))
        .hasMessage("Architecture x has accumulators of 32 bits: use 16.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x",
                    128,
                    16,
                    List.of(1, 3),
                    PatternSet.P4,
                    16,
                    false,
                    false,
                    Core.OUT_OF_ORDER))
        .hasMessage("Architecture x has precisions [1, 3]: use some of 1, 2 and 4.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x",
                    128,
                    16,
                    List.of(2, 1),
                    PatternSet.P4,
                    16,
                    false,
                    false,
                    Core.OUT_OF_ORDER))
        .hasMessage("Architecture x has precisions [2, 1]: use each once, ascending.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "x",
                    128,
                    16,
                    List.of(1, 2),
                    PatternSet.P4,
                    16,
                    false,
                    false,
                    Core.OUT_OF_ORDER))
        .hasMessage(
            "Architecture x allows precisions [1, 2], but its pattern set P4 holds [1, 2, 4]: add what is missing or choose another set.");
    assertThatThrownBy(
            () ->
                new Architecture(
                    "", 128, 16, all, PatternSet.P4, 16, false, false, Core.OUT_OF_ORDER))
        .hasMessage("An architecture needs a name: give it one.");
  }
}
