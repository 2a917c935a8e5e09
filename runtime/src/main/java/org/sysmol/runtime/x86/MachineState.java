package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Registers and flags of the interpreted processor, and which of them have a meaning.
 *
 * <p>Real registers always hold something; here it is an error to read what nothing has written,
 * because a program that does so works by chance.
 */
final class MachineState {
  static final int CARRY = 1;
  static final int PARITY = 4;
  static final int ZERO = 64;
  static final int SIGN = 128;
  static final int OVERFLOW = 2048;
  static final int ALL_FLAGS = CARRY | PARITY | ZERO | SIGN | OVERFLOW;

  final InterpretedMemory memory;
  private final Places places;
  private final long[] general = new long[16];
  private final byte[][] vectors = new byte[32][64];
  private final long[] masks = new long[8];
  private final BitSet generalKnown = new BitSet(16);
  private final BitSet vectorKnown = new BitSet(32);
  private final BitSet maskKnown = new BitSet(8);
  private int flags;
  private int flagsKnown;
  private boolean upperDirty;

  /** Where the constants and the code of the program lie. */
  interface Places {
    /** The address of a constant, to read from. */
    long addressOf(Label label);

    /** The address of a place in the code, to jump to; null where the label is a constant. */
    @Nullable Long codeAddressOf(Label label);
  }

  MachineState(InterpretedMemory memory, Places places) {
    this.memory = memory;
    this.places = places;
  }

  long general(GeneralRegister register) {
    if (!generalKnown.get(register.index())) {
      throw unknown(register);
    }
    return raw(register);
  }

  /** The value whether or not anything has written it. */
  long raw(GeneralRegister register) {
    long value = general[register.index()];
    return register.bits() == 64 ? value : value & ((1L << register.bits()) - 1);
  }

  /** Writes a register as the processor does: 32 bits clear the rest, fewer keep it. */
  void setGeneral(GeneralRegister register, long value) {
    int index = register.index();
    switch (register.bits()) {
      case 64 -> general[index] = value;
      case 32 -> general[index] = value & 0xFFFFFFFFL;
      default -> {
        long kept = -1L << register.bits();
        general[index] = (general(register.qword()) & kept) | (value & ~kept);
      }
    }
    generalKnown.set(index);
  }

  /** Sets what a register holds on entry, without giving the program the right to read it. */
  void preset(int index, long value) {
    general[index] = value;
  }

  byte[] vector(VectorRegister register) {
    if (!vectorKnown.get(register.index())) {
      throw unknown(register);
    }
    return vectors[register.index()];
  }

  /** The register's bytes to be overwritten, all 64. */
  byte[] vectorToWrite(VectorRegister register) {
    vectorKnown.set(register.index());
    upperDirty |= register.bits() > 128 && register.index() < 16;
    return vectors[register.index()];
  }

  /** The register's bytes whether or not anything has written them. */
  byte[] rawVector(VectorRegister register) {
    return vectors[register.index()];
  }

  void zeroUpper() {
    for (int index = 0; index < 16; index++) {
      Arrays.fill(vectors[index], 16, 64, (byte) 0);
    }
    upperDirty = false;
  }

  boolean upperDirty() {
    return upperDirty;
  }

  long mask(MaskRegister register) {
    if (!maskKnown.get(register.index())) {
      throw unknown(register);
    }
    return masks[register.index()];
  }

  void setMask(MaskRegister register, long value) {
    masks[register.index()] = value;
    maskKnown.set(register.index());
  }

  /** Sets those of the flags that are in {@code known}; the others in ALL_FLAGS lose meaning. */
  void setFlags(int values, int known) {
    flags = values & known;
    flagsKnown = known;
  }

  /** All flags, for {@code pushfq}; those without a meaning read 0. */
  int flags() {
    return flags;
  }

  int flagsKnown() {
    return flagsKnown;
  }

  boolean flag(int flag) {
    if ((flagsKnown & flag) == 0) {
      throw new IllegalStateException("depends on a flag that nothing before it defines");
    }
    return (flags & flag) != 0;
  }

  /** The address that {@code place} stands for where it is only computed: code has one as well. */
  long addressToKeep(Memory place) {
    Label label = place.label();
    Long code = label == null ? null : places.codeAddressOf(label);
    if (code == null) {
      return address(place);
    }
    if (place.displacement() != 0) {
      throw new IllegalStateException("computes the address of no instruction");
    }
    return code;
  }

  /** The address that {@code place} stands for. */
  long address(Memory place) {
    GeneralRegister base = place.base();
    Label label = place.label();
    long address = place.displacement();
    if (base != null) {
      address += general(base);
    } else if (label != null) {
      address += places.addressOf(label);
    }
    GeneralRegister index = place.index();
    return index == null ? address : address + general(index) * place.scale();
  }

  private static IllegalStateException unknown(Operand register) {
    return new IllegalStateException("reads " + register + ", which nothing has written");
  }
}
