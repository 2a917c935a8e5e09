package org.sysmol.core.pattern;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * The budget rule: the precisions that lose the least within a budget of bits.
 *
 * <p>Minimises the sum over all channels of {@code weightsPerChannel * sensitivity * 4^-p} ({@link
 * BudgetLayer} says why) such that what is charged fits the budget. Within a layer the more
 * sensitive channel never gets fewer bits than the less sensitive one; of equals the one with the
 * lower index comes first. Equal problems have equal results.
 *
 * <p>The result is proven to be the best, up to the rounding of sums, unless {@link
 * BudgetResult#optimal} is false; then {@link BudgetResult#gap} bounds what is missing.
 */
public final class BudgetSolver {
  private BudgetSolver() {}

  /**
   * Solves.
   *
   * @throws SysmolException if not even the fewest bits fit the budget; the message names the
   *     smallest budget that can be met
   */
  public static BudgetResult solve(BudgetProblem problem) {
    VectorRegisters registers = VectorRegisters.of(problem.packing());
    List<double[]> ranked = problem.layers().stream().map(BudgetLayer::descending).toList();
    Choices choices =
        problem.chargeRegisters()
            ? new RegisterChoices(problem, registers, ranked)
            : new BitChoices(problem, ranked);
    long least = problem.fixedBits() + choices.leastBits();
    if (least > problem.budgetBits()) {
      throw impossible(problem, least);
    }
    MultipleChoiceKnapsack.Solution solution =
        MultipleChoiceKnapsack.solve(
            choices.classes(), problem.budgetBits() - problem.fixedBits() - choices.freeBits());
    return result(problem, registers, choices.counts(solution.choice()), solution);
  }

  /**
   * The smallest budget that can be met, in bits, fixed bits included.
   *
   * @param problem its own budget plays no part
   */
  public static long leastBits(BudgetProblem problem) {
    List<double[]> ranked = problem.layers().stream().map(BudgetLayer::descending).toList();
    Choices choices =
        problem.chargeRegisters()
            ? new RegisterChoices(problem, VectorRegisters.of(problem.packing()), ranked)
            : new BitChoices(problem, ranked);
    return problem.fixedBits() + choices.leastBits();
  }

  private static SysmolException impossible(BudgetProblem p, long least) {
    return SysmolException.badInput(
        "A budget of %s bits per weight is impossible with pattern set %s: the smallest possible is %s, of which %s is fixed outside the searched layers; raise the budget to at least that."
            .formatted(
                perWeight(p.budgetBits(), p.totalWeights(), RoundingMode.HALF_UP),
                p.packing().text(),
                perWeight(least, p.totalWeights(), RoundingMode.CEILING),
                perWeight(p.fixedBits(), p.totalWeights(), RoundingMode.HALF_UP)));
  }

  /** Four decimals; rounded up, so that the number a message names does meet the budget. */
  private static String perWeight(long bits, long weights, RoundingMode rounding) {
    return BigDecimal.valueOf(bits).divide(BigDecimal.valueOf(weights), 4, rounding).toString();
  }

  /** The knapsack's classes, and how its choice reads as channels per precision. */
  sealed interface Choices permits BitChoices, RegisterChoices {
    List<MultipleChoiceKnapsack.Options> classes();

    /** Bits that every choice takes and that the classes' costs leave out. */
    long freeBits();

    /** For each layer, channels at 1, 2 and 4 bits. */
    List<Demand> counts(int[] choice);

    /** The fewest bits of all layers. */
    default long leastBits() {
      long bits = freeBits();
      for (MultipleChoiceKnapsack.Options o : classes()) {
        bits = Math.addExact(bits, o.cost()[0]);
      }
      return bits;
    }
  }

  private static BudgetResult result(
      BudgetProblem problem,
      VectorRegisters packed,
      List<Demand> counts,
      MultipleChoiceKnapsack.Solution solution) {
    List<BudgetResult.Layer> layers = new ArrayList<>();
    long assigned = 0;
    long registers = 0;
    double loss = 0;
    for (int l = 0; l < counts.size(); l++) {
      BudgetLayer layer = problem.layers().get(l);
      Demand count = counts.get(l);
      double[] sensitivities = layer.sensitivities();
      int[] precisions = ChannelRanking.assign(sensitivities, count.n4(), count.n2());
      Placement placement = packed.patterns().registersFor(count.n1(), count.n2(), count.n4());
      layers.add(new BudgetResult.Layer(layer.name(), precisions, placement));
      assigned += count.bits() * layer.weightsPerChannel();
      registers += packed.bits(count, layer.vectors());
      for (int c = 0; c < precisions.length; c++) {
        loss += loss(layer.weightsPerChannel(), sensitivities[c], precisions[c]);
      }
    }
    long charged = problem.chargeRegisters() ? registers : assigned;
    double bound =
        solution.optimal() ? loss : Math.max(0, loss - solution.excess() + solution.provenExcess());
    return new BudgetResult(
        layers,
        assigned,
        registers,
        problem.fixedBits() + charged,
        problem.budgetBits(),
        problem.totalWeights(),
        loss,
        bound,
        solution.optimal());
  }

  /** What a channel loses at a precision: {@code weights * sensitivity * 4^-precision}. */
  static double loss(long weights, double sensitivity, int precision) {
    return weights * sensitivity / (1 << (2 * precision));
  }
}
