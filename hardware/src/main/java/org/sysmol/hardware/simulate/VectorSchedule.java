package org.sysmol.hardware.simulate;

import java.util.Arrays;
import org.sysmol.core.architecture.Core;
import org.sysmol.hardware.isa.Opcode;

/**
 * Which vector unit is taken in which cycle. The first units of a core multiply integers and
 * convert, the last ones shift, widen and narrow; all do the rest ({@link Core.Shares}).
 */
@SuppressWarnings(
    "EnumOrdinal") // tables by opcode, never kept: a map would cost time in each cycle
final class VectorSchedule {
  private final int all;
  private final int[] allowed = new int[Opcode.values().length];
  private final int[] held = new int[Opcode.values().length];
  private final int[] taken;
  private final long[] takenCycle;
  private final long[] given;
  private int unit;

  /** A schedule of so many cycles, a power of two, at a time. */
  VectorSchedule(Core core, int cycles) {
    taken = new int[cycles];
    takenCycle = new long[cycles];
    given = new long[core.simdUnits()];
    all = (1 << core.simdUnits()) - 1;
    Core.Shares shares = core.shares();
    int multiply = (1 << Math.min(shares.multiplyUnits(), core.simdUnits())) - 1;
    int shifting = Math.min(shares.shiftUnits(), core.simdUnits());
    int shift = all & ~((1 << (core.simdUnits() - shifting)) - 1);
    for (Opcode opcode : Opcode.values()) {
      int k = opcode.ordinal();
      allowed[k] =
          switch (opcode) {
            case MLA_8H, SMLAL_4S, SMLAL2_4S, SCVTF_4S, FCVTNU_4S, FCVTNS_4S, FCVTMS_4S -> multiply;
            case SLI_16B,
                SSHR_8H,
                UQXTN_4H,
                SQXTN_4H,
                SQXTN2_8H,
                UQXTN_8B,
                SQXTN_8B,
                UXTL_8H,
                SXTL_8H,
                UXTL_4S,
                SXTL_4S,
                SXTL2_4S ->
                shift;
            default -> all;
          };
      held[k] =
          opcode == Opcode.MLA_8H
              ? shares.multiplyCycles()
              : opcode.unit() == Opcode.Unit.CONVERT ? shares.convertCycles() : 1;
    }
  }

  /** Nothing is taken. */
  void clear() {
    Arrays.fill(takenCycle, -1);
    Arrays.fill(given, 0);
  }

  /** Whether an instruction could begin in a cycle. */
  boolean isFree(Opcode opcode, long cycle) {
    return free(opcode, cycle) != 0;
  }

  /** Takes the one of the free units that has had least to do; its number is {@link #unit}. */
  void take(Opcode opcode, long cycle) {
    int free = free(opcode, cycle);
    int best = Integer.numberOfTrailingZeros(free);
    for (int u = best + 1; u < given.length; u++) {
      if ((free >> u & 1) != 0 && given[u] < given[best]) {
        best = u;
      }
    }
    int cycles = held[opcode.ordinal()];
    for (long c = cycle; c < cycle + cycles; c++) {
      taken[slot(c)] = taken(c) | 1 << best;
      takenCycle[slot(c)] = c;
    }
    given[best] += cycles;
    unit = best;
  }

  /** The unit that was taken last. */
  int unit() {
    return unit;
  }

  private int free(Opcode opcode, long cycle) {
    int free = allowed[opcode.ordinal()];
    for (long c = cycle; c < cycle + held[opcode.ordinal()]; c++) {
      free &= ~taken(c);
    }
    return free;
  }

  private int taken(long cycle) {
    int slot = slot(cycle);
    return takenCycle[slot] == cycle ? taken[slot] : 0;
  }

  private int slot(long cycle) {
    return (int) (cycle & taken.length - 1);
  }
}
