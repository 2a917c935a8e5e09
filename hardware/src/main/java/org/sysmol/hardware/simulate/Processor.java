package org.sysmol.hardware.simulate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Executes programs instruction by instruction on registers and memory (docs/isa.md). An address
 * outside of the memory is a failure, not a read of zeros.
 */
public final class Processor {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] memory;
  private final int[] patternModes;
  private final MemorySystem caches;
  private final long[] low = new long[32];
  private final long[] high = new long[32];
  private final long[] x = new long[32];
  private final int[] modes = new int[4];
  private final VectorUnit unit = new VectorUnit(low, high);

  /**
   * A processor.
   *
   * @param memory all of it; addresses are indexes
   * @param patterns what VPSET counts
   * @param caches told of every access
   */
  Processor(byte[] memory, List<Pattern> patterns, MemorySystem caches) {
    this.memory = memory;
    this.patternModes = patterns.stream().mapToInt(LaneMode::modes).toArray();
    this.caches = caches;
  }

  /** A processor whose accesses nobody counts. */
  public Processor(byte[] memory, List<Pattern> patterns) {
    this(memory, patterns, MemorySystem.NONE);
  }

  /** Sets general registers 0, 1, …, the arguments of the next run. */
  public void arguments(long... values) {
    System.arraycopy(values, 0, x, 0, values.length);
  }

  /** Runs a program to its end. */
  public void run(Program program) {
    run(program, new Trace());
  }

  /** Runs a program to its end and writes down what happened. */
  void run(Program program, Trace trace) {
    Instruction[] code = program.instructions().toArray(Instruction[]::new);
    run(code, trace);
  }

  void run(Instruction[] code, Trace trace) {
    trace.clear();
    boolean nonZero = false;
    int at = 0;
    while (true) {
      Instruction i = code[at];
      int d = i.d();
      int level = 0;
      if (i.opcode().bytes() > 0) {
        long address = address(i);
        transfer(i, checked(address, i));
        level = caches.access(address, i.opcode().bytes(), i.opcode().unit() == Opcode.Unit.STORE);
        trace.add(at++, level);
        continue;
      }
      trace.add(at, level);
      switch (i.opcode()) {
        case MOV_X -> x[d] = i.immediate();
        case ADD_X -> x[d] = x[i.n()] + i.immediate();
        case ADD_XX -> x[d] = x[i.n()] + x[i.m()];
        case SUBS_X -> {
          x[d] = x[i.n()] - i.immediate();
          nonZero = x[d] != 0;
        }
        case B_NE -> {
          if (nonZero) {
            at = i.immediate();
            continue;
          }
        }
        case RET -> {
          return;
        }
        case VPSET -> modes[i.lane()] = patternModes[i.immediate()];
        case VMULU -> multiply(i, 0, false);
        case VMULS -> multiply(i, 1, false);
        case VMACU -> multiply(i, 0, true);
        case VMACS -> multiply(i, 1, true);
        default -> unit.execute(i);
      }
      at++;
    }
  }

  private long address(Instruction i) {
    long base = x[i.n()];
    return switch (i.opcode().shape()) {
      case XXX -> base + x[i.m()];
      case VX_POST -> {
        x[i.n()] = base + i.immediate();
        yield base;
      }
      default -> base + i.immediate();
    };
  }

  private void multiply(Instruction i, int signed, boolean accumulate) {
    int m = modes[i.lane()];
    int d = i.d();
    low[d] = MixedTables.accumulate(low[i.m()], low[i.n()], m, signed, accumulate ? low[d] : 0);
    high[d] =
        MixedTables.accumulate(high[i.m()], high[i.n()], m >> 8, signed, accumulate ? high[d] : 0);
  }

  private int checked(long address, Instruction i) {
    if (address < 0 || address + i.opcode().bytes() > memory.length) {
      throw new IndexOutOfBoundsException(
          "%s reaches address %d of %d bytes".formatted(i, address, memory.length));
    }
    return (int) address;
  }

  private void transfer(Instruction i, int address) {
    int d = i.d();
    switch (i.opcode()) {
      case LDR_X -> x[d] = (long) LONG.get(memory, address);
      case LDRB_W, LDRB_WX -> x[d] = memory[address] & 0xFF;
      case STRB_W -> memory[address] = (byte) x[d];
      case LDR_Q, LDR_Q_POST -> {
        low[d] = (long) LONG.get(memory, address);
        high[d] = (long) LONG.get(memory, address + 8);
      }
      case LDR_D -> {
        low[d] = (long) LONG.get(memory, address);
        high[d] = 0;
      }
      case LDR_S -> {
        low[d] = (int) INT.get(memory, address) & 0xFFFF_FFFFL;
        high[d] = 0;
      }
      case LDR_H -> {
        low[d] = (memory[address] & 0xFF) | ((memory[address + 1] & 0xFF) << 8);
        high[d] = 0;
      }
      case LDR_B -> {
        low[d] = memory[address] & 0xFF;
        high[d] = 0;
      }
      case STR_Q -> {
        LONG.set(memory, address, low[d]);
        LONG.set(memory, address + 8, high[d]);
      }
      case STR_D -> LONG.set(memory, address, low[d]);
      case STR_S -> INT.set(memory, address, (int) low[d]);
      case STR_H -> {
        memory[address] = (byte) low[d];
        memory[address + 1] = (byte) (low[d] >> 8);
      }
      case STR_B -> memory[address] = (byte) low[d];
      default -> throw new IllegalStateException(i.toString());
    }
  }
}
