package org.sysmol.runtime.x86;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executes programs in plain Java, instruction by instruction, so that kernels for any extension
 * can be proved on any machine.
 *
 * <p>Results are those of the processor, bit for bit. Beyond that, what works by chance is an error
 * here: memory outside of the regions given, registers and flags that nothing has written,
 * registers of the caller that are not restored, vector registers whose upper halves and tiles that
 * are left behind at the return (which slows down everything that runs afterwards).
 *
 * <p>It is some thousand times slower than the processor. One interpreter can serve several calls
 * in turn; it is not thread-safe.
 */
public final class Interpreter {
  /** Calls of a program that loops forever end here unless another limit is set. */
  private static final long DEFAULT_LIMIT = 2_000_000_000L;

  private static final long RETURN_ADDRESS = 0x5EC0DE5EC0DEL;

  /** Address of the first entry of a program; one each, and none of them can be read. */
  private static final long CODE = 0x5EC0DE00_00000000L;

  private static final int STACK_BYTES = 1 << 18;
  private static final GeneralRegister[] ARGUMENTS = {
    GeneralRegister.RDI,
    GeneralRegister.RSI,
    GeneralRegister.RDX,
    GeneralRegister.RCX,
    GeneralRegister.R8,
    GeneralRegister.R9
  };
  private static final GeneralRegister[] PRESERVED = {
    GeneralRegister.RBX,
    GeneralRegister.RBP,
    GeneralRegister.R12,
    GeneralRegister.R13,
    GeneralRegister.R14,
    GeneralRegister.R15
  };

  private final InterpretedMemory memory;
  private final long limit;
  private long executed;

  /** An interpreter that may touch {@code memory}, which can be added to between calls. */
  public Interpreter(InterpretedMemory memory) {
    this(memory, DEFAULT_LIMIT);
  }

  /** An interpreter that gives up after {@code limit} instructions of one call. */
  public Interpreter(InterpretedMemory memory, long limit) {
    this.memory = memory;
    this.limit = limit;
  }

  /** How many instructions the last call executed. */
  public long executed() {
    return executed;
  }

  /**
   * Calls {@code program} as native code is called and returns what it leaves in rax, 0 if nothing.
   *
   * @throws IllegalStateException where the program is wrong; the message says at which instruction
   */
  public long call(Program program, long... arguments) {
    return call(program, 0, arguments);
  }

  /**
   * Calls {@code program} at {@code entry}, one of its labels, as native code is called.
   *
   * @throws IllegalStateException where the program is wrong; the message says at which instruction
   */
  public long callAt(Program program, Label entry, long... arguments) {
    int first = program.entries().indexOf(entry);
    if (first < 0) {
      throw new IllegalArgumentException("The label " + entry + " is not one of the program.");
    }
    return call(program, first, arguments);
  }

  private long call(Program program, int first, long[] arguments) {
    if (arguments.length > ARGUMENTS.length) {
      throw new IllegalArgumentException("A call takes six arguments at most.");
    }
    InterpretedMemory all = new InterpretedMemory(memory);
    Map<Label, Long> constants = new HashMap<>();
    for (Program.Constant constant : program.constants()) {
      MemorySegment bytes = MemorySegment.ofArray(constant.bytes().clone()).asReadOnly();
      constants.put(constant.label(), all.readable(constant.label().name(), bytes));
    }
    byte[] whatWasThere = new byte[STACK_BYTES];
    Arrays.fill(whatWasThere, (byte) 0x5A);
    long stack = all.writable("stack", MemorySegment.ofArray(whatWasThere));
    CodePlaces places = new CodePlaces(program, constants);
    MachineState state = new MachineState(all, places);
    state.setGeneral(GeneralRegister.RSP, stack + STACK_BYTES);
    for (int i = 0; i < arguments.length; i++) {
      state.setGeneral(ARGUMENTS[i], arguments[i]);
    }
    for (GeneralRegister register : PRESERVED) {
      state.preset(register.index(), preserved(register));
    }
    new Run(program, state, places).execute(first);
    return state.raw(GeneralRegister.RAX);
  }

  /** What a register of the caller holds: nothing that a program could guess. */
  private static long preserved(GeneralRegister register) {
    return 0x9E3779B97F4A7C15L * (register.index() + 1);
  }

  /** Where the labels of a program lie: constants in memory, code at addresses of its own. */
  private record CodePlaces(Map<Label, Integer> code, Map<Label, Long> constants)
      implements MachineState.Places {
    CodePlaces(Program program, Map<Label, Long> constants) {
      this(new HashMap<>(), constants);
      for (int i = 0; i < program.entries().size(); i++) {
        if (program.entries().get(i) instanceof Label label) {
          code.put(label, i);
        }
      }
    }

    @Override
    public long addressOf(Label label) {
      Long address = constants.get(label);
      if (address == null) {
        throw new IllegalStateException("reads its own code at " + label);
      }
      return address;
    }

    @Override
    public @Nullable Long codeAddressOf(Label label) {
      Integer index = code.get(label);
      return index == null ? null : CODE + index;
    }
  }

  /** One call. */
  private final class Run {
    private final MachineState state;
    private final ScalarUnit scalar;
    private final TileUnit tiles;
    private final Program program;
    private final @Nullable VectorStep[] steps;
    private final int[] targets;

    Run(Program program, MachineState state, CodePlaces places) {
      this.program = program;
      this.state = state;
      this.scalar = new ScalarUnit(state);
      this.tiles = new TileUnit(state);
      steps = new VectorStep[program.entries().size()];
      targets = new int[steps.length];
      for (int i = 0; i < steps.length; i++) {
        if (program.entries().get(i) instanceof Instruction instruction) {
          VectorUnit.Meaning meaning = VectorUnit.of(instruction.mnemonic());
          if (meaning != null) {
            steps[i] = new VectorStep(instruction, meaning.semantics(), meaning.lanewise(), state);
          }
          targets[i] = target(instruction, places.code());
        }
      }
    }

    /** The place that {@code instruction} may jump to, -1 if it is no jump. */
    private static int target(Instruction instruction, Map<Label, Integer> places) {
      if (instruction.operands().isEmpty()
          || !(instruction.operands().getFirst() instanceof Label label)) {
        return -1;
      }
      Integer place = places.get(label);
      if (place == null) {
        throw new IllegalStateException(
            "The program jumps to " + label + ", which is not one of its places.");
      }
      return place;
    }

    void execute(int first) {
      executed = 0;
      scalar.push(RETURN_ADDRESS);
      int at = first;
      while (at >= 0) {
        if (at >= steps.length) {
          throw new IllegalStateException("The program runs on behind its last instruction.");
        }
        if (program.entries().get(at) instanceof Instruction instruction) {
          if (++executed > limit) {
            throw new IllegalStateException(
                "The program did not return within " + limit + " instructions.");
          }
          try {
            at = next(at, instruction);
          } catch (IllegalStateException fault) {
            throw new IllegalStateException(
                "Line "
                    + (at + 1)
                    + " of the program, '"
                    + instruction
                    + "', after "
                    + (executed - 1)
                    + " instructions: "
                    + fault.getMessage()
                    + ".",
                fault);
          }
        } else {
          at++;
        }
      }
    }

    /** Executes {@code instruction}; returns where to go on, -1 after the return. */
    private int next(int at, Instruction instruction) {
      VectorStep step = steps[at];
      if (step != null) {
        step.execute();
      } else {
        switch (instruction.mnemonic()) {
          case RET -> {
            return returns();
          }
          case CALL -> {
            // The address behind the call is pushed after a target on the stack was read.
            int target = targets[at] >= 0 ? targets[at] : place(scalar.target(instruction));
            scalar.push(CODE + at + 1);
            return target;
          }
          case JMP -> {
            return targets[at] >= 0 ? targets[at] : place(scalar.target(instruction));
          }
          default -> {
            if (targets[at] >= 0) {
              return scalar.holds(instruction.mnemonic()) ? targets[at] : at + 1;
            }
            if (TileUnit.executes(instruction.mnemonic())) {
              tiles.execute(instruction);
            } else {
              scalar.execute(instruction);
            }
          }
        }
      }
      return at + 1;
    }

    /** The index of the entry at {@code address}. */
    private int place(long address) {
      if (address < CODE || address >= CODE + steps.length) {
        throw new IllegalStateException(
            "goes to 0x" + Long.toHexString(address) + ", where no code of the program is");
      }
      return (int) (address - CODE);
    }

    /** Where the return leads: behind a call of the program's own, or -1, to the caller. */
    private int returns() {
      long address = scalar.pop();
      if (address >= CODE && address < CODE + steps.length) {
        return (int) (address - CODE);
      }
      if (address != RETURN_ADDRESS) {
        throw new IllegalStateException("returns with something left on the stack");
      }
      for (GeneralRegister register : PRESERVED) {
        if (state.raw(register) != preserved(register)) {
          throw new IllegalStateException("returns without having restored " + register);
        }
      }
      if (state.upperDirty()) {
        throw new IllegalStateException("returns without vzeroupper");
      }
      if (tiles.configured()) {
        throw new IllegalStateException("returns without tilerelease");
      }
      return -1;
    }
  }
}
