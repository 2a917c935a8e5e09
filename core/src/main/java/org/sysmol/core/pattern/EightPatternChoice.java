package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.List;

/**
 * The computation that chooses the eight patterns of {@link PatternSet#P8} (PAPER section 2 leaves
 * open which they are).
 *
 * <h2>The question</h2>
 *
 * <p>Which four patterns, added to P4, serve a wide spread of demands best? Every one of the
 * 101,270 choices of four from the other 41 patterns is judged by
 *
 * <ol>
 *   <li>the mean number of registers of the paper rule over {@link #demands}: time and energy of a
 *       layer go with its registers;
 *   <li>of equals, the mean number of bits by which that many registers must promote channels
 *       beyond their demand: the fewer, the closer the hardware follows what training asked for;
 *   <li>of equals, the first in the order of {@link Pattern#all}.
 * </ol>
 *
 * <p>The spread is layers of 32, 64, 96, ... 512 channels, each with every split of its channels
 * among 1, 2 and 4 bits in twentieths, rounded to whole channels: 3,696 demands. A choice is given
 * up as soon as its registers so far and the least possible for the rest exceed the best choice's.
 */
public final class EightPatternChoice {
  private static final int[] CHANNELS = {
    32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512
  };
  private static final int SPLITS = 20;

  private final List<Demand> demands = demands();
  private final int[] leastFrom = leastFrom();

  private EightPatternChoice() {}

  /**
   * The outcome.
   *
   * @param patterns P4 and the chosen four, in the order of the preset
   * @param registers registers over all demands
   * @param promotedBits bits over all demands by which channels are promoted, at the least
   * @param demands the number of demands
   * @param equals how many choices need as few registers
   */
  public record Choice(
      List<Pattern> patterns, long registers, long promotedBits, int demands, int equals) {
    /** Checks nothing; the list is made immutable. */
    public Choice {
      patterns = List.copyOf(patterns);
    }
  }

  /** Makes the choice: some seconds of work, the same result always. */
  public static Choice choose() {
    return new EightPatternChoice().search();
  }

  /** How any set serves the demands, with {@code equals} 1. */
  public static Choice judge(PatternSet set) {
    EightPatternChoice choice = new EightPatternChoice();
    PatternSolver solver = PatternSolver.of(set);
    long registers = choice.registers(solver, Long.MAX_VALUE);
    return new Choice(
        set.patterns(), registers, choice.promotedBits(solver), choice.demands.size(), 1);
  }

  /** The spread of demands, smallest layers first. */
  public static List<Demand> demands() {
    List<Demand> demands = new ArrayList<>();
    for (int n : CHANNELS) {
      for (int fours = 0; fours <= SPLITS; fours++) {
        for (int more = fours; more <= SPLITS; more++) {
          int n4 = Math.round((float) (n * fours) / SPLITS);
          int n42 = Math.round((float) (n * more) / SPLITS);
          demands.add(new Demand(n - n42, n42 - n4, n4));
        }
      }
    }
    return List.copyOf(demands);
  }

  /** Entry i: what demands i and later need with all 45 patterns, so with any set at least. */
  private int[] leastFrom() {
    PatternSolver all = PatternSolver.of(PatternSet.P45);
    int[] least = new int[demands.size() + 1];
    for (int i = demands.size() - 1; i >= 0; i--) {
      least[i] = least[i + 1] + all.fewestRegisters(demands.get(i));
    }
    return least;
  }

  private Choice search() {
    List<Pattern> others = new ArrayList<>(Pattern.all());
    others.removeAll(PatternSet.P4.patterns());
    long bestRegisters = Long.MAX_VALUE;
    List<List<Pattern>> best = new ArrayList<>();
    int n = others.size();
    for (int a = 0; a < n; a++) {
      for (int b = a + 1; b < n; b++) {
        for (int c = b + 1; c < n; c++) {
          for (int d = c + 1; d < n; d++) {
            List<Pattern> patterns = new ArrayList<>(PatternSet.P4.patterns());
            patterns.addAll(List.of(others.get(a), others.get(b), others.get(c), others.get(d)));
            long registers = registers(solver(patterns), bestRegisters);
            if (registers < bestRegisters) {
              bestRegisters = registers;
              best.clear();
            }
            if (registers == bestRegisters) {
              best.add(patterns);
            }
          }
        }
      }
    }
    long leastPromoted = Long.MAX_VALUE;
    List<Pattern> chosen = List.of();
    for (List<Pattern> patterns : best) {
      long promoted = promotedBits(solver(patterns));
      if (promoted < leastPromoted) {
        leastPromoted = promoted;
        chosen = patterns;
      }
    }
    return new Choice(chosen, bestRegisters, leastPromoted, demands.size(), best.size());
  }

  private static PatternSolver solver(List<Pattern> patterns) {
    return new PatternSolver(
        new PatternSet("candidate", patterns, false), new TableLaneSums(patterns));
  }

  /** Registers over all demands, or something above {@code limit} if they exceed it. */
  private long registers(PatternSolver solver, long limit) {
    long sum = 0;
    for (int i = 0; i < demands.size() && sum + leastFrom[i] <= limit; i++) {
      sum += solver.fewestRegisters(demands.get(i));
      if (sum + leastFrom[i + 1] > limit) {
        return Long.MAX_VALUE;
      }
    }
    return sum;
  }

  private long promotedBits(PatternSolver solver) {
    long sum = 0;
    for (Demand d : demands) {
      sum += leastBits(solver, d) - d.bits();
    }
    return sum;
  }

  /**
   * The fewest bits that the channels can have in the fewest registers of the paper rule: as many
   * as possible of those that ask for 1 bit stay there, the others move to 2 bits, and what then
   * exceeds the 2-bit slots moves to 4.
   */
  private static long leastBits(PatternSolver solver, Demand d) {
    int registers = solver.fewestRegisters(d);
    int n = d.channels();
    long least = Long.MAX_VALUE;
    int last = PatternSolver.lastLanes4(n, registers);
    for (int lanes4 = Math.ceilDiv(d.n4(), 4); lanes4 <= last; lanes4++) {
      int lanes2 = solver.mostLanes2(registers, lanes4, n);
      while (lanes2 >= 0 && 4 * lanes4 + 8 * lanes2 >= d.n4() + d.n2()) {
        int at1 = Math.min(d.n1(), 16 * (8 * registers - lanes2 - lanes4));
        int at2 = Math.min(n - d.n4() - at1, 8 * lanes2);
        least = Math.min(least, at1 + 2L * at2 + 4L * (n - at1 - at2));
        lanes2 = lanes2 == 0 ? -1 : solver.sums().mostLanes2(registers, lanes4, lanes2 - 1);
      }
    }
    return least;
  }
}
