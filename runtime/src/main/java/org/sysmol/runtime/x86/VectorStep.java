package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One vector instruction being executed: brings its operands, takes its result, applies its mask.
 *
 * <p>The result is computed into {@link #out}, as little-endian bytes whatever the destination is,
 * so a source may be the destination. Lanes that a mask leaves out are neither read from nor
 * written to memory, as on the processor.
 */
final class VectorStep {
  /** What an instruction computes. */
  @FunctionalInterface
  interface Semantics {
    void execute(VectorStep step);
  }

  /** Whose result is known although nothing has written the sources. */
  private static final Set<Mnemonic> IDIOMS =
      EnumSet.of(
          Mnemonic.VPXOR,
          Mnemonic.VPXORD,
          Mnemonic.VPXORQ,
          Mnemonic.VXORPS,
          Mnemonic.VPSUBB,
          Mnemonic.VPSUBW,
          Mnemonic.VPSUBD,
          Mnemonic.VPSUBQ,
          Mnemonic.VPCMPEQB,
          Mnemonic.VPCMPEQW,
          Mnemonic.VPCMPEQD);

  private static final Set<Mnemonic> ALIGNED =
      EnumSet.of(
          Mnemonic.VMOVDQA,
          Mnemonic.VMOVDQA32,
          Mnemonic.VMOVDQA64,
          Mnemonic.VMOVAPS,
          Mnemonic.VMOVNTDQ);

  final Instruction instruction;
  final byte[] out = new byte[64];
  private final Semantics semantics;
  private final MachineState state;
  private final byte[][] scratch;
  private final boolean idiom;
  private final boolean blend;
  private final boolean lanewise;
  private final int laneBytes;
  private final int laneCount;

  VectorStep(Instruction instruction, Semantics semantics, boolean lanewise, MachineState state) {
    this.instruction = instruction;
    this.semantics = semantics;
    this.state = state;
    this.lanewise = lanewise;
    this.scratch = new byte[instruction.operands().size()][64];
    this.idiom = isIdiom(instruction);
    this.blend =
        instruction.mnemonic() == Mnemonic.VPBLENDMB
            || instruction.mnemonic() == Mnemonic.VPBLENDMD;
    this.laneBytes = instruction.form().laneBits() / 8;
    this.laneCount = laneBytes == 0 ? 1 : destinationBits() / (8 * laneBytes);
  }

  private static boolean isIdiom(Instruction instruction) {
    if (instruction.mnemonic() == Mnemonic.VPTERNLOGD
        || instruction.mnemonic() == Mnemonic.VPTERNLOGQ) {
      return (instruction.immediate() & 0xFF) == 0xFF || (instruction.immediate() & 0xFF) == 0;
    }
    return IDIOMS.contains(instruction.mnemonic())
        && instruction.operands().get(1).equals(instruction.operands().get(2));
  }

  /** Bits that the result covers: of the destination, or of a source where it makes a mask. */
  private int destinationBits() {
    Slot slot = instruction.form().slots().getFirst();
    return slot.kind() == Slot.Kind.MASK
        ? instruction.length()
        : slot.kind().bits(instruction.length());
  }

  void execute() {
    Arrays.fill(out, (byte) 0);
    semantics.execute(this);
    if (!instruction.operands().isEmpty()) {
      writeBack();
    }
  }

  /** Vector length in bytes. */
  int bytes() {
    return instruction.length() / 8;
  }

  /** The constant as 0..255. */
  int constant() {
    return (int) instruction.immediate() & 0xFF;
  }

  MachineState state() {
    return state;
  }

  /** One bit per lane, all ones without a mask. */
  long mask() {
    MaskRegister mask = instruction.mask();
    return mask == null ? -1L : state.mask(mask);
  }

  private boolean active(int lane) {
    return (mask() >>> lane & 1) != 0;
  }

  /** The bytes of operand {@code index}: a register's own, or a copy of memory. */
  byte[] source(int index) {
    byte[] copy = scratch[index];
    return switch (instruction.operands().get(index)) {
      case VectorRegister register -> idiom ? state.rawVector(register) : state.vector(register);
      case GeneralRegister register -> {
        Lanes.set(copy, 64, 0, state.general(register));
        yield copy;
      }
      case MaskRegister register -> {
        Lanes.set(copy, 64, 0, state.mask(register));
        yield copy;
      }
      case Memory memory -> {
        load(memory, instruction.memoryBits(index) / 8, copy);
        yield copy;
      }
      default -> throw new IllegalStateException("has an operand that is no source");
    };
  }

  private void load(Memory memory, int count, byte[] copy) {
    long address = state.address(memory);
    if (ALIGNED.contains(instruction.mnemonic()) && (address & (count - 1)) != 0) {
      throw new IllegalStateException("needs an address that is a multiple of " + count);
    }
    boolean masked = lanewise && instruction.mask() != null;
    if (memory.repeated()) {
      if (masked && (laneCount == 64 ? mask() : mask() & ((1L << laneCount) - 1)) == 0) {
        Arrays.fill(copy, (byte) 0);
        return;
      }
      state.memory.read(address, copy, 0, count);
      for (int i = count; i < 64; i++) {
        copy[i] = copy[i - count];
      }
    } else if (masked) {
      Arrays.fill(copy, (byte) 0);
      loadLanes(memory, count / laneCount, laneCount, mask(), copy);
    } else {
      state.memory.read(address, copy, 0, count);
    }
  }

  /** Loads those lanes of {@code size} bytes whose bit in {@code which} is set. */
  void loadLanes(Memory memory, int size, int count, long which, byte[] copy) {
    long address = state.address(memory);
    for (int lane = 0; lane < count; lane++) {
      if ((which >>> lane & 1) != 0) {
        state.memory.read(address + (long) lane * size, copy, lane * size, size);
      }
    }
  }

  /** Stores those lanes of {@code size} bytes of the result whose bit in {@code which} is set. */
  void storeLanes(Memory memory, int size, int count, long which) {
    long address = state.address(memory);
    for (int lane = 0; lane < count; lane++) {
      if ((which >>> lane & 1) != 0) {
        state.memory.write(address + (long) lane * size, out, lane * size, size);
      }
    }
  }

  private void writeBack() {
    switch (instruction.operands().getFirst()) {
      case VectorRegister register -> writeVector(register);
      case GeneralRegister register -> state.setGeneral(register, Lanes.signed(out, 64, 0));
      case MaskRegister register -> {
        long bits = laneCount == 1 || laneCount == 64 ? -1L : (1L << laneCount) - 1;
        state.setMask(register, Lanes.signed(out, 64, 0) & bits & mask());
      }
      case Memory memory -> {
        int count = instruction.memoryBits(0) / 8;
        if (instruction.mask() != null) {
          storeLanes(memory, laneBytes, laneCount, mask());
        } else if (!storesItself()) {
          long address = state.address(memory);
          if (ALIGNED.contains(instruction.mnemonic()) && (address & (count - 1)) != 0) {
            throw new IllegalStateException("needs an address that is a multiple of " + count);
          }
          state.memory.write(address, out, 0, count);
        }
      }
      default -> throw new IllegalStateException("has an operand that is no destination");
    }
  }

  /** The masked moves of AVX know only by their data which lanes they store. */
  private boolean storesItself() {
    return instruction.mnemonic() == Mnemonic.VPMASKMOVD
        || instruction.mnemonic() == Mnemonic.VMASKMOVPS;
  }

  private void writeVector(VectorRegister register) {
    @Nullable MaskRegister mask = instruction.mask();
    if (mask != null && !(blend && !instruction.zeroing())) {
      byte[] old = instruction.zeroing() ? null : state.vector(register);
      for (int lane = 0; lane < laneCount; lane++) {
        if (!active(lane)) {
          for (int i = lane * laneBytes; i < (lane + 1) * laneBytes; i++) {
            out[i] = old == null ? 0 : old[i];
          }
        }
      }
    }
    // Every VEX or EVEX instruction clears what lies above its destination.
    int kept = Math.max(16, destinationBits() / 8);
    byte[] target = state.vectorToWrite(register);
    System.arraycopy(out, 0, target, 0, kept);
    Arrays.fill(target, kept, 64, (byte) 0);
  }
}
