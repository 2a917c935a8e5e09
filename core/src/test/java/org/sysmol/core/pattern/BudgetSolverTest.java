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

class BudgetSolverTest {
  private static final List<String> SETS =
      List.of("P4", "P45", "FREE", "U2", "U4", "128,0,0;0,0,32", "0,64,0;0,0,32", "128,0,0;0,64,0");

  private static double loss(BudgetLayer layer, int[] precisions) {
    double loss = 0;
    for (int c = 0; c < precisions.length; c++) {
      loss += layer.weightsPerChannel() * layer.sensitivities()[c] * Math.pow(4, -precisions[c]);
    }
    return loss;
  }

  /** Every precision of every channel of every layer, one by one. */
  private static double exhaustive(BudgetProblem p, int layer, int channel, long left) {
    if (left < 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (layer == p.layers().size()) {
      return 0;
    }
    BudgetLayer l = p.layers().get(layer);
    boolean last = channel == l.channels() - 1;
    double best = Double.POSITIVE_INFINITY;
    for (int precision : p.set().precisions()) {
      double rest =
          exhaustive(
              p,
              last ? layer + 1 : layer,
              last ? 0 : channel + 1,
              left - precision * l.weightsPerChannel());
      double own = l.weightsPerChannel() * l.sensitivities()[channel] * Math.pow(4, -precision);
      best = Math.min(best, own + rest);
    }
    return best;
  }

  private static void assertConsistent(BudgetProblem p, BudgetResult r) {
    long assigned = 0;
    long registers = 0;
    double loss = 0;
    for (int l = 0; l < p.layers().size(); l++) {
      BudgetLayer layer = p.layers().get(l);
      int[] precisions = r.layers().get(l).precisions();
      int[] count = new int[5];
      for (int precision : precisions) {
        count[precision]++;
      }
      Placement placement = r.layers().get(l).placement();
      assertThat(new Demand(placement.n1(), placement.n2(), placement.n4()))
          .isEqualTo(new Demand(count[1], count[2], count[4]));
      assigned += Arrays.stream(precisions).sum() * layer.weightsPerChannel();
      registers += 128L * placement.registers().size() * layer.weightsPerChannel();
      loss += loss(layer, precisions);
      // Ranked: no less sensitive channel has more bits, and of equals none with a higher index.
      double[] s = layer.sensitivities();
      for (int a = 0; a < s.length; a++) {
        for (int b = a + 1; b < Math.min(s.length, a + 40); b++) {
          if (s[a] >= s[b]) {
            assertThat(precisions[a]).isGreaterThanOrEqualTo(precisions[b]);
          } else {
            assertThat(precisions[a]).isLessThanOrEqualTo(precisions[b]);
          }
        }
      }
    }
    assertThat(r.assignedBits()).isEqualTo(assigned);
    assertThat(r.registerBits()).isEqualTo(registers);
    assertThat(r.totalBits())
        .isEqualTo(p.fixedBits() + (p.chargeRegisters() ? registers : assigned))
        .isLessThanOrEqualTo(p.budgetBits());
    assertThat(r.loss()).isCloseTo(loss, within(1e-9 * (1 + loss)));
    assertThat(r.lowerBound()).isLessThanOrEqualTo(r.loss());
    if (r.optimal()) {
      assertThat(r.gap()).isZero();
    }
  }

  private static double[] sensitivities(Random random, int channels) {
    double[] s = new double[channels];
    boolean coarse = random.nextBoolean(); // many equal ones
    for (int c = 0; c < channels; c++) {
      s[c] = coarse ? random.nextInt(4) : Math.pow(4, 1 + 2 * random.nextGaussian());
    }
    return s;
  }

  private static BudgetProblem problem(
      List<BudgetLayer> layers, PatternSet set, Random random, boolean charge) {
    long fixed = random.nextInt(50);
    BudgetProblem open = new BudgetProblem(layers, set, fixed, 1000, Long.MAX_VALUE, charge);
    long least = BudgetSolver.leastBits(open);
    long most = BudgetSolver.solve(open).totalBits();
    long budget = least + (long) (random.nextDouble() * (most - least + 2));
    return new BudgetProblem(layers, set, fixed, 1000, budget, charge);
  }

  @Test
  void itFindsWhatExhaustiveSearchFindsWhereBitsAreCharged() {
    Random random = new Random(31);
    for (int trial = 0; trial < 600; trial++) {
      List<BudgetLayer> layers = new ArrayList<>();
      int channels = 2 + random.nextInt(7);
      while (channels > 0) {
        int n = 1 + random.nextInt(Math.min(channels, 4));
        long weights = 1 + random.nextInt(trial % 3 == 0 ? 3 : 40);
        layers.add(new BudgetLayer("layer " + layers.size(), sensitivities(random, n), weights));
        channels -= n;
      }
      PatternSet set = PatternSet.parse(SETS.get(trial % SETS.size()));
      BudgetProblem p = problem(layers, set, random, false);
      BudgetResult r = BudgetSolver.solve(p);
      assertConsistent(p, r);
      assertThat(r.optimal()).isTrue();
      double best = exhaustive(p, 0, 0, p.budgetBits() - p.fixedBits());
      assertThat(r.loss()).isCloseTo(best, within(1e-9 * (1 + best)));
    }
  }

  /** The least loss for each number of registers, over all ways to rank-assign a layer. */
  private static double[] byRegisters(BudgetLayer layer, Exhaustive exhaustive, PatternSet set) {
    double[] best = new double[layer.channels() / 4 + 2];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    double[] s = layer.sensitivities();
    Arrays.sort(s);
    int n = s.length;
    for (int n4 = 0; n4 <= (set.has(4) ? n : 0); n4++) {
      for (int n2 = 0; n2 <= (set.has(2) ? n - n4 : 0); n2++) {
        if (n4 + n2 < n && !set.has(1)) {
          continue;
        }
        double loss = 0;
        for (int c = 0; c < n; c++) {
          int precision = c >= n - n4 ? 4 : c >= n - n4 - n2 ? 2 : 1;
          loss += layer.weightsPerChannel() * s[c] * Math.pow(4, -precision);
        }
        int registers = exhaustive.registersFor(n - n4 - n2, n2, n4);
        best[registers] = Math.min(best[registers], loss);
      }
    }
    return best;
  }

  private static double exhaustive(
      List<BudgetLayer> layers, List<double[]> options, int layer, long left) {
    if (layer == layers.size()) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int r = 1; r < options.get(layer).length; r++) {
      long rest = left - 128L * r * layers.get(layer).weightsPerChannel();
      if (rest >= 0) {
        best = Math.min(best, options.get(layer)[r] + exhaustive(layers, options, layer + 1, rest));
      }
    }
    return best;
  }

  @Test
  void itFindsWhatExhaustiveSearchFindsWhereRegistersAreCharged() {
    Random random = new Random(32);
    List<String> sets =
        List.of("P4", "P8", "FREE", "U2", "128,0,0;0,0,32", "64,0,16;0,32,16;64,32,0;48,40,0");
    for (int trial = 0; trial < 90; trial++) {
      PatternSet set = PatternSet.parse(sets.get(trial % sets.size()));
      Exhaustive exhaustive = new Exhaustive(set);
      List<BudgetLayer> layers = new ArrayList<>();
      List<double[]> options = new ArrayList<>();
      int most = set.patterns().size() > 8 ? 60 : 130;
      int count = 1 + random.nextInt(4);
      for (int l = 0; l < count; l++) {
        int n = 1 + random.nextInt(most);
        BudgetLayer layer =
            new BudgetLayer("layer " + l, sensitivities(random, n), 1 + random.nextInt(9));
        layers.add(layer);
        options.add(byRegisters(layer, exhaustive, set));
      }
      BudgetProblem p = problem(layers, set, random, true);
      BudgetResult r = BudgetSolver.solve(p);
      assertConsistent(p, r);
      assertThat(r.optimal()).isTrue();
      double best = exhaustive(layers, options, 0, p.budgetBits() - p.fixedBits());
      assertThat(r.loss()).isCloseTo(best, within(1e-9 * (1 + best)));
    }
  }

  /** A network as they come: widths and weights by powers of two, some depthwise layers. */
  private static List<BudgetLayer> network(Random random, int layers, int widest) {
    List<BudgetLayer> network = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      int n = Math.min(widest, 64 << random.nextInt(6));
      double middle = 1 + 3 * random.nextDouble();
      double[] pHat = new double[n];
      for (int c = 0; c < n; c++) {
        pHat[c] = middle + 1.2 * random.nextGaussian();
      }
      long weights = l % 5 == 4 ? 9 : 9L * (64 << random.nextInt(6));
      network.add(BudgetLayer.ofPHat("layer " + l, pHat, weights));
    }
    return network;
  }

  private static long weights(List<BudgetLayer> layers) {
    return layers.stream().mapToLong(l -> l.channels() * l.weightsPerChannel()).sum();
  }

  @Test
  void moreBudgetNeverLosesMoreAndIsUsed() {
    Random random = new Random(33);
    for (boolean charge : new boolean[] {false, true}) {
      List<BudgetLayer> layers = network(random, 20, 512);
      long weights = weights(layers);
      double before = Double.POSITIVE_INFINITY;
      for (double bits = 1.7; bits < 4.2; bits += 0.1) {
        BudgetProblem p =
            BudgetProblem.ofBitsPerWeight(
                layers, Packing.of(PatternSet.P4), 0, weights, bits, charge);
        BudgetResult r = BudgetSolver.solve(p);
        assertConsistent(p, r);
        assertThat(r.optimal()).isTrue();
        assertThat(r.loss()).isLessThanOrEqualTo(before);
        before = r.loss();
        if (bits < 3.9) {
          assertThat(r.bitsPerWeight()).isBetween(bits - (charge ? 2e-2 : 1e-4), bits);
        }
      }
    }
  }

  @Test
  void equalLayersAndChannelsAreSplitInTheirOrder() {
    BudgetLayer layer = new BudgetLayer("a", new double[] {5, 5, 5, 5}, 10);
    BudgetProblem p = new BudgetProblem(List.of(layer, layer), PatternSet.P4, 0, 80, 130, false);
    BudgetResult r = BudgetSolver.solve(p);
    assertThat(r.layers().get(0).precisions()).containsExactly(2, 2, 2, 2);
    assertThat(r.layers().get(1).precisions()).containsExactly(2, 1, 1, 1);
    assertThat(r.totalBits()).isEqualTo(130);
    assertThat(r.bitsPerWeight()).isEqualTo(130 / 80.0);
    assertThat(r.registers()).isEqualTo(2);
  }

  /** The examples of docs/patterns.md. */
  @Test
  void theExamplesOfThePage() {
    BudgetLayer a = BudgetLayer.ofPHat("a", new double[] {4.2, 3.1, 2.6, 1.9}, 6);
    BudgetLayer b = BudgetLayer.ofPHat("b", new double[] {3.4, 2.8, 1.2, 0.9}, 12);
    BudgetResult bits =
        BudgetSolver.solve(new BudgetProblem(List.of(a, b), PatternSet.P4, 0, 72, 110, false));
    assertThat(bits.layers().get(0).precisions()).containsExactly(4, 2, 1, 1);
    assertThat(bits.layers().get(1).precisions()).containsExactly(2, 1, 1, 1);
    assertThat(bits.totalBits()).isEqualTo(108);
    assertThat(bits.loss()).isCloseTo(366.9, within(0.05));

    double[] wide = new double[128];
    Arrays.setAll(wide, c -> 5 - 4.0 * c / 127);
    double[] narrow = new double[64];
    Arrays.setAll(narrow, c -> 3.5 - 3.0 * c / 63);
    List<BudgetLayer> layers =
        List.of(BudgetLayer.ofPHat("a", wide, 576), BudgetLayer.ofPHat("b", narrow, 1152));
    long[][] expected = {
      {18, 42, 68, 4, 23, 27, 14, 2, 368640, 589824, 186948},
      {0, 64, 64, 3, 24, 32, 8, 1, 359424, 368640, 211370}
    };
    for (int charge = 0; charge < 2; charge++) {
      BudgetResult r =
          BudgetSolver.solve(
              BudgetProblem.ofBitsPerWeight(
                  layers, Packing.of(PatternSet.P4), 0, weights(layers), 2.5, charge == 1));
      Placement p = r.layers().get(0).placement();
      Placement q = r.layers().get(1).placement();
      assertThat(
              new long[] {
                p.n1(), p.n2(), p.n4(), p.registers().size(),
                q.n1(), q.n2(), q.n4(), q.registers().size(),
                r.assignedBits(), r.registerBits(), Math.round(r.loss())
              })
          .containsExactly(expected[charge]);
    }
  }

  @Test
  void channelsThatFeelNothingAreNotRaised() {
    BudgetLayer layer = new BudgetLayer("a", new double[] {0, 3, 0}, 1);
    BudgetResult r =
        BudgetSolver.solve(new BudgetProblem(List.of(layer), PatternSet.P4, 0, 3, 100, false));
    assertThat(r.layers().get(0).precisions()).containsExactly(1, 4, 1);
    assertThat(r.loss()).isEqualTo(3 / 256.0);
    assertThat(BudgetSolver.solve(new BudgetProblem(List.of(), PatternSet.P4, 7, 1, 7, false)))
        .extracting(BudgetResult::totalBits, BudgetResult::optimal)
        .containsExactly(7L, true);
  }

  @Test
  void anImpossibleBudgetNamesTheSmallestPossibleOneWhichThenWorks() {
    List<BudgetLayer> layers = List.of(new BudgetLayer("a", new double[70], 3));
    long weights = 210 + 31;
    assertThatThrownBy(
            () ->
                BudgetSolver.solve(
                    BudgetProblem.ofBitsPerWeight(
                        layers, Packing.of(PatternSet.U2), 8 * 31, weights, 1.5, false)))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "A budget of 1.4979 bits per weight is impossible with pattern set U2: the smallest possible is 2.7718, of which 1.0290 is fixed outside the searched layers; raise the budget to at least that.");
    for (boolean charge : new boolean[] {false, true}) {
      for (PatternSet set : PatternSet.presets()) {
        BudgetProblem p = new BudgetProblem(layers, set, 8 * 31, weights, 0, charge);
        long least = BudgetSolver.leastBits(p);
        double named = Math.ceil(1e4 * least / weights) / 1e4;
        BudgetResult r =
            BudgetSolver.solve(
                BudgetProblem.ofBitsPerWeight(
                    layers, Packing.of(set), 8 * 31, weights, named, charge));
        assertThat(r.totalBits()).isEqualTo(least);
        assertThatThrownBy(
                () ->
                    BudgetSolver.solve(
                        new BudgetProblem(layers, set, 8 * 31, weights, least - 1, charge)))
            .isInstanceOf(SysmolException.class)
            .hasMessageContaining("the smallest possible is " + String.format("%.4f", named));
      }
    }
  }

  @Test
  void nonsenseIsRefused() {
    double[] one = {1};
    assertThatThrownBy(() -> new BudgetLayer("a", new double[] {1, Double.NaN}, 1))
        .hasMessage(
            "Channel 1 of layer a has the sensitivity NaN, which is not a number from 0 to 1e100: the search diverged, so train again with a lower learning rate.");
    assertThatThrownBy(() -> BudgetLayer.ofPHat("a", new double[] {1e9}, 1))
        .isInstanceOf(SysmolException.class);
    assertThatThrownBy(() -> new BudgetLayer("a", new double[0], 1))
        .isInstanceOf(SysmolException.class);
    assertThatThrownBy(() -> new BudgetLayer("a", one, 0)).isInstanceOf(SysmolException.class);
    for (double bits : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(
              () ->
                  BudgetProblem.ofBitsPerWeight(
                      List.of(), Packing.of(PatternSet.P4), 0, 1, bits, false))
          .hasMessage(
              "A budget of "
                  + bits
                  + " bits per weight makes no sense: give a number above 0 and up to 64, for instance 2.0.");
    }
  }

  @Test
  void realisticNetworksAreProvenUnder100Milliseconds() {
    for (int widest : new int[] {256, 2048}) {
      for (double bits : new double[] {1.5, 2.0, 3.0}) {
        List<BudgetLayer> layers = network(new Random(35), 50, widest);
        BudgetProblem p =
            BudgetProblem.ofBitsPerWeight(
                layers, Packing.of(PatternSet.P4), 0, weights(layers), bits, false);
        double least = Double.POSITIVE_INFINITY;
        BudgetResult first = BudgetSolver.solve(p);
        for (int run = 0; run < 10; run++) {
          long start = System.nanoTime();
          BudgetResult r = BudgetSolver.solve(p);
          least = Math.min(least, (System.nanoTime() - start) / 1e6);
          assertThat(r.optimal()).isTrue();
          for (int l = 0; l < layers.size(); l++) {
            assertThat(r.layers().get(l).precisions())
                .isEqualTo(first.layers().get(l).precisions());
          }
        }
        assertThat(least).isLessThan(100);
      }
    }
  }
}
