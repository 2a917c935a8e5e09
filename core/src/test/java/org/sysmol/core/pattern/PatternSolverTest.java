package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

class PatternSolverTest {
  private static final List<String> SETS =
      List.of("U4", "P4", "P8", "P45", "128,0,0;0,0,32", "0,64,0;0,0,32;0,32,16");

  /** Sets without the uniform patterns, which need a table. */
  private static final List<String> ODD_SETS =
      List.of("32,32,8", "64,0,16;0,32,16;64,32,0;48,40,0", "128,0,0;32,32,8;16,0,28");

  private static void assertBest(PatternSolver solver, Exhaustive exhaustive, Demand d) {
    Placement found = solver.solve(d);
    Exhaustive.Best best = exhaustive.paperRule(d);
    if (found.registers().size() != best.registers()
        || found.bits() != best.bits()
        || found.n4() != best.n4()
        || found.channels() != d.channels()
        || found.n4() < d.n4()
        || found.n4() + found.n2() < d.n4() + d.n2()) {
      throw new AssertionError(solver.set().name() + " " + d + ": " + found + " not " + best);
    }
  }

  private static void assertFewest(
      PatternSolver solver, Exhaustive exhaustive, int m1, int m2, int m4) {
    Placement found = solver.registersFor(m1, m2, m4); // its constructor checks the slots
    int fewest = exhaustive.registersFor(m1, m2, m4);
    if (found.registers().size() != fewest
        || solver.countFor(m1, m2, m4) != fewest
        || found.n1() != m1
        || found.n2() != m2
        || found.n4() != m4) {
      throw new AssertionError(solver.set().name() + ": " + found + " not " + fewest);
    }
  }

  @Test
  void everySmallDemandIsMetAsExhaustiveSearchMeetsIt() {
    for (String text : SETS) {
      PatternSolver solver = PatternSolver.of(PatternSet.parse(text));
      Exhaustive exhaustive = new Exhaustive(solver.set());
      for (int n = 0; n <= 72; n++) {
        for (int n4 = 0; n4 <= n; n4++) {
          for (int n2 = 0; n4 + n2 <= n; n2++) {
            assertBest(solver, exhaustive, new Demand(n - n4 - n2, n2, n4));
          }
        }
      }
    }
  }

  @Test
  void everySmallCountIsHeldByAsFewRegistersAsExhaustiveSearchFinds() {
    for (String text : List.of("P4", "P8", "P45")) {
      PatternSolver solver = PatternSolver.of(PatternSet.parse(text));
      Exhaustive exhaustive = new Exhaustive(solver.set());
      for (int m1 = 0; m1 <= 60; m1 += m1 < 20 ? 1 : 3) {
        for (int m2 = 0; m2 <= 40; m2 += m2 < 10 ? 1 : 3) {
          for (int m4 = 0; m4 <= 30; m4++) {
            assertFewest(solver, exhaustive, m1, m2, m4);
          }
        }
      }
    }
  }

  @Test
  void randomMediumDemandsToo() {
    Random random = new Random(5);
    List<String> sets = new ArrayList<>(SETS);
    sets.addAll(ODD_SETS);
    for (String text : sets) {
      PatternSolver solver = PatternSolver.of(PatternSet.parse(text));
      Exhaustive exhaustive = new Exhaustive(solver.set());
      // Multisets of many patterns grow fast with their number.
      int most = solver.set().patterns().size() > 8 ? 100 : 200;
      for (int trial = 0; trial < 800; trial++) {
        int n = random.nextInt(most + 1);
        int n4 = text.equals("32,32,8") ? random.nextInt(n / 8 + 1) : random.nextInt(n + 1);
        int n2 = random.nextInt(n - n4 + 1);
        assertBest(solver, exhaustive, new Demand(n - n4 - n2, n2, n4));
        if (solver.set().precisions().size() == 3) {
          assertFewest(solver, exhaustive, n - n4 - n2, n2, n4);
        }
      }
    }
  }

  @Test
  void largeDemandsAgreeWithTheTable() {
    Random random = new Random(6);
    for (PatternSet set : List.of(PatternSet.P4, PatternSet.P8)) {
      PatternSolver fast = PatternSolver.of(set);
      PatternSolver table = new PatternSolver(set, new TableLaneSums(set.patterns()));
      for (int trial = 0; trial < 60; trial++) {
        int n = 500 + random.nextInt(2500);
        int n4 = random.nextInt(n + 1);
        int n2 = random.nextInt(n - n4 + 1);
        Demand d = new Demand(n - n4 - n2, n2, n4);
        Placement found = fast.solve(d);
        Placement expected = table.solve(d);
        assertThat(found.registers()).hasSize(expected.registers().size());
        assertThat(found.bits()).isEqualTo(expected.bits());
        assertThat(fast.countFor(d.n1(), d.n2(), d.n4()))
            .isEqualTo(table.countFor(d.n1(), d.n2(), d.n4()));
      }
    }
  }

  @Test
  void narrowLayersOfThePaperRule() {
    PatternSolver solver = PatternSolver.of(PatternSet.P4);
    assertThat(solver.solve(new Demand(32, 0, 0)).n4()).isEqualTo(32);
    Placement one = solver.solve(new Demand(56, 0, 8));
    assertThat(one.registers()).containsExactly(new Pattern(32, 32, 8));
    assertThat(one.bits()).isEqualTo(24 + 64 + 32);
    assertThat(solver.solve(new Demand(64, 0, 0)).n2()).isEqualTo(64);
    assertThat(solver.solve(new Demand(55, 0, 9)).n4()).isEqualTo(64);
    assertThat(solver.solve(new Demand(0, 0, 0)).registers()).isEmpty();
  }

  /** The example of docs/patterns.md. */
  @Test
  void theExampleOfThePage() {
    Demand d = new Demand(60, 50, 18);
    Pattern fours = new Pattern(0, 0, 32);
    assertThat(PatternSolver.of(PatternSet.P4).solve(d))
        .isEqualTo(new Placement(List.of(new Pattern(0, 64, 0), fours, fours), 0, 64, 64));
    assertThat(PatternSolver.of(PatternSet.P8).solve(d))
        .isEqualTo(
            new Placement(List.of(new Pattern(32, 16, 16), new Pattern(16, 40, 8)), 48, 56, 24));
    assertThat(PatternSolver.of(PatternSet.P45).solve(d))
        .isEqualTo(
            new Placement(List.of(new Pattern(48, 40, 0), new Pattern(0, 16, 24)), 48, 56, 24));
  }

  @Test
  void aSetWithoutWideSlotsRefusesUnlessDemandsAreLowered() {
    PatternSolver solver = PatternSolver.of(PatternSet.U2);
    Demand d = new Demand(10, 20, 5);
    assertThatThrownBy(() -> solver.solve(d))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "Pattern set U2 has at most 2-bit slots, but 5 channels ask for more: choose a set with wider slots, or ask for the channels to be lowered to 2 bits.");
    Placement lowered = solver.solve(d.clampToSet(PatternSet.U2));
    assertThat(lowered).isEqualTo(new Placement(List.of(new Pattern(0, 64, 0)), 0, 35, 0));
    assertThat(d.clampToSet(PatternSet.P4)).isEqualTo(d);
    assertThat(d.clampToSet(PatternSet.parse("128,0,0"))).isEqualTo(new Demand(35, 0, 0));
    assertThatThrownBy(() -> solver.registersFor(1, 0, 0))
        .hasMessage(
            "Pattern set U2 has no 1-bit slots, so 1 channels at 1 bits have no place: choose another set or other precisions, of which it has [2].");
  }

  @Test
  void freeGivesEveryChannelWhatItAsksFor() {
    Placement p = PatternSolver.of(PatternSet.FREE).solve(new Demand(3, 5, 7));
    assertThat(p.registers()).hasSize(1);
    assertThat(List.of(p.n1(), p.n2(), p.n4())).containsExactly(3, 5, 7);
  }

  @Test
  void demandFollowsTheThresholds() {
    assertThat(
            Demand.of(
                new float[] {
                  3, Math.nextUp(3f), 1.5f, Math.nextUp(1.5f), -9, Float.POSITIVE_INFINITY
                }))
        .isEqualTo(new Demand(2, 2, 2));
    assertThatThrownBy(() -> Demand.of(new float[] {1, Float.NaN}))
        .hasMessage(
            "The precision of channel 1 is not a number: the search diverged, so train again with a lower learning rate.");
    assertThatThrownBy(() -> new Demand(-1, 0, 0)).isInstanceOf(SysmolException.class);
    assertThatThrownBy(() -> new Demand(Integer.MAX_VALUE, Integer.MAX_VALUE, 2))
        .isInstanceOf(SysmolException.class);
  }

  @Test
  void channelsAreAssignedByRankAndEqualOnesByIndex() {
    Placement p = new Placement(List.of(new Pattern(32, 32, 8), new Pattern(32, 32, 8)), 3, 2, 1);
    assertThat(p.assign(new float[] {2, 5, 2, 2, 1, -0.0f})).containsExactly(2, 4, 2, 1, 1, 1);
    assertThat(p.assign(new float[] {7, 7, 7, 7, 7, 7})).containsExactly(4, 2, 2, 1, 1, 1);
    assertThat(p.assign(new float[] {-0.0f, 0, -0.0f, 0, 0, 0})).containsExactly(4, 2, 2, 1, 1, 1);
    assertThatThrownBy(() -> p.assign(new float[5]))
        .hasMessage(
            "A placement of 6 channels cannot be given 5 precisions: give one per channel.");
    assertThatThrownBy(() -> new Placement(List.of(new Pattern(0, 64, 0)), 0, 0, 1))
        .isInstanceOf(SysmolException.class);
  }

  @Test
  void noChannelGetsLessThanItAsksFor() {
    Random random = new Random(7);
    for (int trial = 0; trial < 300; trial++) {
      float[] pHat = new float[1 + random.nextInt(700)];
      for (int c = 0; c < pHat.length; c++) {
        pHat[c] = random.nextInt(20) / 4f; // many equal ones, some on the thresholds
      }
      PatternSet set = PatternSet.presets().get(2 + random.nextInt(4));
      Placement p = PatternSolver.of(set).solve(Demand.of(pHat));
      int[] precisions = p.assign(pHat);
      long bits = 0;
      for (int c = 0; c < pHat.length; c++) {
        assertThat(precisions[c]).isGreaterThanOrEqualTo(pHat[c] > 3 ? 4 : pHat[c] > 1.5f ? 2 : 1);
        bits += precisions[c];
      }
      assertThat(bits).isEqualTo(p.bits());
    }
  }

  /** The least of several runs, as other work may share the machine. */
  private static double leastMillis(Runnable work) {
    double least = Double.POSITIVE_INFINITY;
    for (int run = 0; run < 7; run++) {
      long start = System.nanoTime();
      work.run();
      least = Math.min(least, (System.nanoTime() - start) / 1e6);
    }
    return least;
  }

  @Test
  void thousandsOfChannelsTakeUnder100Milliseconds() {
    for (PatternSet set : List.of(PatternSet.P4, PatternSet.P8, PatternSet.P45)) {
      assertThat(
              leastMillis(
                  () -> {
                    PatternSolver solver = PatternSolver.of(set);
                    solver.solve(new Demand(3001, 3170, 2021));
                    solver.registersFor(3001, 3170, 2021);
                  }))
          .isLessThan(100);
    }
  }

  @Test
  void wholeNetworksTakeUnderASecond() {
    Random random = new Random(8);
    assertThat(
            leastMillis(
                () -> {
                  PatternSolver solver = PatternSolver.of(PatternSet.P45);
                  for (int layer = 0; layer < 50; layer++) {
                    int n4 = random.nextInt(2049);
                    int n2 = random.nextInt(2049 - n4);
                    solver.solve(new Demand(2048 - n4 - n2, n2, n4));
                  }
                }))
        .isLessThan(1000);
  }
}
