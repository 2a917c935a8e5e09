package org.sysmol.hardware.simulate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
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

  private static final int MOST_SEGMENTS = 4;

  private final byte[] memory;
  private final int[] patternModes;
  private final MemorySystem caches;
  // Of each segment of 128 bits, the two halves of its registers.
  private final long[][] low = new long[MOST_SEGMENTS][32];
  private final long[][] high = new long[MOST_SEGMENTS][32];
  private final long[] x = new long[32];
  private final int[] modes = new int[4];
  private final VectorUnit[] units = new VectorUnit[MOST_SEGMENTS];

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
    Arrays.setAll(units, s -> new VectorUnit(low[s], high[s]));
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
    run(code, program.segments(), trace);
  }

  /** Runs code on registers of so many segments of 128 bits. */
  void run(Instruction[] code, int segments, Trace trace) {
    trace.clear();
    boolean nonZero = false;
    int at = 0;
    while (true) {
      Instruction i = code[at];
      int d = i.d();
      int level = 0;
      if (i.opcode().bytes() > 0) {
        long address = address(i);
        int bytes = i.opcode().bytes(segments);
        int from = checked(address, bytes, i);
        switch (i.opcode()) {
          case LDR_X -> x[d] = (long) LONG.get(memory, from);
          case LDRB_W, LDRB_WX -> x[d] = memory[from] & 0xFF;
          case STRB_W -> memory[from] = (byte) x[d];
          default -> {
            // What is repeated has no more bytes than on a single segment.
            int step = bytes > i.opcode().bytes() ? i.opcode().bytes() : 0;
            for (int s = 0; s < segments; s++) {
              transfer(i, s, from + s * step);
            }
          }
        }
        level = caches.access(address, bytes, i.opcode().unit() == Opcode.Unit.STORE);
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
        case VMUL, VMAC -> multiply(i, segments);
        default -> {
          for (int s = 0; s < segments; s++) {
            units[s].execute(i);
          }
        }
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

  private void multiply(Instruction i, int segments) {
    int m = modes[i.lane()];
    for (int s = 0; s < segments; s++) {
      multiply(i, low[s], m);
      multiply(i, high[s], m >> 8);
    }
  }

  private static void multiply(Instruction i, long[] half, int modes) {
    long sum = i.opcode() == Opcode.VMAC ? half[i.immediate()] : 0;
    half[i.d()] = MixedTables.accumulate(half[i.m()], half[i.n()], modes, sum);
  }

  private int checked(long address, int bytes, Instruction i) {
    if (address < 0 || address + bytes > memory.length) {
      throw new IndexOutOfBoundsException(
          "%s reaches address %d of %d bytes".formatted(i, address, memory.length));
    }
    return (int) address;
  }

  /** Loads or stores a segment of a vector register; what is repeated is the same in each. */
  private void transfer(Instruction i, int segment, int at) {
    int d = i.d();
    long[] first = low[segment];
    long[] second = high[segment];
    switch (i.opcode()) {
      case LDR_Q, LDR_Q_POST, LD1RQ, LD1RQ_POST -> {
        first[d] = (long) LONG.get(memory, at);
        second[d] = (long) LONG.get(memory, at + 8);
      }
      case LDR_D -> load(first, second, d, (long) LONG.get(memory, at));
      case LDR_S -> load(first, second, d, (int) INT.get(memory, at) & 0xFFFF_FFFFL);
      case LDR_H -> load(first, second, d, (memory[at] & 0xFF) | ((memory[at + 1] & 0xFF) << 8));
      case LDR_B -> load(first, second, d, memory[at] & 0xFF);
      case STR_Q -> {
        LONG.set(memory, at, first[d]);
        LONG.set(memory, at + 8, second[d]);
      }
      case STR_D -> LONG.set(memory, at, first[d]);
      case STR_S -> INT.set(memory, at, (int) first[d]);
      case STR_H -> {
        memory[at] = (byte) first[d];
        memory[at + 1] = (byte) (first[d] >> 8);
      }
      case STR_B -> memory[at] = (byte) first[d];
      default -> throw new IllegalStateException(i.toString());
    }
  }

  private static void load(long[] first, long[] second, int d, long value) {
    first[d] = value;
    second[d] = 0;
  }
}
