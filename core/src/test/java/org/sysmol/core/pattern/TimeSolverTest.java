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

class TimeSolverTest {
  /** What the time of a precision looks like, by how many channels have it. */
  private enum Shape {
    LINEAR,
    CONCAVE,
    STEPPED,
    ANYTHING
  }

  private static long[] part(Random random, Shape shape, int channels) {
    double each = 1 + random.nextInt(500);
    int word = 1 + random.nextInt(3);
    long[] part = new long[channels + 1];
    for (int n = 1; n <= channels; n++) {
      part[n] =
          switch (shape) {
            case LINEAR -> (long) (each * n);
            case CONCAVE -> (long) (each * Math.sqrt(n));
            // Only whole words are fast; the rest is not.
            case STEPPED -> (long) (each * (n / word) + 3 * each * (n % word));
            case ANYTHING -> random.nextInt(1000);
          };
    }
    return part;
  }

  private static LayerTime time(Random random, int channels) {
    Shape shape = Shape.values()[random.nextInt(Shape.values().length)];
    return new LayerTime(
        part(random, shape, channels),
        part(random, shape, channels),
        part(random, shape, channels));
  }

  /** The least loss within the budget over all precisions of all channels, one by one. */
  private static double exhaustive(TimeProblem p, int layer, long left) {
    if (left < 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (layer == p.layers().size()) {
      return 0;
    }
    BudgetLayer l = p.layers().get(layer);
    List<Integer> precisions = List.copyOf(p.packing().set().precisions());
    int[] at = new int[l.channels()];
    double best = Double.POSITIVE_INFINITY;
    while (true) {
      int[] count = new int[5];
      double loss = 0;
      for (int c = 0; c < at.length; c++) {
        int precision = precisions.get(at[c]);
        count[precision]++;
        loss += l.weightsPerChannel() * l.sensitivities()[c] * Math.pow(4, -precision);
      }
      long time =
          p.budget().layers().get(layer).picoseconds(new Demand(count[1], count[2], count[4]));
      best = Math.min(best, loss + exhaustive(p, layer + 1, left - time));
      int c = 0;
      while (c < at.length && ++at[c] == precisions.size()) {
        at[c++] = 0;
      }
      if (c == at.length) {
        return best;
      }
    }
  }

  private static TimeProblem problem(Random random, String set, int channels) {
    List<BudgetLayer> layers = new ArrayList<>();
    List<LayerTime> times = new ArrayList<>();
    int left = channels;
    while (left > 0) {
      int n = 1 + random.nextInt(Math.min(left, 4));
      double[] s = new double[n];
      for (int c = 0; c < n; c++) {
        s[c] = random.nextInt(5) == 0 ? 1 : Math.pow(4, 1 + 2 * random.nextGaussian());
      }
      layers.add(new BudgetLayer("layer " + layers.size(), s, 1 + random.nextInt(30)));
      times.add(time(random, n));
      left -= n;
    }
    return new TimeProblem(
        layers,
        Packing.parse(set),
        new TimeBudget(TimeBudget.LONGEST, "a test", random.nextInt(300), times));
  }

  private static TimeProblem with(TimeProblem p, long picoseconds) {
    TimeBudget b = p.budget();
    // The middle of a picosecond, so that no rounding falls below it.
    return new TimeProblem(
        p.layers(),
        p.packing(),
        new TimeBudget((picoseconds + 0.5) / 1e9, b.costs(), b.fixedPicoseconds(), b.layers()));
  }

  private static long time(TimeProblem p, TimeResult r) {
    long time = p.budget().fixedPicoseconds();
    for (int l = 0; l < r.precisions().size(); l++) {
      int[] count = new int[5];
      Arrays.stream(r.precisions().get(l)).forEach(precision -> count[precision]++);
      time += p.budget().layers().get(l).picoseconds(new Demand(count[1], count[2], count[4]));
    }
    return time;
  }

  @Test
  void itFindsWhatExhaustiveSearchFinds() {
    Random random = new Random(5);
    int between = 0;
    for (int trial = 0; trial < 500; trial++) {
      String set =
          List.of("P4", "U2", "U4", "128,0,0;0,0,32", "0,64,0;0,0,32", "128,0,0;0,64,0")
              .get(random.nextInt(6));
      TimeProblem open = problem(random, set, 2 + random.nextInt(6));
      long least = TimeSolver.least(open);
      long most = TimeSolver.most(open);
      long budget = least + (long) (random.nextDouble() * (most - least + 2));
      TimeProblem p = with(open, budget);
      TimeResult r = TimeSolver.solve(p);
      double best = exhaustive(p, 0, budget - p.budget().fixedPicoseconds());
      assertThat(r.optimal()).isTrue();
      assertThat(r.loss()).as("trial %d", trial).isCloseTo(best, within(1e-9 * (1 + best)));
      assertThat(r.picoseconds()).isEqualTo(time(p, r)).isLessThanOrEqualTo(budget);
      for (int[] precisions : r.precisions()) {
        for (int precision : precisions) {
          assertThat(p.packing().set().precisions()).contains(precision);
        }
      }
      between += budget < most && budget > least ? 1 : 0;
      // Not a picosecond less would do, and with the most there is nothing left to gain.
      assertThat(exhaustive(p, 0, least - 1 - p.budget().fixedPicoseconds())).isInfinite();
      double whole = exhaustive(p, 0, Long.MAX_VALUE);
      assertThat(TimeSolver.solve(with(open, most)).loss())
          .isCloseTo(whole, within(1e-9 * (1 + whole)));
    }
    assertThat(between).isGreaterThan(200);
  }

  @Test
  void moreSensitiveChannelsNeverGetFewerBitsAndLargeLayersAreSolvedToo() {
    Random random = new Random(6);
    int[] sizes = {64, 512, 1024, 1500, 4000};
    List<BudgetLayer> layers = new ArrayList<>();
    List<LayerTime> times = new ArrayList<>();
    for (int n : sizes) {
      double[] s = new double[n];
      Arrays.setAll(s, c -> Math.pow(4, 2 + random.nextGaussian()));
      layers.add(new BudgetLayer("of " + n, s, 64));
      // Bits are counted in words of 32; what is left over takes as long as two bits.
      long[][] part = new long[3][n + 1];
      for (int c = 0; c <= n; c++) {
        part[0][c] = 30_000L * (c / 32 * 32) + 90_000L * (c % 32);
        part[1][c] = 90_000L * c;
        part[2][c] = 95_000L * c;
      }
      times.add(new LayerTime(part[0], part[1], part[2]));
    }
    TimeProblem open =
        new TimeProblem(
            layers, Packing.parse("P4"), new TimeBudget(1e3, "a test", 7_000_000, times));
    long least = TimeSolver.least(open);
    long most = TimeSolver.most(open);
    double before = Double.POSITIVE_INFINITY;
    for (int i = 0; i <= 4; i++) {
      long budget = least + (most - least) * i / 4;
      TimeProblem p = with(open, budget);
      TimeResult r = TimeSolver.solve(p);
      assertThat(time(p, r)).isLessThanOrEqualTo(budget);
      assertThat(r.loss()).isLessThan(before).isLessThanOrEqualTo(r.lowerBound() * (1 + 1e-6));
      before = r.loss();
      for (int l = 0; l < sizes.length; l++) {
        double[] s = layers.get(l).sensitivities();
        int[] precisions = r.precisions().get(l);
        for (int c = 1; c < s.length; c++) {
          if (s[c] > s[c - 1]) {
            assertThat(precisions[c]).isGreaterThanOrEqualTo(precisions[c - 1]);
          } else {
            assertThat(precisions[c]).isLessThanOrEqualTo(precisions[c - 1]);
          }
        }
      }
    }
  }

  @Test
  void anImpossibleBudgetIsRefusedNamingTheSmallestPossible() {
    LayerTime time =
        new LayerTime(
            new long[] {0, 100_000, 150_000},
            new long[] {0, 300_000, 600_000},
            new long[] {0, 310_000, 620_000});
    TimeBudget budget = new TimeBudget(0.0001, "a processor", 123_456, List.of(time));
    BudgetLayer layer = new BudgetLayer("a", new double[] {2, 1}, 3);
    assertThatThrownBy(
            () -> TimeSolver.solve(new TimeProblem(List.of(layer), Packing.parse("P4"), budget)))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "A budget of 0.0001 ms is impossible with pattern set P4: by the costs of a processor"
                + " the smallest possible is 0.0003 ms, of which 0.0001 ms is fixed outside the"
                + " searched layers; raise the budget to at least that.");
    TimeBudget enough = new TimeBudget(0.0003, "a processor", 123_456, List.of(time));
    TimeResult fastest =
        TimeSolver.solve(new TimeProblem(List.of(layer), Packing.parse("P4"), enough));
    assertThat(fastest.precisions().getFirst()).containsExactly(1, 1);
    assertThat(fastest.picoseconds()).isEqualTo(273_456);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    long[] fine = {0, 1, 2};
    assertThatThrownBy(() -> new LayerTime(fine, fine, new long[] {0, 1}))
        .hasMessage(
            "Times of a layer are of 0 to all channels for each precision, not of 3, 3 and 2.");
    String refused =
        "No channels take no time, and some take from 0 ps to an hour; a layer's times are not so.";
    assertThatThrownBy(() -> new LayerTime(fine, fine, new long[] {1, 1, 1})).hasMessage(refused);
    assertThatThrownBy(() -> new LayerTime(fine, fine, new long[] {0, -1, 1})).hasMessage(refused);
    for (double budget : new double[] {0, -1, Double.NaN, 1e9}) {
      assertThatThrownBy(() -> new TimeBudget(budget, "a test", 0, List.of()))
          .hasMessage(
              "A budget of "
                  + budget
                  + " ms makes no sense; give a number above 0, for instance 1.2.");
    }
    LayerTime two = new LayerTime(fine, fine, fine);
    BudgetLayer three = new BudgetLayer("a", new double[] {1, 1, 1}, 1);
    assertThatThrownBy(
            () ->
                new TimeProblem(
                    List.of(three),
                    Packing.parse("P4"),
                    new TimeBudget(1, "a test", 0, List.of(two))))
        .hasMessage("The times of a test are those of another network.");
  }

  @Test
  void equalTimesReadAlikeAndOthersDont() {
    long[] fine = {0, 1, 2};
    TimeBudget a = new TimeBudget(1.5, "a test", 3, List.of(new LayerTime(fine, fine, fine)));
    TimeBudget b =
        new TimeBudget(1.5, "a test", 3, List.of(new LayerTime(fine, fine, new long[] {0, 1, 3})));
    assertThat(a.toString())
        .startsWith("1.5 ms by costs of a test ")
        .isEqualTo(
            new TimeBudget(1.5, "a test", 3, List.of(new LayerTime(fine, fine, fine))).toString())
        .isNotEqualTo(b.toString());
  }
}
