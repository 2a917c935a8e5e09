package org.sysmol.train;

import java.util.List;
import org.sysmol.core.pattern.BudgetLayer;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.TimeBudget;
import org.sysmol.core.pattern.TimeProblem;
import org.sysmol.core.pattern.TimeResult;
import org.sysmol.core.pattern.TimeSolver;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;

/**
 * A budget of time as training sees it: precisions that keep it, and how a search by noise is
 * steered towards it.
 *
 * <p>A layer's time by its precisions is no line. Where a processor multiplies two bits as fast as
 * four, a channel between them gains nothing by fewer bits, and a price that follows such a time
 * would never bring it down to one bit, where there is much to gain. So the search is priced by the
 * chord: each bit of a layer's channel costs the same, the time that all channels together save
 * between the most and the fewest bits that the patterns have. By the same measure it is compared
 * with the budget. Which precisions are taken in the end the exact times decide.
 */
final class TimedPrecisions {
  private final Plan plan;
  private final Packing packing;
  private final TimeBudget budget;
  private final int fewest;
  private final int most;

  /** Picoseconds that a bit of a channel takes along the chord, by group id. */
  private final double[] perBit;

  /** What {@link #perBit} is multiplied by to be in the units of weights. */
  private final double weightsPerTime;

  /** The mean of precisions, weighted by {@link #perBit}, at which the chord meets the budget. */
  private final double goal;

  TimedPrecisions(Plan plan, Packing packing, TimeBudget budget) {
    this.plan = plan;
    this.packing = packing;
    this.budget = budget;
    List<Integer> precisions = packing.set().precisions().stream().sorted().toList();
    fewest = precisions.getFirst();
    most = precisions.getLast();
    perBit = new double[plan.groups().size()];
    double weights = 0;
    double channelBits = 0;
    long least = budget.fixedPicoseconds();
    int next = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        LayerTime time = budget.layers().get(next++);
        int channels = plan.value(group).channels();
        long saved = Math.max(0, time.uniform(most) - time.uniform(fewest));
        perBit[group.id()] = most == fewest ? 0 : (double) saved / channels / (most - fewest);
        channelBits += perBit[group.id()] * channels;
        weights += (double) plan.weightsPerChannel(group) * channels;
        least += time.uniform(fewest);
      }
    }
    weightsPerTime = channelBits > 0 ? weights / channelBits : 0;
    goal =
        channelBits > 0
            ? Math.clamp(fewest + (budget.picoseconds() - least) / channelBits, fewest, most)
            : most;
  }

  /**
   * Precisions of each searched group.
   *
   * @param layers the searched groups in the plan's order
   * @throws org.sysmol.core.SysmolException if the budget can't be met, naming the least
   */
  TimeResult solve(List<BudgetLayer> layers) {
    return TimeSolver.solve(problem(layers));
  }

  private TimeProblem problem(List<BudgetLayer> layers) {
    return new TimeProblem(layers, packing, budget);
  }

  /** The smallest budget that can be met, in milliseconds. */
  double least(List<BudgetLayer> layers) {
    return TimeSolver.least(problem(layers)) / TimeBudget.PER_MILLISECOND;
  }

  /** The budget from which on it does not bind, in milliseconds. */
  double unbound(List<BudgetLayer> layers) {
    return TimeSolver.most(problem(layers)) / TimeBudget.PER_MILLISECOND;
  }

  /**
   * What a bit of one of the group's channels costs in the search, in the units of weights: over
   * all channels the sum is that of the weights per channel.
   */
  double price(InputGroup group) {
    return perBit[group.id()] * weightsPerTime;
  }

  /**
   * The mean of continuous precisions, each held to what the patterns have, weighted by what a bit
   * costs in time.
   *
   * @param continuous by group id, then channel
   */
  double mean(float[][] continuous) {
    double sum = 0;
    double weights = 0;
    for (InputGroup group : plan.groups()) {
      if (group.searched()) {
        for (float p : continuous[group.id()]) {
          sum += perBit[group.id()] * Math.clamp((double) p, fewest, most);
        }
        weights += perBit[group.id()] * continuous[group.id()].length;
      }
    }
    return weights > 0 ? sum / weights : goal;
  }

  /** The mean that goes with the budget. */
  double goal() {
    return goal;
  }
}
