package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lane sums of a set that has the uniform pattern of each precision it uses, as all presets do.
 *
 * <h2>Why a few mixed registers are enough</h2>
 *
 * <p>Count each register's lanes modulo 8: a uniform register is zero, and a mixed one is an
 * element of the group Z8 x Z8 (the third count follows from the other two). Any 15 elements of
 * that group contain some that add up to zero (its Davenport constant is 8 + 8 - 1 = 15; J. E.
 * Olson, <i>A combinatorial problem on finite Abelian groups I</i>, 1969). Such a part of the
 * registers has whole registers' worth of lanes of each precision, so as many uniform registers
 * have the very same lanes. So whatever registers have in all, at most 14 mixed ones and uniform
 * ones have too.
 *
 * <p>The constructor lists the sums of mixed registers that are worth keeping: those that no other
 * listed sum plus uniform registers equals. For all 45 patterns there are 64, one for each element
 * of the group. Every question is then answered in closed form for each listed sum.
 */
final class UniformLaneSums implements LaneSums {
  /** A sum of mixed registers: a register of pattern {@code added} on top of {@code rest}. */
  private record Mixed(
      int registers, int lanes1, int lanes2, int lanes4, int added, @Nullable Mixed rest) {
    Mixed plus(Pattern p, int index) {
      return new Mixed(
          registers + 1,
          lanes1 + p.lanes1(),
          lanes2 + p.lanes2(),
          lanes4 + p.lanes4(),
          index,
          this);
    }

    /** Whether some uniform registers on top of {@code smaller} have the same lanes. */
    boolean isUniformAbove(Mixed smaller) {
      int d1 = lanes1 - smaller.lanes1;
      int d2 = lanes2 - smaller.lanes2;
      int d4 = lanes4 - smaller.lanes4;
      return d1 >= 0 && d2 >= 0 && d4 >= 0 && d1 % 8 == 0 && d2 % 8 == 0 && d4 % 8 == 0;
    }
  }

  private final List<Pattern> patterns;
  private final int uniform1;
  private final int uniform2;
  private final int uniform4;
  // The listed sums by their 4-bit lanes modulo 8, fewest registers first.
  private final List<List<Mixed>> byLanes4 = new ArrayList<>();

  UniformLaneSums(PatternSet set) {
    patterns = set.patterns();
    uniform1 = patterns.indexOf(Pattern.ofLanes(8, 0, 0));
    uniform2 = patterns.indexOf(Pattern.ofLanes(0, 8, 0));
    uniform4 = patterns.indexOf(Pattern.ofLanes(0, 0, 8));
    List<Mixed> kept = new ArrayList<>();
    List<Mixed> level = List.of(new Mixed(0, 0, 0, 0, -1, null));
    while (!level.isEmpty()) {
      kept.addAll(level);
      List<Mixed> next = new ArrayList<>();
      for (Mixed sum : level) {
        for (int i = 0; i < patterns.size(); i++) {
          if (i == uniform1 || i == uniform2 || i == uniform4) {
            continue;
          }
          Mixed candidate = sum.plus(patterns.get(i), i);
          if (kept.stream().noneMatch(candidate::isUniformAbove)
              && next.stream().noneMatch(candidate::isUniformAbove)) {
            next.add(candidate);
          }
        }
      }
      level = next;
    }
    for (int residue = 0; residue < 8; residue++) {
      int wanted = residue;
      byLanes4.add(kept.stream().filter(m -> m.lanes4 % 8 == wanted).toList());
    }
  }

  /** Whether the set has the uniform pattern of each precision that any of its patterns uses. */
  static boolean fits(PatternSet set) {
    return (!set.has(1) || set.patterns().contains(Pattern.ofLanes(8, 0, 0)))
        && (!set.has(2) || set.patterns().contains(Pattern.ofLanes(0, 8, 0)))
        && (!set.has(4) || set.patterns().contains(Pattern.ofLanes(0, 0, 8)));
  }

  /** How many sums of mixed registers are listed. */
  int mixedSums() {
    return byLanes4.stream().mapToInt(List::size).sum();
  }

  @Override
  public int mostLanes2(int registers, int lanes4, int limit) {
    int most = -1;
    List<Mixed> sums = byLanes4.get(lanes4 % 8);
    for (int i = 0; i < sums.size(); i++) {
      most = Math.max(most, mostLanes2(sums.get(i), registers, lanes4, limit));
    }
    return most;
  }

  private int mostLanes2(Mixed sum, int registers, int lanes4, int limit) {
    if (sum.lanes4 > lanes4 || sum.lanes2 > limit) {
      return -1;
    }
    int fours = (lanes4 - sum.lanes4) / 8;
    int left = registers - sum.registers - fours;
    if (left < 0 || (fours > 0 && uniform4 < 0)) {
      return -1;
    }
    int twos = uniform2 < 0 ? 0 : Math.min(left, (limit - sum.lanes2) / 8);
    if (twos < left && uniform1 < 0) {
      return -1; // the rest would have to be registers of ones
    }
    return sum.lanes2 + 8 * twos;
  }

  @Override
  public List<Pattern> registers(int registers, int lanes2, int lanes4) {
    for (Mixed sum : byLanes4.get(lanes4 % 8)) {
      if (mostLanes2(sum, registers, lanes4, lanes2) == lanes2) {
        int[] count = new int[patterns.size()];
        for (Mixed m = sum; m != null && m.added >= 0; m = m.rest) {
          count[m.added]++;
        }
        int fours = (lanes4 - sum.lanes4) / 8;
        int twos = (lanes2 - sum.lanes2) / 8;
        add(count, uniform4, fours);
        add(count, uniform2, twos);
        add(count, uniform1, registers - sum.registers - fours - twos);
        List<Pattern> list = new ArrayList<>(registers);
        for (int i = 0; i < count.length; i++) {
          for (int k = 0; k < count[i]; k++) {
            list.add(patterns.get(i));
          }
        }
        return list;
      }
    }
    throw new IllegalArgumentException(
        registers + " registers cannot have " + lanes2 + " and " + lanes4 + " lanes");
  }

  private static void add(int[] count, int pattern, int registers) {
    if (registers > 0) {
      count[pattern] += registers;
    }
  }
}
