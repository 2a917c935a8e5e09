package org.sysmol.core.pattern;

import java.util.function.IntPredicate;
import org.sysmol.core.SysmolException;

/**
 * Matches what a layer's channels ask for to registers, exactly (PAPER section 2).
 *
 * <h2>The paper rule</h2>
 *
 * <p>{@link #solve} finds registers whose slots dominate the demand: {@code slots4 >= N4}, {@code
 * slots4 + slots2 >= N4 + N2}, {@code slots >= N}. So no channel ever gets fewer bits than it asked
 * for. First come the fewest registers. Among those come the most bits: the channels in the order
 * of their continuous precision fill the 4-bit slots, then the 2-bit slots, then the 1-bit slots,
 * that is {@code n4 = min(slots4, N)}, {@code n2 = min(slots2, N - n4)}, {@code n1 = N - n4 - n2},
 * and {@code n1 + 2 n2 + 4 n4} is as large as can be. Of equals the one with the most 4-bit
 * channels is taken, then the one with the fewest 4-bit lanes, then the one with the most 2-bit
 * lanes.
 *
 * <h2>How it is solved</h2>
 *
 * <p>One more register never makes a placement invalid, so the fewest registers are found by
 * bisection. For a given number of registers and of 4-bit lanes, more 2-bit lanes are better for
 * everything but the number of slots, so only the largest number that leaves enough slots matters,
 * and {@link LaneSums} gives it. That is one question for each number of 4-bit lanes, a few
 * thousand for a layer of thousands of channels.
 *
 * <p>Immutable to its users; safe for use by several threads.
 */
public final class PatternSolver {
  private final PatternSet set;
  private final LaneSums sums;
  private final int mostFours;
  private final int mostTwosAndFours;
  private final int mostSlots;

  PatternSolver(PatternSet set, LaneSums sums) {
    this.set = set;
    this.sums = sums;
    mostFours = set.patterns().stream().mapToInt(Pattern::n4).max().orElseThrow();
    mostTwosAndFours = set.patterns().stream().mapToInt(p -> p.n2() + p.n4()).max().orElseThrow();
    mostSlots = set.patterns().stream().mapToInt(Pattern::slots).max().orElseThrow();
  }

  /** A solver for one set; it may be kept and shared. */
  public static PatternSolver of(PatternSet set) {
    return new PatternSolver(set, LaneSums.of(set));
  }

  /** The set that this solver matches to. */
  public PatternSet set() {
    return set;
  }

  LaneSums sums() {
    return sums;
  }

  /**
   * The placement of the paper rule. With {@link PatternSet#FREE} every channel gets what it asks
   * for, and the registers are those of {@link #registersFor}.
   *
   * @throws SysmolException if the set has no slots as wide as a channel asks for; {@link
   *     Demand#clampToSet} lowers such demands where the caller wants that
   */
  public Placement solve(Demand demand) {
    if (set.free()) {
      return registersFor(demand.n1(), demand.n2(), demand.n4());
    }
    refuseTooWide(demand);
    int registers = fewestRegisters(demand);
    Lanes best = mostBits(demand, registers);
    int n = demand.channels();
    int n4 = Math.min(4 * best.lanes4, n);
    int n2 = Math.min(8 * best.lanes2, n - n4);
    return new Placement(sums.registers(registers, best.lanes2, best.lanes4), n - n4 - n2, n2, n4);
  }

  void refuseTooWide(Demand demand) {
    int highest = set.highestPrecision();
    int wide = highest >= 4 ? 0 : highest == 2 ? demand.n4() : demand.n4() + demand.n2();
    if (wide > 0) {
      throw SysmolException.badInput(
          "Pattern set %s has at most %d-bit slots, but %d channels ask for more: choose a set with wider slots, or ask for the channels to be lowered to %d bits."
              .formatted(set.name(), highest, wide, highest));
    }
  }

  /** The number of registers of {@link #solve}, for a set that is not free. */
  int fewestRegisters(Demand d) {
    int bound = 0;
    bound = Math.max(bound, atLeast(d.n4(), mostFours));
    bound = Math.max(bound, atLeast(d.n4() + d.n2(), mostTwosAndFours));
    bound = Math.max(bound, atLeast(d.channels(), mostSlots));
    return least(bound, r -> isEnough(d, r));
  }

  private static int atLeast(int channels, int slots) {
    return channels == 0 ? 0 : Math.ceilDiv(channels, slots);
  }

  /** The least number from {@code bound} up that passes; all above a passing one must pass. */
  private static int least(int bound, IntPredicate enough) {
    int high = bound;
    int low = bound - 1;
    for (int step = 1; !enough.test(high); step *= 2) {
      low = high;
      high += step;
    }
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (enough.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** Twice the 2-bit lanes plus thrice the 4-bit lanes may be at most this; below 0: too few. */
  static int spareLanes(int registers, int channels) {
    // slots = 128 r - 8 lanes2 - 12 lanes4 >= channels
    return Math.floorDiv(Pattern.BITS * registers - channels, 4);
  }

  /** The 2-bit lanes that serve best with these 4-bit lanes, or -1 if none leave enough slots. */
  int mostLanes2(int registers, int lanes4, int channels) {
    int limit = Math.floorDiv(spareLanes(registers, channels) - 3 * lanes4, 2);
    return limit < 0 ? -1 : sums.mostLanes2(registers, lanes4, limit);
  }

  private boolean isEnough(Demand d, int registers) {
    int last = lastLanes4(d.channels(), registers);
    for (int lanes4 = Math.ceilDiv(d.n4(), 4); lanes4 <= last; lanes4++) {
      if (dominates(d, lanes4, mostLanes2(registers, lanes4, d.channels()))) {
        return true;
      }
    }
    return false;
  }

  /** The most 4-bit lanes that leave {@code registers} registers enough slots. */
  static int lastLanes4(int channels, int registers) {
    return Math.min(8 * registers, Math.floorDiv(spareLanes(registers, channels), 3));
  }

  private static boolean dominates(Demand d, int lanes4, int lanes2) {
    return lanes2 >= 0 && 4 * lanes4 + 8 * lanes2 >= d.n4() + d.n2();
  }

  private record Lanes(int lanes2, int lanes4) {}

  private Lanes mostBits(Demand d, int registers) {
    int n = d.channels();
    Lanes best = new Lanes(-1, -1);
    long bestBits = -1;
    int bestFours = -1;
    int last = lastLanes4(n, registers);
    for (int lanes4 = Math.ceilDiv(d.n4(), 4); lanes4 <= last; lanes4++) {
      int lanes2 = mostLanes2(registers, lanes4, n);
      if (!dominates(d, lanes4, lanes2)) {
        continue;
      }
      int n4 = Math.min(4 * lanes4, n);
      int n2 = Math.min(8 * lanes2, n - n4);
      long bits = n + 3L * n4 + n2;
      if (bits > bestBits || (bits == bestBits && n4 > bestFours)) {
        best = new Lanes(lanes2, lanes4);
        bestBits = bits;
        bestFours = n4;
      }
    }
    return best;
  }

  /**
   * The fewest registers with a slot of its own precision for each of so many channels; slots may
   * stay empty. Of equals the one with the fewest empty slots is taken, then the one with the
   * fewest 4-bit lanes.
   *
   * @param m1 channels at 1 bit
   * @param m2 channels at 2 bits
   * @param m4 channels at 4 bits
   * @throws SysmolException if the set has no slots of a precision that is needed
   */
  public Placement registersFor(int m1, int m2, int m4) {
    int registers = countFor(m1, m2, m4);
    int lanes1 = Math.ceilDiv(m1, 16);
    int bestLanes2 = -1;
    int bestLanes4 = -1;
    for (int lanes4 = Math.ceilDiv(m4, 4); lanes4 <= 8 * registers - lanes1; lanes4++) {
      int lanes2 = sums.mostLanes2(registers, lanes4, 8 * registers - lanes1 - lanes4);
      if (8 * lanes2 >= m2
          && lanes2 >= 0
          && 2 * lanes2 + 3 * lanes4 > 2 * bestLanes2 + 3 * bestLanes4) {
        bestLanes2 = lanes2;
        bestLanes4 = lanes4;
      }
    }
    return new Placement(sums.registers(registers, bestLanes2, bestLanes4), m1, m2, m4);
  }

  /** How many registers {@link #registersFor} needs. */
  public int countFor(int m1, int m2, int m4) {
    Demand counts = new Demand(m1, m2, m4);
    refuseMissing(1, m1);
    refuseMissing(2, m2);
    refuseMissing(4, m4);
    int lanes1 = Math.ceilDiv(m1, 16);
    int lanes2 = Math.ceilDiv(m2, 8);
    int lanes4 = Math.ceilDiv(m4, 4);
    int bound =
        Math.max(Math.ceilDiv(lanes1 + lanes2 + lanes4, 8), atLeast(counts.channels(), mostSlots));
    return least(bound, r -> hasLanes(r, lanes1, lanes2, lanes4));
  }

  private boolean hasLanes(int registers, int lanes1, int lanes2, int lanes4) {
    for (int fours = lanes4; fours <= 8 * registers - lanes1 - lanes2; fours++) {
      if (sums.mostLanes2(registers, fours, 8 * registers - lanes1 - fours) >= lanes2) {
        return true;
      }
    }
    return false;
  }

  private void refuseMissing(int precision, int channels) {
    if (channels > 0 && !set.has(precision)) {
      throw SysmolException.badInput(
          "Pattern set %s has no %d-bit slots, so %d channels at %d bits have no place: choose another set or other precisions, of which it has %s."
              .formatted(set.name(), precision, channels, precision, set.precisions()));
    }
  }
}
