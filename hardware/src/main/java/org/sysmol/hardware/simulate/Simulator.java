package org.sysmol.hardware.simulate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.program.Call;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.StepProgram;

/**
 * Runs the programs of a network and counts what they take.
 *
 * <p>Every instruction is executed and every access passes the caches. The pipeline is only timed
 * for calls unlike those before: of calls of one program that find as many data in each level, two
 * are timed and the others taken for equal to their mean (the layer's steady state). {@link
 * Shortcut#NONE} times all.
 */
public final class Simulator {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SAMPLES = 2;

  /** Whether calls like those before are timed. */
  public enum Shortcut {
    /** Two of a kind are. */
    STEADY_STATE,
    /** All are. */
    NONE
  }

  private final NetworkProgram network;
  private final Core core;
  private final Shortcut shortcut;
  private final IdentityHashMap<Program, ProgramWork> works = new IdentityHashMap<>();

  /** A simulator of a network on a core. */
  public Simulator(NetworkProgram network, Core core, Shortcut shortcut) {
    this.network = network;
    this.core = core;
    this.shortcut = shortcut;
  }

  /**
   * Runs one image.
   *
   * @param image normalised binary32, {@code [channels, height, width]}
   * @param result tensor of the result, for its shape
   */
  public NetworkRun run(float[] image, PackedTensor result) {
    byte[] memory = memory(network, image);
    CacheModel caches = new CacheModel(core);
    Processor processor = new Processor(memory, network.patterns(), caches);
    List<StepResult> steps = new ArrayList<>();
    for (StepProgram step : network.steps()) {
      steps.add(run(step, processor, caches));
    }
    float[] values = new float[result.size()];
    for (int i = 0; i < values.length; i++) {
      int pixel = i / result.channels();
      int at =
          network.result()
              + pixel / result.width() * network.resultRowBytes()
              + pixel % result.width() * network.resultPixelBytes()
              + 4 * (i % result.channels());
      values[i] = Float.intBitsToFloat((int) INT.get(memory, at));
    }
    return new NetworkRun(steps, values);
  }

  /** The memory of a network with the image in it. */
  static byte[] memory(NetworkProgram network, float[] image) {
    byte[] memory = network.memory().clone();
    for (int i = 0; i < image.length; i++) {
      INT.set(memory, network.image() + 4 * i, Float.floatToRawIntBits(image[i]));
    }
    return memory;
  }

  /** Calls of one program that found as many data in each level. */
  record Likeness(int l2, int memory, int lines) {}

  /** Cycles of those that were timed. */
  private static final class Samples {
    private long cycles;
    private int count;
  }

  /** A program in the form in which it runs, and what a run of it does. */
  private record ProgramWork(
      Instruction[] code, int segments, WorkCounts work, Map<Likeness, Samples> samples) {}

  private StepResult run(StepProgram step, Processor processor, CacheModel caches) {
    Trace trace = new Trace();
    Pipeline pipeline = new Pipeline(core);
    WorkCounts work = WorkCounts.NONE;
    double cycles = 0;
    for (Call call : step.calls()) {
      long l2 = caches.l2Reads() + caches.l2Writes();
      long lines = caches.memoryLines();
      processor.arguments(call.arguments());
      ProgramWork program = works.get(call.program());
      if (program == null) {
        Instruction[] code = call.program().instructions().toArray(Instruction[]::new);
        int segments = call.program().segments();
        processor.run(code, segments, trace);
        program = new ProgramWork(code, segments, work(code, segments, trace), new HashMap<>());
        works.put(call.program(), program);
      } else {
        processor.run(program.code(), program.segments(), trace);
      }
      long movedL2 = caches.l2Reads() + caches.l2Writes() - l2;
      long movedLines = caches.memoryLines() - lines;
      work = work.plus(program.work().times(1, movedL2, movedLines));
      // Registers are set and the program is called: an instruction for each.
      cycles += (double) (call.arguments().length + 1) / core.issueWidth();
      cycles += cycles(program, pipeline, trace);
    }
    return new StepResult(step.name(), step.kind(), Math.round(cycles), work, step.products());
  }

  private double cycles(ProgramWork program, Pipeline pipeline, Trace trace) {
    Likeness likeness = likeness(trace);
    Samples samples = program.samples().computeIfAbsent(likeness, k -> new Samples());
    if (shortcut == Shortcut.STEADY_STATE && samples.count >= SAMPLES) {
      return (double) samples.cycles / samples.count;
    }
    long cycles = pipeline.cycles(program.code(), trace);
    samples.cycles += cycles;
    samples.count++;
    return cycles;
  }

  static Likeness likeness(Trace trace) {
    int l2 = 0;
    int memory = 0;
    int lines = 0;
    for (int k = 0; k < trace.length(); k++) {
      int found = trace.level(k);
      l2 += CacheModel.level(found) == CacheModel.L2 ? 1 : 0;
      memory += CacheModel.level(found) == CacheModel.MEMORY ? 1 : 0;
      lines += CacheModel.lines(found);
    }
    return new Likeness(l2, memory, lines);
  }

  /** What a run does; every run of a program goes the same way. */
  @SuppressWarnings("EnumOrdinal") // counted by unit, once for each instruction of a program
  private WorkCounts work(Instruction[] code, int segments, Trace trace) {
    long[] instructions = new long[Opcode.Unit.values().length];
    long[] operations = new long[instructions.length];
    long[] lanes = new long[LaneMode.values().length];
    int[] modes = new int[4];
    long bytes = 0;
    long floats = 0;
    long loads = 0;
    long stores = 0;
    for (int k = 0; k < trace.length(); k++) {
      Instruction i = code[trace.instruction(k)];
      Opcode.Unit unit = i.opcode().unit();
      instructions[unit.ordinal()]++;
      operations[unit.ordinal()] += i.opcode().operations(segments);
      switch (unit) {
        case LOAD -> loads += accesses(i, segments);
        case STORE -> stores += accesses(i, segments);
        case MULTIPLY -> bytes += (long) segments * i.opcode().products();
        case FLOAT_MULTIPLY_ADD, FLOAT_MULTIPLY -> floats += 4L * segments;
        case MIXED -> {
          for (int l = 0; l < 8; l++) {
            lanes[(modes[i.lane()] >> (2 * l)) & 3] += segments;
          }
        }
        default -> {
          if (i.opcode() == Opcode.VPSET) {
            modes[i.lane()] = LaneMode.modes(network.patterns().get(i.immediate()));
          }
        }
      }
    }
    return new WorkCounts(instructions, operations, lanes, bytes, floats, loads, stores, 0, 0);
  }

  /** Accesses of 128 bits. */
  private static int accesses(Instruction i, int segments) {
    return Math.ceilDiv(i.opcode().bytes(segments), 16);
  }
}
