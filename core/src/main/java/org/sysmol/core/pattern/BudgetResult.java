package org.sysmol.core.pattern;

import java.util.List;

/**
 * What {@link BudgetSolver} found.
 *
 * @param layers one assignment per layer, in the order of the problem
 * @param assignedBits bits of the searched weights at their channels' precisions
 * @param registerBits bits of the searched layers' registers (or lanes), empty slots included
 * @param totalBits what was charged, {@code assignedBits} or {@code registerBits}, plus what is
 *     fixed: at most {@code budgetBits}
 * @param budgetBits the budget
 * @param totalWeights all weights, searched or not
 * @param loss the sum over channels of {@code weightsPerChannel * sensitivity * 4^-p}
 * @param lowerBound no assignment within the budget has a smaller loss than this
 * @param optimal whether the assignment was proved to be the best, up to the rounding of sums
 */
public record BudgetResult(
    List<Layer> layers,
    long assignedBits,
    long registerBits,
    long totalBits,
    long budgetBits,
    long totalWeights,
    double loss,
    double lowerBound,
    boolean optimal) {

  /**
   * A layer's part.
   *
   * @param name the layer's name
   * @param precisions 1, 2 or 4 for each channel
   * @param placement the fewest registers of 128 bits that hold one weight of each channel
   */
  public record Layer(String name, int[] precisions, Placement placement) {
    /** Copies the precisions. */
    public Layer {
      precisions = precisions.clone();
    }

    /** A copy. */
    @Override
    public int[] precisions() {
      return precisions.clone();
    }
  }

  /** Makes the list immutable. */
  public BudgetResult {
    layers = List.copyOf(layers);
  }

  /**
   * How far the loss may be from the least possible, at most, as a fraction of it; 0 if optimal.
   */
  public double gap() {
    return optimal || loss <= lowerBound ? 0 : loss / lowerBound - 1;
  }

  /** Charged bits per weight, over all weights. */
  public double bitsPerWeight() {
    return (double) totalBits / totalWeights;
  }

  /** Registers that hold one weight of each channel, over all layers. */
  public int registers() {
    return layers.stream().mapToInt(l -> l.placement().registers().size()).sum();
  }
}
