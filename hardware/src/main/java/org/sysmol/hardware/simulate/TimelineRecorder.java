package org.sysmol.hardware.simulate;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Core;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;
import org.sysmol.hardware.program.Call;
import org.sysmol.hardware.program.NetworkProgram;
import org.sysmol.hardware.program.StepProgram;

/**
 * Watches the pipeline in one step of a network: everything before the step is executed too, so
 * that its calls find the caches as they do in a run of {@link Simulator}.
 */
public final class TimelineRecorder {
  /** Instructions that are shown. */
  private static final int SHOWN = 48;

  /** Calls of one program that find data in the same places. */
  private static final class Group {
    private final Trace trace;
    private int calls;

    Group(Trace trace) {
      this.trace = trace;
    }
  }

  /** Calls of one program in a step. */
  private static final class ProgramCalls {
    private final Program program;
    private final Map<Simulator.Likeness, Group> groups = new LinkedHashMap<>();
    private long executed;
    private int calls;

    ProgramCalls(Program program) {
      this.program = program;
    }

    void add(Trace trace) {
      executed += trace.length();
      calls++;
      groups.computeIfAbsent(Simulator.likeness(trace), k -> new Group(trace.copy())).calls++;
    }

    Group mostAlike() {
      Group most = groups.values().iterator().next();
      for (Group group : groups.values()) {
        most = group.calls > most.calls ? group : most;
      }
      return most;
    }
  }

  private final NetworkProgram network;
  private final Core core;

  /** A recorder of a network on a core. */
  public TimelineRecorder(NetworkProgram network, Core core) {
    this.network = network;
    this.core = core;
  }

  /**
   * Refuses a step that has no instructions or isn't there.
   *
   * @throws SysmolException if so, with the names of those that can be watched
   */
  public static void check(NetworkProgram network, String step) {
    if (network.steps().stream().noneMatch(s -> s.name().equals(step) && !s.calls().isEmpty())) {
      throw SysmolException.badInput(
          "The network has no step '%s' that executes instructions: use one of %s."
              .formatted(
                  step,
                  network.steps().stream()
                      .filter(s -> !s.calls().isEmpty())
                      .map(StepProgram::name)
                      .collect(Collectors.joining(", "))));
    }
  }

  /**
   * The timeline of a step.
   *
   * @param image normalised binary32, {@code [channels, height, width]}
   * @param step name of the step
   * @throws SysmolException if there is no such step
   */
  public Timeline record(float[] image, String step) {
    check(network, step);
    CacheModel caches = new CacheModel(core);
    Processor processor =
        new Processor(Simulator.memory(network, image), network.patterns(), caches);
    IdentityHashMap<Program, Instruction[]> codes = new IdentityHashMap<>();
    Trace trace = new Trace();
    for (StepProgram before : network.steps()) {
      if (before.name().equals(step)) {
        return record(before, processor, trace);
      }
      for (Call call : before.calls()) {
        run(call, processor, codes, trace);
      }
    }
    throw new IllegalStateException(step);
  }

  private static void run(
      Call call, Processor processor, Map<Program, Instruction[]> codes, Trace trace) {
    processor.arguments(call.arguments());
    processor.run(
        codes.computeIfAbsent(call.program(), p -> p.instructions().toArray(Instruction[]::new)),
        call.program().segments(),
        trace);
  }

  private Timeline record(StepProgram step, Processor processor, Trace trace) {
    IdentityHashMap<Program, Instruction[]> codes = new IdentityHashMap<>();
    IdentityHashMap<Program, ProgramCalls> byProgram = new IdentityHashMap<>();
    // The first call of each, so that of programs that execute as much the first is taken.
    List<ProgramCalls> inOrder = new ArrayList<>();
    for (Call call : step.calls()) {
      run(call, processor, codes, trace);
      ProgramCalls calls = byProgram.get(call.program());
      if (calls == null) {
        calls = new ProgramCalls(call.program());
        byProgram.put(call.program(), calls);
        inOrder.add(calls);
      }
      calls.add(trace);
    }
    ProgramCalls main = inOrder.getFirst();
    for (ProgramCalls calls : inOrder) {
      main = calls.executed > main.executed ? calls : main;
    }
    Instruction[] code = Objects.requireNonNull(codes.get(main.program));
    return timed(step.name(), main, code);
  }

  @SuppressWarnings("EnumOrdinal") // counted by unit; places are in the order of the levels
  private Timeline timed(String step, ProgramCalls main, Instruction[] code) {
    Group group = main.mostAlike();
    Trace trace = group.trace;
    int first = busiest(code, trace);
    List<String> lines = main.program.lines();
    List<Timeline.Entry> shown = new ArrayList<>();
    long cycles =
        new Pipeline(core)
            .cycles(
                code,
                trace,
                (at, place, entered, begun, done) -> {
                  if (at >= first && at < first + SHOWN) {
                    int index = trace.instruction(at);
                    shown.add(
                        new Timeline.Entry(
                            at,
                            lines.get(index),
                            code[index].opcode().unit(),
                            place,
                            entered,
                            begun,
                            done,
                            Timeline.Place.values()[CacheModel.level(trace.level(at))]));
                  }
                });
    long[] units = new long[Opcode.Unit.values().length];
    for (int at = 0; at < trace.length(); at++) {
      units[code[trace.instruction(at)].opcode().unit().ordinal()]++;
    }
    return new Timeline(
        step, main.program.name(), main.calls, group.calls, cycles, trace.length(), units, shown);
  }

  /** Where to begin, in the middle third, so that most of what is shown multiplies. */
  private static int busiest(Instruction[] code, Trace trace) {
    int length = trace.length();
    int last = Math.max(0, length - SHOWN);
    int from = Math.min(length / 3, last);
    int to = Math.max(from, Math.min(2 * length / 3, last));
    int best = from;
    int most = -1;
    for (int start = from; start <= to; start++) {
      int multiplies = 0;
      for (int at = start; at < Math.min(length, start + SHOWN); at++) {
        multiplies += multiplies(code[trace.instruction(at)]) ? 1 : 0;
      }
      if (multiplies > most) {
        most = multiplies;
        best = start;
      }
    }
    return best;
  }

  private static boolean multiplies(Instruction i) {
    return switch (i.opcode().unit()) {
      case MIXED, MULTIPLY, FLOAT_MULTIPLY, FLOAT_MULTIPLY_ADD -> true;
      case INTEGER, BRANCH, LOAD, STORE, SIMD, FLOAT_ADD, CONVERT -> false;
    };
  }
}
