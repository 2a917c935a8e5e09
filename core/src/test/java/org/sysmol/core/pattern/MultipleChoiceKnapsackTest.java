package org.sysmol.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sysmol.core.pattern.MultipleChoiceKnapsack.Options;
import org.sysmol.core.pattern.MultipleChoiceKnapsack.Solution;

class MultipleChoiceKnapsackTest {
  /** Options in no way convex: random costs ascend, random losses descend. */
  private static Options options(Random random, int size, int step) {
    long[] cost = new long[size];
    double[] loss = new double[size];
    cost[0] = random.nextInt(step);
    for (int i = 1; i < size; i++) {
      cost[i] = cost[i - 1] + 1 + random.nextInt(step);
    }
    loss[size - 1] = random.nextInt(3);
    for (int i = size - 2; i >= 0; i--) {
      loss[i] =
          loss[i + 1]
              + (random.nextBoolean() ? 1 + random.nextInt(4) : 9 * random.nextDouble() + 0.01);
    }
    return new Options(cost, loss);
  }

  private static double exhaustive(List<Options> classes, int k, long budget) {
    if (budget < 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (k == classes.size()) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    Options o = classes.get(k);
    for (int i = 0; i < o.size(); i++) {
      best = Math.min(best, o.loss()[i] + exhaustive(classes, k + 1, budget - o.cost()[i]));
    }
    return best;
  }

  private static double loss(List<Options> classes, Solution s, long budget) {
    long cost = 0;
    double loss = 0;
    for (int k = 0; k < classes.size(); k++) {
      cost += classes.get(k).cost()[s.choice()[k]];
      loss += classes.get(k).loss()[s.choice()[k]];
    }
    assertThat(cost).isLessThanOrEqualTo(budget);
    return loss;
  }

  @Test
  void itFindsWhatExhaustiveSearchFinds() {
    Random random = new Random(21);
    for (int trial = 0; trial < 6000; trial++) {
      List<Options> classes = new ArrayList<>();
      int count = 1 + random.nextInt(5);
      int step = 1 << (1 + random.nextInt(8));
      long least = 0;
      long most = 0;
      for (int k = 0; k < count; k++) {
        Options o = options(random, 1 + random.nextInt(6), step);
        classes.add(o);
        least += o.cost()[0];
        most += o.cost()[o.size() - 1];
      }
      long budget = least + random.nextInt((int) (most - least) + 2);
      Solution s = MultipleChoiceKnapsack.solve(classes, budget);
      assertThat(s.optimal()).isTrue();
      assertThat(loss(classes, s, budget)).isCloseTo(exhaustive(classes, 0, budget), within(1e-9));
    }
  }

  /** Classes whose costs have nothing in common make too many partial solutions to keep. */
  @Test
  void whereTheWorkIsTooMuchTheGapIsHonest() {
    Random random = new Random(22);
    List<Options> classes = new ArrayList<>();
    long least = 0;
    long most = 0;
    for (int k = 0; k < 60; k++) {
      // Loss and cost nearly in proportion: the hard case of every knapsack method.
      int n = 30;
      long[] cost = new long[n];
      double[] loss = new double[n];
      for (int i = 1; i < n; i++) {
        cost[i] = cost[i - 1] + 1_000_000_000 + random.nextInt(1_000_000_000);
      }
      for (int i = n - 1; i >= 0; i--) {
        loss[i] = cost[n - 1] - cost[i] + (i == n - 1 ? 0 : random.nextInt(1000));
      }
      classes.add(new Options(cost, loss));
      most += cost[n - 1];
    }
    long budget = (least + most) / 2;
    Solution s = MultipleChoiceKnapsack.solve(classes, budget);
    loss(classes, s, budget);
    assertThat(s.optimal()).isFalse();
    assertThat(s.provenExcess()).isLessThanOrEqualTo(s.excess());
    assertThat(MultipleChoiceKnapsack.solve(classes, budget).choice()).isEqualTo(s.choice());
  }
}
