package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * What {@link TimeSolver} solves.
 *
 * @param layers the searched layers
 * @param packing whose patterns say which precisions a channel may have; registers are not charged
 * @param budget the time of the whole network, with the times of these layers in their order
 */
public record TimeProblem(List<BudgetLayer> layers, Packing packing, TimeBudget budget) {
  /** Checks that times and layers go together. */
  public TimeProblem {
    layers = List.copyOf(layers);
    List<LayerTime> times = budget.layers();
    boolean fits = times.size() == layers.size();
    for (int l = 0; fits && l < times.size(); l++) {
      fits = times.get(l).channels() == layers.get(l).channels();
    }
    if (!fits) {
      throw SysmolException.badInput(
          "The times of " + budget.costs() + " are those of another network.");
    }
  }
}
