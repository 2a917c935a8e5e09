package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * The budget rule's choices where assigned bits are charged.
 *
 * <p>Every channel starts at the lowest precision of the set and may be raised step by step. A step
 * costs bits and gains loss, and since each step of a channel gains far less per bit than the one
 * before (1 to 2 bits: {@code 3/16} of the sensitivity, 2 to 4 bits: {@code 15/512} of it), a best
 * choice never takes a later step without the earlier one. So steps can be chosen freely, and of
 * all steps with one cost, whatever layers and channels they belong to, those that gain most come
 * first. That makes one class for each different cost: a handful even for large networks.
 */
final class BitChoices implements BudgetSolver.Choices {
  /** One step of all channels of a layer: gains, highest first. */
  private record Step(int layer, int step, double[] gains) {}

  private record Group(List<Step> steps, double[] gains) {}

  private final int[] precisions;
  private final int[] channels;
  private final long freeBits;
  private final List<Group> groups = new ArrayList<>();
  private final List<MultipleChoiceKnapsack.Options> classes = new ArrayList<>();

  BitChoices(BudgetProblem problem, List<double[]> ranked) {
    precisions = problem.set().precisions().stream().mapToInt(Integer::intValue).toArray();
    channels = ranked.stream().mapToInt(r -> r.length).toArray();
    TreeMap<Long, List<Step>> byCost = new TreeMap<>();
    long free = 0;
    for (int l = 0; l < ranked.size(); l++) {
      long weights = problem.layers().get(l).weightsPerChannel();
      free = Math.addExact(free, Math.multiplyExact(weights, (long) precisions[0] * channels[l]));
      for (int s = 1; s < precisions.length; s++) {
        long cost = weights * (precisions[s] - precisions[s - 1]);
        byCost
            .computeIfAbsent(cost, c -> new ArrayList<>())
            .add(new Step(l, s, gains(ranked.get(l), weights, precisions[s - 1], precisions[s])));
      }
    }
    freeBits = free;
    byCost.forEach(this::addGroup);
  }

  private static double[] gains(double[] ranked, long weights, int from, int to) {
    double[] gains = new double[ranked.length];
    for (int c = 0; c < gains.length; c++) {
      gains[c] =
          BudgetSolver.loss(weights, ranked[c], from) - BudgetSolver.loss(weights, ranked[c], to);
    }
    return gains;
  }

  private void addGroup(long cost, List<Step> steps) {
    double[] ascending =
        steps.stream()
            .flatMapToDouble(s -> Arrays.stream(s.gains))
            .filter(g -> g > 0)
            .sorted()
            .toArray();
    int n = ascending.length;
    long[] costs = new long[n + 1];
    double[] losses = new double[n + 1];
    double[] descending = new double[n];
    // Summed from the smallest up, so that the losses strictly ascend and the tail stays precise.
    for (int i = 0; i < n; i++) {
      descending[n - 1 - i] = ascending[i];
      losses[n - 1 - i] = losses[n - i] + ascending[i];
      costs[i + 1] = Math.multiplyExact(cost, (long) i + 1);
    }
    groups.add(new Group(steps, descending));
    classes.add(new MultipleChoiceKnapsack.Options(costs, losses));
  }

  @Override
  public List<MultipleChoiceKnapsack.Options> classes() {
    return classes;
  }

  @Override
  public long freeBits() {
    return freeBits;
  }

  @Override
  public List<Demand> counts(int[] choice) {
    int[][] raised = new int[channels.length][precisions.length];
    for (int g = 0; g < choice.length; g++) {
      raise(groups.get(g), choice[g], raised);
    }
    List<Demand> counts = new ArrayList<>();
    for (int l = 0; l < channels.length; l++) {
      int[] at = new int[5];
      at[precisions[0]] = channels[l];
      for (int s = 1; s < precisions.length; s++) {
        // Only an unproven choice can have a later step without the earlier one: trading it for
        // the earlier step costs less and gains more.
        while (s + 1 < precisions.length && raised[l][s + 1] > raised[l][s]) {
          raised[l][s + 1]--;
          raised[l][s]++;
        }
        at[precisions[s]] = raised[l][s];
        at[precisions[s - 1]] -= raised[l][s];
      }
      counts.add(new Demand(at[1], at[2], at[4]));
    }
    return counts;
  }

  /** Takes the first {@code count} steps of a group; equal ones in the order of the layers. */
  private static void raise(Group group, int count, int[][] raised) {
    if (count == 0) {
      return;
    }
    double last = group.gains[count - 1];
    int ties = count;
    for (Step s : group.steps) {
      while (raised[s.layer][s.step] < s.gains.length && s.gains[raised[s.layer][s.step]] > last) {
        raised[s.layer][s.step]++;
        ties--;
      }
    }
    for (Step s : group.steps) {
      while (ties > 0
          && raised[s.layer][s.step] < s.gains.length
          && s.gains[raised[s.layer][s.step]] == last) {
        raised[s.layer][s.step]++;
        ties--;
      }
    }
  }
}
