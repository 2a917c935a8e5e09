package org.sysmol.hardware.simulate;

import java.util.Arrays;
import org.sysmol.core.architecture.Core;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;

/**
 * How many cycles a trace takes on a core: each instruction begins when it may, its operands are
 * there and a unit is free.
 *
 * <p>In order, an instruction begins no earlier than the one before it. Out of order, it enters the
 * window when one of its places is free (instructions leave in order), and of those in the window
 * any may begin. Registers are renamed, so only true dependences count; branches are predicted,
 * stores wait in a buffer. Data from memory pass one channel of limited bandwidth; lines that were
 * prefetched arrive when the channel has brought them. Instruction fetch is perfect: loops fit the
 * instruction cache.
 */
final class Pipeline {
  private static final int RING = 1 << 13;
  private static final int UNITS = 4;
  private static final int SIMD = UNITS;

  private final Core core;
  private final int[] units;
  private final long[] ready = new long[64];
  private final long[] accumulated = new long[64];
  private final int[][] busy = new int[UNITS][RING];
  private final VectorSchedule vector;
  private final int[] begun = new int[RING];
  private final long[] begunCycle = new long[RING];
  private final long[] left;
  private long frontCycle;
  private int frontCount;

  Pipeline(Core core) {
    this.core = core;
    units = new int[] {core.integerUnits(), 1, core.loadUnits(), core.storeUnits()};
    vector = new VectorSchedule(core, RING);
    left = new long[core.window()];
  }

  /** Told when each instruction of a trace did what, in program order. */
  interface Observer {
    /** Nobody wants to know. */
    Observer NONE = (at, place, entered, begun, done) -> {};

    /**
     * An instruction.
     *
     * @param at its place in the trace
     * @param place which of the units of its kind took it, from 0
     * @param entered first cycle in which it could begin had its operands and a unit been there
     * @param begun cycle in which it began
     * @param done cycle in which its result can be used
     */
    void instruction(int at, int place, long entered, long begun, long done);
  }

  /** Cycles from the first instruction to the end of the last. */
  long cycles(Instruction[] code, Trace trace) {
    return cycles(code, trace, Observer.NONE);
  }

  /** Cycles from the first instruction to the end of the last, of which an observer is told. */
  long cycles(Instruction[] code, Trace trace, Observer observer) {
    Arrays.fill(ready, 0);
    Arrays.fill(accumulated, 0);
    Arrays.fill(left, 0);
    Arrays.fill(begunCycle, -1);
    vector.clear();
    frontCycle = 0;
    frontCount = 0;
    long previous = 0;
    long end = 0;
    double channel = 0;
    long retired = 0;
    for (int k = 0; k < trace.length(); k++) {
      Instruction i = code[trace.instruction(k)];
      int found = trace.level(k);
      int place = k % left.length;
      long earliest = core.outOfOrder() ? enter(left[place]) : previous;
      long start = Math.max(earliest, operands(i));
      start = take(i.opcode(), start);
      int lines = CacheModel.lines(found);
      long done = start + latency(i);
      if (found != 0 && i.opcode().unit() == Opcode.Unit.LOAD) {
        if (CacheModel.level(found) >= CacheModel.L2) {
          done += core.l2().cycles();
        }
        if (CacheModel.level(found) == CacheModel.MEMORY) {
          channel = Math.max(channel, (double) start) + core.cyclesPerLine();
          done = Math.max(done + core.memoryCycles(), (long) channel);
          lines--;
        }
      }
      if (lines > 0) {
        channel = Math.max(channel, (double) start) + lines * core.cyclesPerLine();
        // A channel that is far behind holds up whoever asks it for more.
        if (i.opcode().unit() == Opcode.Unit.LOAD) {
          done = Math.max(done, (long) channel - (long) (lines * core.cyclesPerLine()));
        }
      }
      int unit = unit(i.opcode());
      int number = unit == SIMD ? vector.unit() : busy[unit][(int) (start & RING - 1)] - 1;
      observer.instruction(k, number, earliest, start, done);
      write(i, start, done);
      previous = start;
      end = Math.max(end, done);
      retired = Math.max(retired, done);
      left[place] = retired;
    }
    return Math.max(end, (long) channel);
  }

  /** The cycle in which the front end brings the next instruction, whose place is free then. */
  private long enter(long free) {
    if (free > frontCycle) {
      frontCycle = free;
      frontCount = 0;
    } else if (frontCount == core.issueWidth()) {
      frontCycle++;
      frontCount = 0;
    }
    frontCount++;
    return frontCycle;
  }

  private static int unit(Opcode opcode) {
    return switch (opcode.unit()) {
      case INTEGER -> 0;
      case BRANCH -> 1;
      case LOAD -> 2;
      case STORE -> 3;
      default -> SIMD;
    };
  }

  /** Takes what an instruction needs in the first cycle that has it. */
  private long take(Opcode opcode, long from) {
    int unit = unit(opcode);
    // The data of a vector's store pass a vector unit, as in Arm's out-of-order cores.
    boolean vectors = unit == SIMD || (core.outOfOrder() && opcode.shape() == Opcode.Shape.STORE_V);
    for (long cycle = from; ; cycle++) {
      int slot = (int) (cycle & RING - 1);
      if (begunCycle[slot] != cycle) {
        begunCycle[slot] = cycle;
        begun[slot] = 0;
        for (int[] counts : busy) {
          counts[slot] = 0;
        }
      }
      if ((core.outOfOrder() || begun[slot] < core.issueWidth())
          && (unit == SIMD || busy[unit][slot] < units[unit])
          && (!vectors || vector.isFree(opcode, cycle))) {
        if (vectors) {
          vector.take(opcode, cycle);
        }
        if (unit != SIMD) {
          busy[unit][slot]++;
        }
        begun[slot]++;
        return cycle;
      }
    }
  }

  private int latency(Instruction i) {
    Core.Latencies l = core.latencies();
    return switch (i.opcode().unit()) {
      case INTEGER, BRANCH, STORE -> l.integer();
      case LOAD -> l.load();
      case SIMD -> l.simd();
      case MULTIPLY -> l.multiply();
      case MIXED -> l.mixed();
      case FLOAT_ADD -> l.floatAdd();
      case FLOAT_MULTIPLY -> l.floatMultiply();
      case FLOAT_MULTIPLY_ADD -> l.floatMultiplyAdd();
      case CONVERT -> l.convert();
    };
  }

  // Vector registers are 0 to 31, general ones 32 to 63; VPSET's registers and flags are never
  // waited for, since they are set long before.

  private long operands(Instruction i) {
    int n = i.n();
    int m = i.m();
    return switch (i.opcode().shape()) {
      case NONE, X, V -> 0;
      case XX, VX, VX_POST -> ready[32 + n];
      case XXX -> Math.max(ready[32 + n], ready[32 + m]);
      case STORE_X -> Math.max(ready[32 + n], ready[32 + i.d()]);
      case STORE_V -> Math.max(ready[32 + n], ready[i.d()]);
      case VV -> ready[n];
      case VV_D -> Math.max(ready[n], ready[i.d()]);
      case VVV -> Math.max(ready[n], ready[m]);
      case VVV_KEPT -> Math.max(Math.max(ready[n], ready[m]), ready[i.d()]);
      case VVV_D -> Math.max(Math.max(ready[n], ready[m]), accumulated[i.d()]);
      case VVV_A -> Math.max(Math.max(ready[n], ready[m]), accumulated[i.immediate()]);
    };
  }

  private void write(Instruction i, long start, long done) {
    switch (i.opcode().shape()) {
      case NONE, STORE_X, STORE_V -> {}
      case X, XX, XXX -> ready[32 + i.d()] = done;
      case VX_POST -> {
        ready[i.d()] = done;
        ready[32 + i.n()] = start + core.latencies().integer();
        accumulated[i.d()] = done;
      }
      case VX, V, VV, VV_D, VVV, VVV_KEPT -> {
        ready[i.d()] = done;
        // The first multiply of a sum forwards as the others do.
        accumulated[i.d()] =
            i.opcode().unit() == Opcode.Unit.MIXED ? start + core.latencies().accumulate() : done;
      }
      case VVV_D, VVV_A -> {
        ready[i.d()] = done;
        accumulated[i.d()] =
            start
                + (i.opcode().unit() == Opcode.Unit.FLOAT_MULTIPLY_ADD
                    ? core.latencies().floatAccumulate()
                    : core.latencies().accumulate());
      }
    }
  }
}
