package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.sysmol.core.SysmolException;

/**
 * Searches the counts of channels at 1, 2 and 4 bits of one layer, for packings whose cost is no
 * simple function of slots: registers that span taps, layers of several shapes on one input, whole
 * lanes, wide registers.
 *
 * <p>All counts are gone through, and {@link VectorRegisters#leastBits} tells of most at once that
 * they cannot be best.
 */
final class CountSearch {
  /** The most channels whose counts {@link #front} goes through. */
  static final int MAX_CHANNELS = 1 << 14;

  /**
   * Counts and what they come to.
   *
   * @param cost bits charged
   * @param loss as {@link BudgetSolver} defines it
   */
  record Option(Demand counts, long cost, double loss) {}

  private final VectorRegisters registers;
  private final List<WeightVectors> vectors;
  private final long weightsPerChannel;
  private final boolean ones;
  private final boolean twos;
  private final boolean fours;

  CountSearch(VectorRegisters registers, List<WeightVectors> vectors) {
    this.registers = registers;
    this.vectors = vectors;
    weightsPerChannel = vectors.stream().mapToLong(WeightVectors::weightsPerChannel).sum();
    PatternSet set = registers.packing().set();
    ones = set.has(1);
    twos = set.has(2);
    fours = set.has(4);
  }

  /** Whether the set has slots for these counts. */
  private boolean possible(int n1, int n2, int n4) {
    return (ones || n1 == 0) && (twos || n2 == 0) && (fours || n4 == 0);
  }

  /**
   * The counts of the paper rule: of all that only promote, those that cost least; of equals those
   * with the most bits, then the most channels at 4 bits.
   *
   * @param demand one that the set has slots wide enough for
   */
  Demand fewest(Demand demand) {
    int n = demand.channels();
    Demand best = demand;
    long bestCost = Long.MAX_VALUE;
    for (int n4 = demand.n4(); n4 <= n; n4++) {
      int from = Math.max(0, demand.n4() + demand.n2() - n4);
      if (bits(n, from, n4) > bestCost / weightsPerChannel) {
        break; // the weights alone are more bits, and will be for all that follow
      }
      for (int n2 = from; n2 <= n - n4; n2++) {
        long bits = bits(n, n2, n4);
        if (bits > bestCost / weightsPerChannel) {
          break;
        }
        if (!possible(n - n2 - n4, n2, n4)) {
          continue;
        }
        boolean wider = bits > best.bits() || (bits == best.bits() && n4 > best.n4());
        long limit = wider ? bestCost : bestCost - 1;
        if (registers.leastBits(n - n2 - n4, n2, n4, vectors) > limit) {
          continue;
        }
        Demand counts = new Demand(n - n2 - n4, n2, n4);
        long cost = registers.bits(counts, vectors);
        if (cost <= limit) {
          best = counts;
          bestCost = cost;
        }
      }
    }
    return best;
  }

  private static long bits(int n, int n2, int n4) {
    return n + n2 + 3L * n4;
  }

  /**
   * The counts that lose the least for what they cost, cheapest first; each loses less than the one
   * before.
   *
   * @param tail for each channel, ranked, the sum of its sensitivity and those of all after it; one
   *     entry more than channels
   */
  List<Option> front(double[] tail) {
    int n = tail.length - 1;
    if (n > MAX_CHANNELS) {
      throw SysmolException.badInput(
          "A layer of %d channels is too wide for packing %s where registers are charged, which takes at most %d: charge assigned bits, or leave +taps, +lanes, +256 and +512 away."
              .formatted(n, registers.packing().text(), MAX_CHANNELS));
    }
    NavigableMap<Long, Option> front = new TreeMap<>();
    for (int n4 = 0; n4 <= n; n4++) {
      for (int n2 = 0; n2 <= n - n4; n2++) {
        if (!possible(n - n2 - n4, n2, n4)) {
          continue;
        }
        double loss =
            BudgetSolver.loss(weightsPerChannel, tail[0] - tail[n4], 4)
                + BudgetSolver.loss(weightsPerChannel, tail[n4] - tail[n4 + n2], 2)
                + BudgetSolver.loss(weightsPerChannel, tail[n4 + n2], 1);
        if (beaten(front, registers.leastBits(n - n2 - n4, n2, n4, vectors), loss)) {
          continue;
        }
        Demand counts = new Demand(n - n2 - n4, n2, n4);
        long cost = registers.bits(counts, vectors);
        if (!beaten(front, cost, loss)) {
          Map<Long, Option> dearer = front.tailMap(cost, true);
          dearer.values().removeIf(o -> o.loss >= loss);
          front.put(cost, new Option(counts, cost, loss));
        }
      }
    }
    return new ArrayList<>(front.values());
  }

  private static boolean beaten(NavigableMap<Long, Option> front, long cost, double loss) {
    Map.Entry<Long, Option> below = front.floorEntry(cost);
    return below != null && below.getValue().loss <= loss;
  }
}
