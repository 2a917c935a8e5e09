package org.sysmol.core.pattern;

import java.util.Arrays;
import java.util.List;

/**
 * A layer's choices where time is charged: all counts of channels by precision of which no other
 * takes as little time and loses as little.
 *
 * <p>Times have any shape, so all counts are looked at: half the square of the channels. A layer of
 * more than {@link #FINE} channels is decided in blocks of equally many channels, all of one
 * precision but for the last, which keeps that number within {@code FINE^2 / 2}.
 */
final class TimeChoices {
  /** Channels up to which each is decided by itself. */
  static final int FINE = 1024;

  private final int channels;
  private final MultipleChoiceKnapsack.Options options;
  private final int[] fours;
  private final int[] twos;

  /**
   * The choices.
   *
   * @param precisions that a channel may have
   */
  TimeChoices(BudgetLayer layer, LayerTime time, List<Integer> precisions) {
    channels = layer.channels();
    double[] tail = BudgetLayer.tail(layer.descending());
    long weights = layer.weightsPerChannel();
    int block = Math.ceilDiv(channels, FINE);
    int[] atFour = counts(precisions.contains(4), channels, block, precisions.size() == 1);
    Candidates all = new Candidates();
    for (int four : atFour) {
      int rest = channels - four;
      for (int two : counts(precisions.contains(2), rest, block, !precisions.contains(1))) {
        long cost = time.picoseconds(new Demand(rest - two, two, four));
        double loss =
            BudgetSolver.loss(weights, tail[0] - tail[four], 4)
                + BudgetSolver.loss(weights, tail[four] - tail[four + two], 2)
                + BudgetSolver.loss(weights, tail[four + two], 1);
        all.add(cost, loss, four, two);
      }
    }
    int[] front = all.front();
    options =
        new MultipleChoiceKnapsack.Options(
            Arrays.stream(front).mapToLong(i -> all.cost[i]).toArray(),
            Arrays.stream(front).mapToDouble(i -> all.loss[i]).toArray());
    fours = Arrays.stream(front).map(i -> all.four[i]).toArray();
    twos = Arrays.stream(front).map(i -> all.two[i]).toArray();
  }

  /** How many of the channels may have a precision: none, blocks of them, all. */
  private static int[] counts(boolean allowed, int most, int block, boolean onlyAll) {
    if (!allowed) {
      return new int[] {0};
    }
    if (onlyAll) {
      return new int[] {most};
    }
    int[] counts = new int[Math.ceilDiv(most, block) + 1];
    Arrays.setAll(counts, i -> Math.min(most, i * block));
    return counts;
  }

  MultipleChoiceKnapsack.Options options() {
    return options;
  }

  /** Channels by precision of an option. */
  Demand counts(int option) {
    return new Demand(channels - twos[option] - fours[option], twos[option], fours[option]);
  }

  /** All counts that were looked at. */
  private static final class Candidates {
    private long[] cost = new long[64];
    private double[] loss = new double[64];
    private int[] four = new int[64];
    private int[] two = new int[64];
    private int size;

    void add(long time, double lost, int atFour, int atTwo) {
      if (size == cost.length) {
        cost = Arrays.copyOf(cost, 2 * size);
        loss = Arrays.copyOf(loss, 2 * size);
        four = Arrays.copyOf(four, 2 * size);
        two = Arrays.copyOf(two, 2 * size);
      }
      cost[size] = time;
      loss[size] = lost;
      four[size] = atFour;
      two[size++] = atTwo;
    }

    /** Those that no other beats, by ascending cost and descending loss. */
    int[] front() {
      long[] order = new long[size];
      long[] distinct = Arrays.copyOf(cost, size);
      Arrays.sort(distinct);
      // A place among the costs, then the index: both fit, whatever the times are.
      for (int i = 0; i < size; i++) {
        order[i] = (long) Arrays.binarySearch(distinct, cost[i]) << 32 | i;
      }
      Arrays.sort(order);
      int[] front = new int[size];
      int n = 0;
      for (long place : order) {
        int i = (int) place;
        if (n > 0 && loss[front[n - 1]] <= loss[i]) {
          continue;
        }
        while (n > 0 && cost[front[n - 1]] == cost[i]) {
          n--;
        }
        front[n++] = i;
      }
      return Arrays.copyOf(front, n);
    }
  }
}
