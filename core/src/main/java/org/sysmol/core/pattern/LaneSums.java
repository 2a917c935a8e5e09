package org.sysmol.core.pattern;

import java.util.List;

/**
 * Which totals of lanes a number of registers can have with the patterns of one set.
 *
 * <p>A pattern is eight lanes, so what {@code r} registers hold in all is told by two numbers:
 * their 2-bit lanes and their 4-bit lanes; the 1-bit lanes are the rest of {@code 8 r}. Every
 * question of the solvers is one about these pairs.
 */
sealed interface LaneSums permits UniformLaneSums, TableLaneSums {
  /**
   * The largest number of 2-bit lanes, at most {@code limit}, that some {@code registers} registers
   * with exactly {@code lanes4} 4-bit lanes have in all, or -1 if there is none.
   */
  int mostLanes2(int registers, int lanes4, int limit);

  /**
   * Registers with exactly these lanes in all, in the order of the set. The lanes must be such that
   * {@code mostLanes2(registers, lanes4, lanes2) == lanes2}.
   */
  List<Pattern> registers(int registers, int lanes2, int lanes4);

  /** The faster of the two ways for this set. */
  static LaneSums of(PatternSet set) {
    return UniformLaneSums.fits(set) ? new UniformLaneSums(set) : new TableLaneSums(set.patterns());
  }
}
