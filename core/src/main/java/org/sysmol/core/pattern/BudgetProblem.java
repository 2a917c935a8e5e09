package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * What {@link BudgetSolver} solves.
 *
 * @param layers the searched layers
 * @param packing how registers hold weights; a channel may have any precision that one of its
 *     patterns has slots for
 * @param fixedBits bits of all that is not searched (edge layers), part of the budget
 * @param totalWeights all weights, searched or not: bits per weight are per these
 * @param budgetBits the most bits that everything may take, {@code fixedBits} included
 * @param chargeRegisters whether a layer is charged for its registers (or lanes) rather than for
 *     the bits its channels are assigned: {@link VectorRegisters#bits}
 */
public record BudgetProblem(
    List<BudgetLayer> layers,
    Packing packing,
    long fixedBits,
    long totalWeights,
    long budgetBits,
    boolean chargeRegisters) {

  /** Checks that the numbers are in range. */
  public BudgetProblem {
    layers = List.copyOf(layers);
    if (fixedBits < 0 || totalWeights < 1 || budgetBits < 0) {
      throw SysmolException.badInput(
          "A budget of %d bits for %d weights with %d bits fixed makes no sense: bits are at least 0 and weights at least 1."
              .formatted(budgetBits, totalWeights, fixedBits));
    }
  }

  /** The problem for registers of 128 bits that keep to one tap. */
  public BudgetProblem(
      List<BudgetLayer> layers,
      PatternSet set,
      long fixedBits,
      long totalWeights,
      long budgetBits,
      boolean chargeRegisters) {
    this(layers, Packing.of(set), fixedBits, totalWeights, budgetBits, chargeRegisters);
  }

  /** The patterns. */
  public PatternSet set() {
    return packing.set();
  }

  /**
   * The problem with a budget in bits per weight over all weights, edges included.
   *
   * @throws SysmolException if {@code bitsPerWeight} is not a positive number
   */
  public static BudgetProblem ofBitsPerWeight(
      List<BudgetLayer> layers,
      Packing packing,
      long fixedBits,
      long totalWeights,
      double bitsPerWeight,
      boolean chargeRegisters) {
    if (!(bitsPerWeight > 0 && bitsPerWeight <= 64)) {
      throw SysmolException.badInput(
          "A budget of %s bits per weight makes no sense: give a number above 0 and up to 64, for instance 2.0."
              .formatted(bitsPerWeight));
    }
    long budget = (long) Math.floor(bitsPerWeight * totalWeights);
    return new BudgetProblem(layers, packing, fixedBits, totalWeights, budget, chargeRegisters);
  }
}
