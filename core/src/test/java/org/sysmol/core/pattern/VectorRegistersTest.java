package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;

/** Registers that span taps, whole lanes and wide registers, against exhaustive search. */
class VectorRegistersTest {
  /**
   * Bits charged for one vector, from all multisets of patterns, or by counting lanes one by one.
   */
  private static long bits(Exhaustive exhaustive, Packing packing, int[] counts, int taps) {
    if (packing.wholeLanes()) {
      long lanes = 0;
      int[] perLane = {16, 8, 4};
      for (int p = 0; p < 3; p++) {
        for (int left = taps * counts[p]; left > 0; left -= perLane[p]) {
          lanes++;
        }
      }
      return 16 * lanes;
    }
    for (int registers = 0; ; registers++) {
      for (Exhaustive.Slots s : exhaustive.totals(registers)) {
        if (packing.repeats() * s.s1() >= taps * counts[0]
            && packing.repeats() * s.s2() >= taps * counts[1]
            && packing.repeats() * s.s4() >= taps * counts[2]) {
          return 128L * packing.repeats() * registers;
        }
      }
    }
  }

  private static boolean possible(PatternSet set, int[] counts) {
    return (set.has(1) || counts[0] == 0)
        && (set.has(2) || counts[1] == 0)
        && (set.has(4) || counts[2] == 0);
  }

  private static long bits(
      Exhaustive exhaustive, Packing packing, int[] counts, List<WeightVectors> vectors) {
    long bits = 0;
    for (WeightVectors v : vectors) {
      bits += v.count() * bits(exhaustive, packing, counts, v.taps());
    }
    return bits;
  }

  private static List<int[]> counts(int channels) {
    List<int[]> all = new ArrayList<>();
    for (int n4 = 0; n4 <= channels; n4++) {
      for (int n2 = 0; n4 + n2 <= channels; n2++) {
        all.add(new int[] {channels - n2 - n4, n2, n4});
      }
    }
    return all;
  }

  private static void assertPaperRule(
      VectorRegisters registers, Exhaustive exhaustive, Demand d, List<WeightVectors> vectors) {
    int[] best = {};
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int[] c : counts(d.channels())) {
      if (c[2] < d.n4()
          || c[2] + c[1] < d.n4() + d.n2()
          || !possible(registers.packing().set(), c)) {
        continue;
      }
      long cost = bits(exhaustive, registers.packing(), c, vectors);
      long bits = c[0] + 2 * c[1] + 4 * c[2];
      // Later counts have more channels at 4 bits.
      if (cost < least || (cost == least && bits >= most)) {
        least = cost;
        most = bits;
        best = c;
      }
    }
    Demand found = registers.solve(d, vectors);
    if (found.n1() != best[0]
        || found.n2() != best[1]
        || found.n4() != best[2]
        || registers.bits(found, vectors) != least) {
      throw new AssertionError(
          registers.packing().text()
              + " "
              + vectors
              + " "
              + d
              + ": "
              + found
              + " not "
              + Arrays.toString(best));
    }
  }

  @Test
  void thePaperRuleIsThatOfExhaustiveSearch() {
    Random random = new Random(21);
    for (String text :
        List.of(
            "P4+taps",
            "P8+taps",
            "P45+taps",
            "U4+taps",
            "128,0,0;0,0,32+taps",
            "32,32,8;0,0,32+taps",
            "lane",
            "lane+taps",
            "P4+256",
            "P4+taps+512")) {
      VectorRegisters registers = VectorRegisters.of(Packing.parse(text));
      Exhaustive exhaustive = new Exhaustive(registers.packing().set());
      boolean many = registers.packing().set().patterns().size() > 8;
      for (int trial = 0; trial < (many ? 60 : 200); trial++) {
        List<WeightVectors> vectors = new ArrayList<>();
        int taps = 1 + random.nextInt(9);
        vectors.add(new WeightVectors(taps, 1 + random.nextInt(3)));
        if (trial % 3 == 0) {
          vectors.add(new WeightVectors(1 + random.nextInt(taps), 1 + random.nextInt(3)));
        }
        // Multisets of many patterns grow fast with their number.
        int n = random.nextInt((many ? 100 : 190) / taps + 1);
        n = Math.min(n, 40);
        int n4 = random.nextInt(n + 1);
        int n2 = random.nextInt(n - n4 + 1);
        assertPaperRule(registers, exhaustive, new Demand(n - n4 - n2, n2, n4), vectors);
      }
    }
  }

  @Test
  void oneTapIsThePlainRule() {
    Random random = new Random(22);
    List<WeightVectors> single = WeightVectors.single(5);
    for (PatternSet set : PatternSet.presets()) {
      VectorRegisters spanning = VectorRegisters.of(new Packing(set, 1, true, false));
      VectorRegisters plain = VectorRegisters.of(Packing.of(set));
      for (int trial = 0; trial < 100; trial++) {
        int n = random.nextInt(300);
        int n4 = random.nextInt(n + 1);
        int n2 = random.nextInt(n - n4 + 1);
        Demand d = new Demand(n - n4 - n2, n2, n4).clampToSet(set);
        Placement placement = PatternSolver.of(set).solve(d);
        Demand expected = new Demand(placement.n1(), placement.n2(), placement.n4());
        assertThat(plain.solve(d, single)).isEqualTo(expected);
        assertThat(spanning.solve(d, single)).isEqualTo(expected);
        if (!set.free() && n > 0) {
          // The general search finds what the closed form does.
          assertThat(new CountSearch(plain, single).fewest(d)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void theBudgetRuleChargesWhatSpanningRegistersTake() {
    Random random = new Random(23);
    for (String text : List.of("P4+taps", "P45+taps", "lane", "lane+taps", "P4+256", "U2+taps")) {
      Packing packing = Packing.parse(text);
      Exhaustive exhaustive = new Exhaustive(packing.set());
      for (int trial = 0; trial < 15; trial++) {
        List<BudgetLayer> layers = new ArrayList<>();
        for (int l = 0; l < 2; l++) {
          double[] s = new double[1 + random.nextInt(9)];
          for (int c = 0; c < s.length; c++) {
            s[c] = Math.pow(4, 1 + 2 * random.nextGaussian());
          }
          List<WeightVectors> vectors = new ArrayList<>();
          vectors.add(new WeightVectors(1 + random.nextInt(9), 1 + random.nextInt(4)));
          if (random.nextBoolean()) {
            vectors.add(new WeightVectors(1, 1 + random.nextInt(4)));
          }
          layers.add(new BudgetLayer("layer " + l, s, vectors));
        }
        BudgetProblem open = new BudgetProblem(layers, packing, 7, 1000, Long.MAX_VALUE, true);
        long least = BudgetSolver.leastBits(open);
        long most = BudgetSolver.solve(open).totalBits();
        long budget = least + (long) (random.nextDouble() * (most - least + 2));
        BudgetResult found =
            BudgetSolver.solve(new BudgetProblem(layers, packing, 7, 1000, budget, true));
        double best = best(exhaustive, packing, layers, budget - 7);
        assertThat(found.loss()).as(text).isCloseTo(best, within(1e-9 * (1 + best)));
        assertThat(found.totalBits()).isLessThanOrEqualTo(budget).isGreaterThanOrEqualTo(least);
      }
    }
  }

  /** The least loss of two layers over all counts. */
  private static double best(
      Exhaustive exhaustive, Packing packing, List<BudgetLayer> layers, long budget) {
    double best = Double.POSITIVE_INFINITY;
    for (int[] a : counts(layers.get(0).channels())) {
      for (int[] b : counts(layers.get(1).channels())) {
        if (possible(packing.set(), a)
            && possible(packing.set(), b)
            && bits(exhaustive, packing, a, layers.get(0).vectors())
                    + bits(exhaustive, packing, b, layers.get(1).vectors())
                <= budget) {
          best = Math.min(best, loss(layers.get(0), a) + loss(layers.get(1), b));
        }
      }
    }
    return best;
  }

  private static double loss(BudgetLayer layer, int[] counts) {
    double[] s = layer.sensitivities();
    Arrays.sort(s);
    double loss = 0;
    for (int c = 0; c < s.length; c++) {
      int precision = c < counts[0] ? 1 : c < counts[0] + counts[1] ? 2 : 4;
      loss += layer.weightsPerChannel() * s[c] * Math.pow(4, -precision);
    }
    return loss;
  }

  /** The examples of docs/patterns.md. */
  @Test
  void theExamplesOfThePage() {
    Demand d = new Demand(6, 6, 4);
    List<WeightVectors> vectors = List.of(new WeightVectors(9, 16));
    VectorRegisters spanning = VectorRegisters.of(Packing.parse("P4+taps"));
    VectorRegisters plain = VectorRegisters.of(Packing.parse("P4"));
    VectorRegisters lane = VectorRegisters.of(Packing.parse("lane"));
    assertThat(plain.solve(d, WeightVectors.single(9 * 16))).isEqualTo(new Demand(0, 0, 16));
    assertThat(spanning.solve(d, vectors)).isEqualTo(new Demand(4, 7, 5));
    assertThat(spanning.registers(new Demand(4, 7, 5), 9))
        .containsExactly(new Pattern(0, 0, 32), new Pattern(32, 32, 8), new Pattern(32, 32, 8));
    assertThat(lane.solve(d, WeightVectors.single(9 * 16))).isEqualTo(new Demand(0, 8, 8));
    assertThat(VectorRegisters.lanes(new Demand(0, 8, 8), 1)).isEqualTo(3);
  }

  @Test
  void largeLayersOfSeveralShapesAreSolvedToo() {
    Random random = new Random(24);
    for (String text : List.of("P4+taps", "P45+taps", "lane+taps")) {
      VectorRegisters registers = VectorRegisters.of(Packing.parse(text));
      for (int trial = 0; trial < 10; trial++) {
        int n4 = random.nextInt(1000);
        Demand d = new Demand(1000 - n4, 1048, n4);
        List<WeightVectors> vectors = List.of(new WeightVectors(9, 512), new WeightVectors(1, 512));
        Demand found = registers.solve(d, vectors);
        assertThat(found.channels()).isEqualTo(2048);
        assertThat(found.n4()).isGreaterThanOrEqualTo(n4);
        assertThat(registers.bits(found, vectors)).isLessThanOrEqualTo(registers.bits(d, vectors));
        assertThat(registers.leastBits(found.n1(), found.n2(), found.n4(), vectors))
            .isLessThanOrEqualTo(registers.bits(found, vectors));
      }
    }
  }

  @Test
  void packingsAreReadAndWritten() {
    for (String text :
        List.of("P4", "P4+taps", "P45+lanes", "FREE+taps", "U2+taps+lanes+512", "0,64,0+256")) {
      assertThat(Packing.parse(text).text()).isEqualTo(text);
    }
    assertThat(Packing.parse("p4 + TAPS")).isEqualTo(new Packing(PatternSet.P4, 1, true, false));
    assertThat(Packing.parse("lane")).isEqualTo(new Packing(PatternSet.P45, 1, false, true));
    assertThat(Packing.parse("register").text()).isEqualTo("128,0,0;0,64,0;0,0,32");
    assertThat(Packing.parse("P4+512").registerBits()).isEqualTo(512);
    assertThat(
            Packing.parse(
                    "0,64,0;0,56,4;0,48,8;0,40,12;0,32,16;0,24,20;0,16,24;0,8,28;0,0,32+lanes")
                .wholeLanes())
        .isTrue();
  }

  @Test
  void packingsThatMakeNoSenseAreRefused() {
    refused(
        "P4+lanes",
        "Whole lanes cannot be charged with pattern set P4, since its lanes are not chosen one by one: use P45, U2, U4 or all patterns of two precisions.");
    refused(
        "FREE+lanes",
        "Whole lanes cannot be charged with pattern set FREE, since its lanes are not chosen one by one: use P45, U2, U4 or all patterns of two precisions.");
    refused(
        "P4+tap",
        "'+tap' in 'P4+tap' says nothing about registers: write a pattern set, with +taps where registers span filter taps, +lanes where whole lanes are charged, +256 or +512 for wider registers.");
    refused(
        "lane+lanes",
        "'lane+lanes' says the same thing about registers twice: write a pattern set, with +taps where registers span filter taps, +lanes where whole lanes are charged, +256 or +512 for wider registers, each once.");
    assertThatThrownBy(() -> Packing.parse("P5+taps")).hasMessageContaining("'P5'");
    assertThatThrownBy(() -> Packing.parse("+taps")).isInstanceOf(SysmolException.class);
    assertThatThrownBy(() -> new Packing(PatternSet.P4, 3, false, false))
        .hasMessage("A register cannot repeat its pattern 3 times: use 1, 2 or 4.");
    assertThatThrownBy(() -> new WeightVectors(0, 1)).isInstanceOf(SysmolException.class);
    assertThatThrownBy(
            () -> VectorRegisters.of(Packing.parse("P4+taps")).count(new Demand(1 << 20, 0, 0), 9))
        .hasMessageContaining("too long for registers that span taps");
    assertThatThrownBy(
            () ->
                VectorRegisters.of(Packing.parse("U2+taps"))
                    .solve(new Demand(1, 1, 5), List.of(new WeightVectors(9, 1))))
        .hasMessageContaining("5 channels ask for more");
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> Packing.parse(text))
        .isInstanceOf(SysmolException.class)
        .hasMessage(message);
  }
}
