package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The twin of the solvers that cannot be wrong: every multiset of patterns, one by one. It shares
 * no code with them.
 */
final class Exhaustive {
  /** Slots of a multiset of patterns. */
  record Slots(int s1, int s2, int s4) {}

  private final PatternSet set;
  private final List<Set<Slots>> byRegisters = new ArrayList<>();

  Exhaustive(PatternSet set) {
    this.set = set;
  }

  /** The different totals of slots over all multisets of so many patterns. */
  Set<Slots> totals(int registers) {
    while (byRegisters.size() <= registers) {
      Set<Slots> totals = new LinkedHashSet<>();
      multisets(byRegisters.size(), 0, 0, 0, 0, totals);
      byRegisters.add(totals);
    }
    return byRegisters.get(registers);
  }

  private void multisets(int left, int from, int s1, int s2, int s4, Set<Slots> into) {
    if (left == 0) {
      into.add(new Slots(s1, s2, s4));
      return;
    }
    for (int i = from; i < set.patterns().size(); i++) {
      Pattern p = set.patterns().get(i);
      multisets(left - 1, i, s1 + p.n1(), s2 + p.n2(), s4 + p.n4(), into);
    }
  }

  /** What the paper rule allows at best: registers, then bits, then channels at 4 bits. */
  record Best(int registers, long bits, int n4) {}

  Best paperRule(Demand d) {
    int n = d.channels();
    for (int registers = 0; ; registers++) {
      Best best = new Best(registers, -1, -1);
      for (Slots s : totals(registers)) {
        if (s.s4 >= d.n4() && s.s4 + s.s2 >= d.n4() + d.n2() && s.s4 + s.s2 + s.s1 >= n) {
          int n4 = Math.min(s.s4, n);
          int n2 = Math.min(s.s2, n - n4);
          long bits = 4L * n4 + 2L * n2 + (n - n4 - n2);
          if (bits > best.bits || (bits == best.bits && n4 > best.n4)) {
            best = new Best(registers, bits, n4);
          }
        }
      }
      if (best.bits >= 0) {
        return best;
      }
    }
  }

  /** The fewest registers with these slots at least. */
  int registersFor(int m1, int m2, int m4) {
    for (int registers = 0; ; registers++) {
      for (Slots s : totals(registers)) {
        if (s.s1 >= m1 && s.s2 >= m2 && s.s4 >= m4) {
          return registers;
        }
      }
    }
  }
}
