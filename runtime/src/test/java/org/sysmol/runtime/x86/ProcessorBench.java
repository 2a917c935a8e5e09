package org.sysmol.runtime.x86;

import static org.junit.jupiter.api.Assertions.fail;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.MaskRegister.k;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.VectorRegister.ymm;
import static org.sysmol.runtime.x86.VectorRegister.zmm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.CpuFeatures;
import org.sysmol.runtime.machine.ExecutableCode;

/**
 * Runs one instruction between a load of all registers and a store of all registers, on the
 * processor and in the interpreter.
 */
final class ProcessorBench implements AutoCloseable {
  /** Layout of the state in bytes: vectors, masks, general registers, flags, memory operands. */
  private static final int MASKS = 2048;

  private static final int GENERAL = MASKS + 64;
  private static final int FLAGS = GENERAL + 128;
  private static final int DATA = 4096;
  private static final int STATE_BYTES = 8192;

  /** A memory operand: r13 points to the middle of the data, r12 holds 8. */
  static final Memory PLACE = mem(R13, 128);

  static final Memory INDEXED_PLACE = mem(R13, GeneralRegister.R12, 8, -64);

  private static final int[] EXTREME_BYTES = {0, 1, 0x7F, 0x80, 0xFF, 0xFE, 0x40, 0xC0};
  private static final int[] EXTREME_DWORDS = {
    0,
    -1,
    1,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE,
    0x00008000,
    0x00007FFF,
    0xFFFF8000,
    255,
    256,
    -128,
    0x7FFF7FFF,
    0x80008000,
    0x80808080,
    0x00FF00FF
  };
  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -0.5f,
    1.5f,
    2.5f,
    -2.5f,
    3.5f,
    8388607.5f,
    8388608f,
    16777217f,
    2147483520f,
    2147483648f,
    -2147483648f,
    -2147483904f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };
  private static final int[] NANS = {0x7FC00000, 0xFFC00001, 0x7F800001, 0xFFBFFFFF, 0x7FFFFFFF};

  final Set<Feature> host;
  private final boolean wide;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment input = arena.allocate(STATE_BYTES, 64);
  private final MemorySegment output = arena.allocate(STATE_BYTES, 64);
  private final byte[] initial = new byte[STATE_BYTES];

  /** A bench that uses those of {@code allowed} that the processor at hand has. */
  ProcessorBench(Set<Feature> allowed) {
    CpuFeatures features = CpuFeatures.detect();
    host = EnumSet.copyOf(allowed);
    host.retainAll(features.features());
    if (!host.containsAll(EnumSet.of(Feature.AVX, Feature.AVX2))) {
      fail(
          "The interpreter can only be compared with a processor that has AVX2; this one has "
              + features
              + ".");
    }
    wide = host.containsAll(EnumSet.of(Feature.AVX512F, Feature.AVX512BW));
  }

  /** Whether the processor has what {@code instruction} needs. */
  boolean has(Instruction instruction) {
    return host.containsAll(instruction.features());
  }

  /** All registers in, the instruction, all registers and the flags out. */
  private Program around(Instruction instruction) {
    Assembler a = new Assembler(EnumSet.allOf(Feature.class));
    List<GeneralRegister> saved = List.of(RBX, RBP, GeneralRegister.R12, R13, R14, R15);
    saved.forEach(a::push);
    a.mov(R14, RDI);
    a.mov(R15, RSI);
    for (int i = 0; i < (wide ? 32 : 16); i++) {
      a.load(wide ? zmm(i) : ymm(i), mem(R14, 64 * i));
    }
    for (int i = 0; i < 8 && wide; i++) {
      a.kmovq(k(i), mem(R14, MASKS + 8 * i));
    }
    for (int i = 0; i < 14; i++) {
      if (i != 4) {
        a.mov(new GeneralRegister(i, 64), mem(R14, GENERAL + 8 * i));
      }
    }
    // Gives every flag a value, for the instructions that depend on one or keep one.
    a.cmp(RAX, GeneralRegister.RCX);
    Program before = a.finish();
    Assembler b = new Assembler(EnumSet.allOf(Feature.class));
    b.pushfq();
    for (int i = 0; i < 14; i++) {
      if (i != 4) {
        b.mov(mem(R15, GENERAL + 8 * i), new GeneralRegister(i, 64));
      }
    }
    b.pop(RAX);
    b.mov(mem(R15, FLAGS), RAX);
    for (int i = 0; i < (wide ? 32 : 16); i++) {
      b.store(mem(R15, 64 * i), wide ? zmm(i) : ymm(i));
    }
    for (int i = 0; i < 8 && wide; i++) {
      b.kmovq(mem(R15, MASKS + 8 * i), k(i));
    }
    b.vzeroupper();
    saved.reversed().forEach(b::pop);
    b.ret();
    List<Program.Entry> entries = new ArrayList<>(before.entries());
    entries.add(instruction);
    entries.addAll(b.finish().entries());
    return new Program(entries, List.of());
  }

  /**
   * Runs {@code native} on the processor and {@code interpreted} in the interpreter from the same
   * {@code states} random states; returns how many ended differently.
   */
  int differences(Instruction real, Instruction interpreted, int states, Random random) {
    Program program = around(interpreted);
    int undefined = undefinedFlags(real);
    int different = 0;
    InterpretedMemory memory = new InterpretedMemory();
    memory.readable("input", input);
    memory.writable("output", output);
    Interpreter interpreter = new Interpreter(memory);
    byte[] code = Encoder.encode(around(real)).bytes();
    if (!(ExecutableCode.load(code) instanceof CodeLoading.Loaded(ExecutableCode executable))) {
      return fail("This machine runs no generated code.");
    }
    try (executable) {
      for (int i = 0; i < states; i++) {
        prepare(random);
        executable.call(input.address(), output.address());
        byte[] expected = result(undefined);
        MemorySegment.copy(initial, 0, output, ValueLayout.JAVA_BYTE, 0, STATE_BYTES);
        interpreter.call(program, input.address(), output.address());
        different += Arrays.equals(expected, result(undefined)) ? 0 : 1;
      }
    }
    return different;
  }

  /** The flags that the manuals leave undefined, and AF, which the interpreter does not keep. */
  private static int undefinedFlags(Instruction instruction) {
    int always = 0x10;
    return switch (instruction.mnemonic()) {
      case IMUL -> always | 0xC4;
      case SHL, SHR, SAR ->
          always
              | ((instruction.immediate() & (instruction.form().wide() ? 63 : 31)) < 2 ? 0 : 0x800);
      default -> always;
    };
  }

  private byte[] result(int undefined) {
    byte[] bytes = output.toArray(ValueLayout.JAVA_BYTE);
    Lanes.set(bytes, 64, FLAGS / 8, Lanes.signed(bytes, 64, FLAGS / 8) & ~(undefined | 0xFFFF700L));
    return bytes;
  }

  /** Random and extreme contents for all registers and memory operands. */
  private void prepare(Random random) {
    byte[] state = new byte[STATE_BYTES];
    for (int i = 0; i < STATE_BYTES; i += 64) {
      fill(state, i, random);
    }
    for (int i = 0; i < 8; i++) {
      long mask = random.nextLong();
      Lanes.set(state, 64, MASKS / 8 + i, random.nextInt(6) == 0 ? mask >> 63 : mask);
    }
    if (random.nextInt(4) == 0) {
      Lanes.set(state, 64, GENERAL / 8 + 1, Lanes.signed(state, 64, GENERAL / 8));
    }
    Lanes.set(state, 64, GENERAL / 8 + 12, 8);
    Lanes.set(state, 64, GENERAL / 8 + 13, output.address() + DATA + 1024);
    MemorySegment.copy(state, 0, input, ValueLayout.JAVA_BYTE, 0, STATE_BYTES);
    System.arraycopy(state, 0, initial, 0, STATE_BYTES);
    Arrays.fill(initial, 0, DATA, (byte) 0x5A);
    MemorySegment.copy(initial, 0, output, ValueLayout.JAVA_BYTE, 0, STATE_BYTES);
  }

  private static void fill(byte[] state, int from, Random random) {
    int kind = random.nextInt(6);
    for (int i = from; i < from + 64; i += 4) {
      int value =
          switch (kind == 5 ? random.nextInt(5) : kind) {
            case 0 -> random.nextInt();
            case 1 ->
                EXTREME_BYTES[random.nextInt(8)]
                    | EXTREME_BYTES[random.nextInt(8)] << 8
                    | EXTREME_BYTES[random.nextInt(8)] << 16
                    | EXTREME_BYTES[random.nextInt(8)] << 24;
            case 2 -> EXTREME_DWORDS[random.nextInt(EXTREME_DWORDS.length)];
            case 3 ->
                random.nextInt(8) == 0
                    ? NANS[random.nextInt(NANS.length)]
                    : Float.floatToRawIntBits(
                        random.nextBoolean()
                            ? FLOATS[random.nextInt(FLOATS.length)]
                            : (float) random.nextGaussian() * 100);
            default -> random.nextInt(40);
          };
      Lanes.set(state, 32, i / 4, value);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
