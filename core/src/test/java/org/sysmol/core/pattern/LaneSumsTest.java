package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneSumsTest {
  /** Equal answers to every question about up to so many registers. */
  private static void assertEqual(PatternSet set, int fewest, int most) {
    LaneSums fast = new UniformLaneSums(set);
    LaneSums table = new TableLaneSums(set.patterns());
    for (int r = fewest; r <= most; r++) {
      for (int lanes4 = 0; lanes4 <= 8 * r + 1; lanes4++) {
        for (int limit = 0; limit <= 8 * r + 1; limit++) {
          int expected = table.mostLanes2(r, lanes4, limit);
          assertThat(fast.mostLanes2(r, lanes4, limit))
              .as("%s: %d registers, %d lanes, limit %d", set.name(), r, lanes4, limit)
              .isEqualTo(expected);
          if (expected == limit) {
            assertHolds(set, fast.registers(r, limit, lanes4), r, limit, lanes4);
            assertHolds(set, table.registers(r, limit, lanes4), r, limit, lanes4);
          }
        }
      }
    }
  }

  private static void assertHolds(
      PatternSet set, List<Pattern> list, int registers, int lanes2, int lanes4) {
    assertThat(list).hasSize(registers);
    assertThat(set.patterns()).containsAll(list);
    assertThat(list).isSortedAccordingTo((a, b) -> index(set, a) - index(set, b));
    assertThat(list.stream().mapToInt(Pattern::lanes2).sum()).isEqualTo(lanes2);
    assertThat(list.stream().mapToInt(Pattern::lanes4).sum()).isEqualTo(lanes4);
  }

  private static int index(PatternSet set, Pattern p) {
    return set.patterns().indexOf(p);
  }

  @Test
  void theFewMixedRegistersMakeEverySumThatTheTableHas() {
    for (PatternSet set : PatternSet.presets()) {
      assertEqual(set, 0, 5);
    }
    assertEqual(PatternSet.P4, 18, 18);
    assertEqual(PatternSet.P8, 19, 19);
    assertEqual(PatternSet.P45, 17, 17);
  }

  @Test
  void soWithRandomSetsThatHaveTheUniformPatterns() {
    Random random = new Random(11);
    for (int trial = 0; trial < 40; trial++) {
      List<Pattern> patterns = new ArrayList<>(Pattern.all());
      patterns.removeAll(PatternSet.P4.patterns().subList(0, 3));
      Collections.shuffle(patterns, random);
      List<Pattern> chosen = new ArrayList<>(patterns.subList(0, 1 + random.nextInt(4)));
      if (trial % 4 == 0) {
        // Two precisions only: all on one side of the triangle of patterns.
        int missing = new int[] {1, 2, 4}[random.nextInt(3)];
        chosen = new ArrayList<>(patterns);
        chosen.removeIf(p -> p.slots(missing) > 0);
        chosen = new ArrayList<>(chosen.subList(0, 2));
        for (Pattern p : PatternSet.P4.patterns().subList(0, 3)) {
          if (p.slots(missing) == 0) {
            chosen.add(p);
          }
        }
      } else {
        chosen.addAll(PatternSet.P4.patterns().subList(0, 3));
      }
      Collections.shuffle(chosen, random);
      PatternSet set = new PatternSet("random " + trial, chosen, false);
      assertThat(LaneSums.of(set)).isInstanceOf(UniformLaneSums.class);
      assertEqual(set, 1, 4);
      assertEqual(set, 15, 16); // beyond the 14 mixed registers that may be needed
    }
  }

  @Test
  void theTableHasTheSumsOfAllMultisets() {
    for (String text :
        new String[] {"U4", "P4", "P8", "P45", "32,32,8", "64,0,16;0,32,16;64,32,0;48,40,0"}) {
      PatternSet set = PatternSet.parse(text);
      LaneSums table = new TableLaneSums(set.patterns());
      Exhaustive exhaustive = new Exhaustive(set);
      for (int r = 0; r <= 3; r++) {
        for (int lanes4 = 0; lanes4 <= 8 * r; lanes4++) {
          for (int lanes2 = 0; lanes2 + lanes4 <= 8 * r; lanes2++) {
            int lanes1 = 8 * r - lanes2 - lanes4;
            assertThat(table.mostLanes2(r, lanes4, lanes2) == lanes2)
                .isEqualTo(
                    exhaustive
                        .totals(r)
                        .contains(new Exhaustive.Slots(16 * lanes1, 8 * lanes2, 4 * lanes4)));
          }
        }
      }
    }
  }

  @Test
  void all45NeedOneMixedSumForEachElementOfTheGroup() {
    assertThat(new UniformLaneSums(PatternSet.P45).mixedSums()).isEqualTo(64);
    assertThat(new UniformLaneSums(PatternSet.P4).mixedSums()).isEqualTo(4);
    assertThat(new UniformLaneSums(PatternSet.U2).mixedSums()).isEqualTo(1);
  }

  @Test
  void aTableIsNeverLargerThanItsBound() {
    PatternSolver solver = PatternSolver.of(PatternSet.parse("32,32,8"));
    assertThat(solver.solve(new Demand(0, 0, 8 * 60)).registers()).hasSize(60);
    assertThatThrownBy(() -> solver.solve(new Demand(0, 0, 8 * 330)))
        .hasMessage(
            "A layer needs more than 320 registers with a pattern set that lacks a uniform pattern (128,0,0), (0,64,0) or (0,0,32) of a precision it uses: add that pattern to the set or split the layer.");
  }
}
