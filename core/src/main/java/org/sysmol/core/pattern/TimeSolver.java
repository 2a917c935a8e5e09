package org.sysmol.core.pattern;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * The budget rule where time is charged: the precisions that lose the least while the whole network
 * is predicted to take no longer than it may.
 *
 * <p>As {@link BudgetSolver}, with another cost: that of a layer is a {@link LayerTime}, any
 * function of how many of its channels have each precision. Within a layer the more sensitive
 * channel never gets fewer bits than the less sensitive one. Equal problems have equal results.
 */
public final class TimeSolver {
  private TimeSolver() {}

  /**
   * Solves.
   *
   * @throws SysmolException if not even the fastest precisions fit the budget; the message names
   *     the smallest budget that can be met
   */
  public static TimeResult solve(TimeProblem problem) {
    List<TimeChoices> choices = choices(problem);
    TimeBudget budget = problem.budget();
    long least = fastest(budget, choices);
    if (least > budget.picoseconds()) {
      throw impossible(problem, least);
    }
    MultipleChoiceKnapsack.Solution solution =
        MultipleChoiceKnapsack.solve(
            choices.stream().map(TimeChoices::options).toList(),
            budget.picoseconds() - budget.fixedPicoseconds());
    List<int[]> precisions = new ArrayList<>();
    long time = budget.fixedPicoseconds();
    double loss = 0;
    for (int l = 0; l < choices.size(); l++) {
      BudgetLayer layer = problem.layers().get(l);
      Demand counts = choices.get(l).counts(solution.choice()[l]);
      double[] sensitivities = layer.sensitivities();
      int[] assigned = ChannelRanking.assign(sensitivities, counts.n4(), counts.n2());
      precisions.add(assigned);
      time += budget.layers().get(l).picoseconds(counts);
      for (int c = 0; c < assigned.length; c++) {
        loss += BudgetSolver.loss(layer.weightsPerChannel(), sensitivities[c], assigned[c]);
      }
    }
    double bound =
        solution.optimal() ? loss : Math.max(0, loss - solution.excess() + solution.provenExcess());
    return new TimeResult(precisions, time, loss, bound, solution.optimal());
  }

  /** The smallest budget that can be met, in picoseconds. */
  public static long least(TimeProblem problem) {
    return fastest(problem.budget(), choices(problem));
  }

  /**
   * The smallest budget that doesn't bind, in picoseconds: with it no assignment loses less than
   * the one found, however long it takes.
   */
  public static long most(TimeProblem problem) {
    long sum = problem.budget().fixedPicoseconds();
    for (TimeChoices choice : choices(problem)) {
      long[] cost = choice.options().cost();
      sum += cost[cost.length - 1];
    }
    return sum;
  }

  private static List<TimeChoices> choices(TimeProblem problem) {
    List<TimeChoices> choices = new ArrayList<>();
    for (int l = 0; l < problem.layers().size(); l++) {
      choices.add(
          new TimeChoices(
              problem.layers().get(l),
              problem.budget().layers().get(l),
              problem.packing().set().precisions()));
    }
    return choices;
  }

  private static long fastest(TimeBudget budget, List<TimeChoices> choices) {
    return budget.fixedPicoseconds()
        + choices.stream().mapToLong(choice -> choice.options().cost()[0]).sum();
  }

  private static SysmolException impossible(TimeProblem problem, long least) {
    TimeBudget budget = problem.budget();
    return SysmolException.badInput(
        "A budget of %s ms is impossible with pattern set %s: by the costs of %s the smallest possible is %s ms, of which %s ms is fixed outside the searched layers; raise the budget to at least that."
            .formatted(
                BigDecimal.valueOf(budget.milliseconds()).stripTrailingZeros().toPlainString(),
                problem.packing().text(),
                budget.costs(),
                milliseconds(least, RoundingMode.CEILING),
                milliseconds(budget.fixedPicoseconds(), RoundingMode.HALF_UP)));
  }

  /** Four decimals; rounded up, so that the number a message names does meet the budget. */
  private static String milliseconds(long picoseconds, RoundingMode rounding) {
    return BigDecimal.valueOf(picoseconds, 9).setScale(4, rounding).toString();
  }
}
