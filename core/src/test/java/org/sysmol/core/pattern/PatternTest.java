package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class PatternTest {
  @Test
  void thereAreExactly45() {
    List<Pattern> counted = new ArrayList<>();
    for (int n1 = 0; n1 <= 128; n1++) {
      for (int n2 = 0; n2 <= 128; n2++) {
        for (int n4 = 0; n4 <= 128; n4++) {
          boolean whole = n1 % 16 == 0 && n2 % 8 == 0 && n4 % 4 == 0;
          if (n1 + 2 * n2 + 4 * n4 == 128 && whole && n1 / 16 + n2 / 8 + n4 / 4 == 8) {
            counted.add(new Pattern(n1, n2, n4));
          }
        }
      }
    }
    assertThat(counted).hasSize(45);
    assertThat(Pattern.all()).containsExactlyInAnyOrderElementsOf(counted);
    for (Pattern p : counted) {
      assertThat(p.lanes1() + p.lanes2() + p.lanes4()).isEqualTo(8);
      assertThat(Pattern.ofLanes(p.lanes1(), p.lanes2(), p.lanes4())).isEqualTo(p);
      assertThat(p.slots()).isEqualTo(p.slots(1) + p.slots(2) + p.slots(4));
      assertThat(Pattern.parse(p.toString())).isEqualTo(p);
    }
  }

  @Test
  void thePrintedPatternOf192BitsIsRefused() {
    assertThatThrownBy(() -> new Pattern(32, 64, 8))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "(32,64,8) is not a pattern: a register has eight lanes, each of sixteen 1-bit, eight 2-bit or four 4-bit slots, for instance (32,32,8).");
  }

  @Test
  void slotsThatFillNoWholeLanesAreRefused() {
    int[][] wrong = {
      {120, 4, 0},
      {128, -8, 4},
      {-16, 72, 0},
      {0, 0, 0},
      {8, 60, 0},
      {Integer.MIN_VALUE, 0, 32},
      {2147483632, 2147483640, 2147483644}
    };
    for (int[] w : wrong) {
      assertThatThrownBy(() -> new Pattern(w[0], w[1], w[2])).isInstanceOf(SysmolException.class);
    }
  }

  @Test
  void unreadableTextIsRefused() {
    for (String text : new String[] {"", "1", "32,32", "32,32,8,0", "a,b,c", "32,32,99999999999"}) {
      assertThatThrownBy(() -> Pattern.parse(text))
          .hasMessage(
              "'"
                  + text
                  + "' is not a pattern: write its numbers of 1-bit, 2-bit and 4-bit slots, for instance 32,32,8.");
    }
    assertThat(Pattern.parse(" ( 32, 32 ,8) ")).isEqualTo(new Pattern(32, 32, 8));
  }
}
