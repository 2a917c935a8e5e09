package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The multiple-choice knapsack problem: one option of each class, least loss in all, cost in all
 * within a budget. Solved to proven optimality where the work allows.
 *
 * <h2>Method</h2>
 *
 * <p>For a price {@code lambda} of a unit of cost, the option of each class that minimises {@code
 * loss + lambda * cost} is a vertex of the class's lower convex hull. {@link #price} finds the
 * least price at which these options fit the budget; their loss less {@code lambda} times the
 * budget left over is a lower bound for every solution (Lagrange). Any other solution exceeds the
 * bound by exactly the sum of its options' {@code loss + lambda * cost} above the minimum, plus
 * {@code lambda} times what it leaves of the budget. So to find all solutions within {@code
 * tolerance} of the bound, only options less than {@code tolerance} above the minimum need be
 * combined: few (the core; D. Pisinger, <i>A minimal algorithm for the multiple-choice knapsack
 * problem</i>, 1995). They are combined class by class, and partial solutions go that another beats
 * in both cost and loss, or that cannot come within the tolerance. The tolerance starts small and
 * grows until a solution is found, which then is the best one.
 *
 * <p>The work is bounded: where too many partial solutions remain, the best of them go on and the
 * result is no longer called proven. Everything is deterministic.
 */
final class MultipleChoiceKnapsack {
  private static final int MAX_STATES = 20_000;
  private static final long MAX_WORK = 60_000_000;

  /**
   * A class of options.
   *
   * @param cost strictly ascending
   * @param loss strictly descending
   */
  record Options(long[] cost, double[] loss) {
    int size() {
      return cost.length;
    }
  }

  /**
   * A solution.
   *
   * @param choice the option of each class
   * @param excess its loss above {@code bound}, at least 0
   * @param provenExcess no solution has less excess than this
   * @param optimal whether it is proven to be the best
   */
  record Solution(int[] choice, double excess, double provenExcess, boolean optimal) {}

  private final List<Options> classes;
  private final List<int[]> hulls = new ArrayList<>();
  private final List<double[]> slopes = new ArrayList<>();
  private final long budget;
  private final int[] base;
  private double lambda;
  private long slack;
  private long work;

  private MultipleChoiceKnapsack(List<Options> classes, long budget) {
    this.classes = classes;
    this.budget = budget;
    this.base = new int[classes.size()];
    for (Options o : classes) {
      int[] hull = hull(o);
      double[] slope = new double[hull.length - 1];
      for (int i = 0; i < slope.length; i++) {
        slope[i] = slope(o, hull[i], hull[i + 1]);
      }
      hulls.add(hull);
      slopes.add(slope);
    }
  }

  /** Solves; the cheapest options of all classes must fit the budget. */
  static Solution solve(List<Options> classes, long budget) {
    return new MultipleChoiceKnapsack(classes, budget).solve();
  }

  private static double slope(Options o, int from, int to) {
    return (o.loss[from] - o.loss[to]) / (o.cost[to] - o.cost[from]);
  }

  /** The options on the lower convex hull; slopes along it strictly descend. */
  private static int[] hull(Options o) {
    int[] hull = new int[o.size()];
    int n = 0;
    for (int i = 0; i < o.size(); i++) {
      while (n > 1 && slope(o, hull[n - 2], hull[n - 1]) <= slope(o, hull[n - 1], i)) {
        n--;
      }
      hull[n++] = i;
    }
    return Arrays.copyOf(hull, n);
  }

  private Solution solve() {
    price();
    int[] greedy = greedy();
    double greedyExcess = excess(greedy);
    if (lambda == 0 || greedyExcess == 0) {
      return new Solution(greedy, 0, 0, true);
    }
    Solution best = new Solution(greedy, greedyExcess, 0, false);
    double proven = 0;
    for (double tolerance = greedyExcess / 4096; ; tolerance *= 4) {
      tolerance = Math.min(tolerance, greedyExcess);
      Search search = new Search(tolerance);
      int[] found = search.run();
      if (found.length > 0) {
        double excess = excess(found);
        if (excess < best.excess) {
          best = new Solution(found, excess, proven, false);
        }
      }
      if (!search.complete) {
        return new Solution(best.choice, best.excess, proven, false);
      }
      if (found.length > 0 || tolerance == greedyExcess) {
        return new Solution(best.choice, best.excess, best.excess, true);
      }
      proven = tolerance;
    }
  }

  /** Sets {@code lambda}, {@code base} and {@code slack}. */
  private void price() {
    if (costAt(0) > budget) {
      long low = 0; // as bits of a double that is at least 0, which order as the doubles do
      long high = Double.doubleToLongBits(Double.MAX_VALUE);
      while (high - low > 1) {
        long middle = (low + high) >>> 1;
        if (costAt(Double.longBitsToDouble(middle)) <= budget) {
          high = middle;
        } else {
          low = middle;
        }
      }
      lambda = Double.longBitsToDouble(high);
    }
    slack = budget - costAt(lambda);
    for (int k = 0; k < base.length; k++) {
      base[k] = hulls.get(k)[steps(k, lambda)];
    }
  }

  /** How many steps along the hull of a class are worth more than the price. */
  private int steps(int k, double price) {
    double[] slope = slopes.get(k);
    int low = 0;
    int high = slope.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (slope[middle] > price) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long costAt(double price) {
    long cost = 0;
    for (int k = 0; k < base.length; k++) {
      cost = Math.addExact(cost, classes.get(k).cost[hulls.get(k)[steps(k, price)]]);
    }
    return cost;
  }

  /** The base with what is left of the budget spent on the best options that fit, in order. */
  private int[] greedy() {
    int[] choice = base.clone();
    long left = slack;
    for (int k = 0; k < choice.length; k++) {
      Options o = classes.get(k);
      long most = o.cost[base[k]] + left;
      while (choice[k] + 1 < o.size() && o.cost[choice[k] + 1] <= most) {
        choice[k]++;
      }
      left = most - o.cost[choice[k]];
    }
    return choice;
  }

  private double reduced(int k, int option) {
    Options o = classes.get(k);
    int b = base[k];
    return Math.max(0, o.loss[option] - o.loss[b] + lambda * (o.cost[option] - o.cost[b]));
  }

  private double excess(int[] choice) {
    double excess = 0;
    long left = slack;
    for (int k = 0; k < choice.length; k++) {
      excess += reduced(k, choice[k]);
      left -= classes.get(k).cost[choice[k]] - classes.get(k).cost[base[k]];
    }
    return excess + lambda * left;
  }

  /** Partial solutions, by strictly ascending extra cost over the base; loss strictly descends. */
  private record States(int size, long[] extra, double[] reduced, int[] parent, int[] option) {
    static States ofSize(int n) {
      return new States(n, new long[n], new double[n], new int[n], new int[n]);
    }
  }

  /** One pass over the classes with a given tolerance. */
  private final class Search {
    private final double tolerance;
    private final int[][] core = new int[base.length][];
    // The least and the most extra cost that classes k and later can add.
    private final long[] leastLater = new long[base.length + 1];
    private final long[] mostLater = new long[base.length + 1];
    private boolean complete = true;

    Search(double tolerance) {
      this.tolerance = tolerance;
      for (int k = base.length - 1; k >= 0; k--) {
        core[k] = core(k);
        Options o = classes.get(k);
        long least = o.cost[core[k][0]] - o.cost[base[k]];
        long most = o.cost[core[k][core[k].length - 1]] - o.cost[base[k]];
        leastLater[k] = leastLater[k + 1] + least;
        mostLater[k] = mostLater[k + 1] + most;
      }
    }

    private int[] core(int k) {
      int[] options = new int[classes.get(k).size()];
      int n = 0;
      for (int i = 0; i < options.length; i++) {
        if (reduced(k, i) <= tolerance) {
          options[n++] = i;
        }
      }
      return Arrays.copyOf(options, n);
    }

    /** The best choice within the tolerance, or an empty array. */
    int[] run() {
      States[] stages = new States[base.length + 1];
      stages[0] = States.ofSize(1);
      for (int k = 0; k < base.length; k++) {
        States next = extend(stages[k], k, 0, core[k].length);
        stages[k + 1] = thin(next);
        if (next.size == 0 || work > MAX_WORK) {
          complete &= work <= MAX_WORK;
          return new int[0];
        }
      }
      States last = stages[base.length];
      int best = -1;
      double bestExcess = Double.POSITIVE_INFINITY;
      for (int s = 0; s < last.size; s++) {
        double excess = last.reduced[s] + lambda * (slack - last.extra[s]);
        if (excess < bestExcess) {
          bestExcess = excess;
          best = s;
        }
      }
      int[] choice = new int[base.length];
      for (int k = base.length; k > 0; k--) {
        choice[k - 1] = stages[k].option[best];
        best = stages[k].parent[best];
      }
      return choice;
    }

    /** The states after class k with options {@code core[k][from..to)}. */
    private States extend(States before, int k, int from, int to) {
      if (to - from == 1) {
        return shift(before, k, core[k][from]);
      }
      int middle = (from + to) >>> 1;
      return merge(extend(before, k, from, middle), extend(before, k, middle, to));
    }

    private States shift(States before, int k, int option) {
      long cost = classes.get(k).cost[option] - classes.get(k).cost[base[k]];
      double more = reduced(k, option);
      States after = States.ofSize(before.size);
      int n = 0;
      for (int s = 0; s < before.size; s++) {
        long extra = before.extra[s] + cost;
        double reduced = before.reduced[s] + more;
        long unspent = slack - extra - mostLater[k + 1];
        if (extra + leastLater[k + 1] <= slack
            && reduced + lambda * Math.max(0, unspent) <= tolerance) {
          after.extra[n] = extra;
          after.reduced[n] = reduced;
          after.parent[n] = s;
          after.option[n++] = option;
        }
      }
      work += before.size;
      return new States(n, after.extra, after.reduced, after.parent, after.option);
    }

    private States merge(States a, States b) {
      States all = States.ofSize(a.size + b.size);
      int n = 0;
      int i = 0;
      int j = 0;
      while (i < a.size || j < b.size) {
        boolean first =
            j == b.size
                || (i < a.size
                    && (a.extra[i] < b.extra[j]
                        || (a.extra[i] == b.extra[j] && a.reduced[i] <= b.reduced[j])));
        States from = first ? a : b;
        int s = first ? i++ : j++;
        // The one before costs no more; it is better if its loss is no greater either.
        if (n > 0
            && all.reduced[n - 1] + lambda * (from.extra[s] - all.extra[n - 1])
                <= from.reduced[s]) {
          continue;
        }
        all.extra[n] = from.extra[s];
        all.reduced[n] = from.reduced[s];
        all.parent[n] = from.parent[s];
        all.option[n++] = from.option[s];
      }
      work += a.size + b.size;
      return new States(n, all.extra, all.reduced, all.parent, all.option);
    }

    /** The best {@link #MAX_STATES} of the states, in their order. */
    private States thin(States states) {
      if (states.size <= MAX_STATES) {
        return states;
      }
      complete = false;
      double[] sorted = Arrays.copyOf(states.reduced, states.size);
      Arrays.sort(sorted);
      double limit = sorted[MAX_STATES - 1];
      States kept = States.ofSize(MAX_STATES);
      int n = 0;
      for (int s = 0; s < states.size && n < MAX_STATES; s++) {
        if (states.reduced[s] <= limit) {
          kept.extra[n] = states.extra[s];
          kept.reduced[n] = states.reduced[s];
          kept.parent[n] = states.parent[s];
          kept.option[n++] = states.option[s];
        }
      }
      return new States(n, kept.extra, kept.reduced, kept.parent, kept.option);
    }
  }
}
