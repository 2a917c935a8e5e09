package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class PatternSetTest {
  @Test
  void presetsAreReadByNameInAnyCase() {
    for (PatternSet preset : PatternSet.presets()) {
      assertThat(PatternSet.parse(" " + preset.name().toLowerCase(Locale.ROOT) + " "))
          .isSameAs(preset);
    }
    assertThat(PatternSet.presets())
        .extracting(PatternSet::name)
        .containsExactly("U4", "U2", "P4", "P8", "P45", "FREE");
    assertThat(PatternSet.presets())
        .extracting(s -> s.patterns().size())
        .containsExactly(1, 1, 4, 8, 45, 45);
  }

  @Test
  void listsAreReadInTheirOrder() {
    PatternSet set = PatternSet.parse("(128,0,0); 0,64,0");
    assertThat(set.name()).isEqualTo("128,0,0;0,64,0");
    assertThat(set.patterns()).containsExactly(new Pattern(128, 0, 0), new Pattern(0, 64, 0));
    assertThat(set.precisions()).containsExactly(1, 2);
    assertThat(set.highestPrecision()).isEqualTo(2);
    assertThat(set.free()).isFalse();
    assertThat(PatternSet.parse(set.name())).isEqualTo(set);
  }

  @Test
  void othersAreRefused() {
    assertThatThrownBy(() -> PatternSet.parse("P5"))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "'P5' is not a pattern set: use one of U4, U2, P4, P8, P45, FREE, or list patterns such as 128,0,0;0,64,0.");
    assertThatThrownBy(() -> PatternSet.parse("0,64,0;0,64,0"))
        .hasMessage("Pattern set 0,64,0;0,64,0 names a pattern twice: name each once.");
    assertThatThrownBy(() -> PatternSet.parse("0,64,0;"))
        .hasMessage(
            "'' is not a pattern: write its numbers of 1-bit, 2-bit and 4-bit slots, for instance 32,32,8.");
    assertThatThrownBy(() -> new PatternSet("none", List.of(), false))
        .hasMessage(
            "Pattern set none has no patterns: give it at least one, for instance 32,32,8.");
    assertThatThrownBy(() -> new PatternSet(" ", Pattern.all(), false))
        .hasMessage("A pattern set needs a name: give it one.");
  }

  /** Reproduces the choice of docs/patterns.md. */
  @Test
  void theEightPatternsAreTheComputedOnes() {
    EightPatternChoice.Choice choice =
        Assertions.assertTimeout(Duration.ofSeconds(20), EightPatternChoice::choose);
    assertThat(choice.patterns()).isEqualTo(PatternSet.P8.patterns());
    assertThat(PatternSet.P8.patterns().subList(0, 4)).isEqualTo(PatternSet.P4.patterns());
    assertThat(choice)
        .extracting(
            EightPatternChoice.Choice::demands,
            EightPatternChoice.Choice::registers,
            EightPatternChoice.Choice::promotedBits,
            EightPatternChoice.Choice::equals)
        .containsExactly(3696, 20205L, 7588L, 1);
    assertThat(EightPatternChoice.judge(PatternSet.P8))
        .extracting(EightPatternChoice.Choice::registers, EightPatternChoice.Choice::promotedBits)
        .containsExactly(20205L, 7588L);
    assertThat(EightPatternChoice.judge(PatternSet.P4).registers()).isEqualTo(20668);
    assertThat(EightPatternChoice.judge(PatternSet.P45).registers()).isEqualTo(20188);
  }
}
