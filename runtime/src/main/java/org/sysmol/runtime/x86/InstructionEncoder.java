package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns one instruction into bytes; a distance to a label is left as zeros and described.
 *
 * <p>The names R, X, B, V, L and W are those of the prefix bits in the processors' manuals.
 */
final class InstructionEncoder {
  /**
   * The bytes of an instruction.
   *
   * @param bytes complete but for a distance to a label
   * @param distanceAt where that distance starts, -1 where there is none
   * @param distanceBytes 1 or 4
   * @param target the label, null where there is none
   * @param addend bytes to add to the label's place
   */
  record Encoded(
      byte[] bytes, int distanceAt, int distanceBytes, @Nullable Label target, int addend) {}

  /** No instruction is longer. */
  private static final int MOST_BYTES = 32;

  private Instruction instruction;
  private Form form;

  /** Everything encoded so far. */
  private byte[] bytes;

  private int size;
  private int distanceAt = -1;
  private int distanceBytes;
  private @Nullable Label target;
  private int addend;

  // The operands by field.
  private int reg;
  private int vvvv;
  private int rmRegister = -1;
  private @Nullable Memory memory;
  private int memoryBits;
  private int opcodeRegister = -1;
  private boolean byteRegisterNeedsRex;

  /**
   * An encoder of instructions one behind the other.
   *
   * @param first any instruction
   * @param expected bytes of all; more is possible
   */
  InstructionEncoder(Instruction first, int expected) {
    instruction = first;
    form = first.form();
    bytes = new byte[expected + MOST_BYTES];
  }

  /** Encodes {@code instruction} in {@code form}, its own or a longer one for a far jump. */
  static Encoded encode(Instruction instruction, Form form) {
    InstructionEncoder encoder = new InstructionEncoder(instruction, 0);
    encoder.append(instruction, form);
    return encoder.last(0);
  }

  /** Encodes one more instruction. */
  void append(Instruction next, Form in) {
    if (size + MOST_BYTES > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    instruction = next;
    form = in;
    distanceAt = -1;
    distanceBytes = 0;
    target = null;
    addend = 0;
    vvvv = 0;
    rmRegister = -1;
    memory = null;
    memoryBits = 0;
    opcodeRegister = -1;
    byteRegisterNeedsRex = false;
    collect();
    switch (form.prefix()) {
      case LEGACY -> legacyPrefix();
      case VEX -> vexPrefix();
      case EVEX -> evexPrefix();
    }
    body();
  }

  /** Bytes of all instructions so far. */
  int size() {
    return size;
  }

  /** The label to which the last instruction leaves a distance, or null. */
  @Nullable Label target() {
    return target;
  }

  /** The last instruction, which began at {@code start}. */
  Encoded last(int start) {
    return new Encoded(
        Arrays.copyOfRange(bytes, start, size),
        distanceAt < 0 ? -1 : distanceAt - start,
        distanceBytes,
        target,
        addend);
  }

  /** Copies what was encoded. */
  void copy(int from, int end, byte[] to, int at) {
    System.arraycopy(bytes, from, to, at, end - from);
  }

  private void collect() {
    reg = Math.max(form.extension(), 0);
    List<Slot> slots = form.slots();
    List<Operand> operands = instruction.operands();
    for (int i = 0; i < slots.size(); i++) {
      Operand operand = operands.get(i);
      Slot slot = slots.get(i);
      if (operand instanceof Memory place) {
        memory = place;
        memoryBits = instruction.memoryBits(i);
        continue;
      }
      int code = code(operand);
      if (operand instanceof GeneralRegister general) {
        byteRegisterNeedsRex |= general.bits() == 8 && general.index() >= 4;
      }
      switch (slot.field()) {
        case REG -> reg = code;
        case VVVV -> vvvv = code;
        case RM, RM_REGISTER, RM_MEMORY -> rmRegister = code;
        case OPCODE -> opcodeRegister = code;
        case IMMEDIATE, RELATIVE -> {}
      }
    }
  }

  private static int code(Operand operand) {
    // Not a switch over types: that is slow until it is compiled.
    if (operand instanceof VectorRegister register) {
      return register.index();
    }
    if (operand instanceof GeneralRegister register) {
      return register.index();
    }
    if (operand instanceof MaskRegister register) {
      return register.index();
    }
    if (operand instanceof TileRegister register) {
      return register.index();
    }
    if (operand instanceof Masked || operand instanceof Memory) {
      throw new IllegalStateException("The operand " + operand + " has no register code.");
    }
    return 0;
  }

  private void put(int value) {
    bytes[size++] = (byte) value;
  }

  private void putLittleEndian(long value, int count) {
    for (int i = 0; i < count; i++) {
      put((int) (value >> (8 * i)));
    }
  }

  /** Bit {@code position} of {@code code} as 0 or 1. */
  private static int bit(int code, int position) {
    return (code >> position) & 1;
  }

  private int bBit() {
    if (memory != null) {
      return memory.base() == null ? 0 : bit(memory.base().index(), 3);
    }
    return bit(Math.max(Math.max(rmRegister, opcodeRegister), 0), 3);
  }

  private int xBit() {
    return memory == null || memory.index() == null ? 0 : bit(memory.index().index(), 3);
  }

  private void legacyPrefix() {
    if (form.mandatory() != 0) {
      put(form.mandatory());
    }
    int rex = (form.wide() ? 8 : 0) | bit(reg, 3) << 2 | xBit() << 1 | bBit();
    if (rex != 0 || byteRegisterNeedsRex) {
      put(0x40 | rex);
    }
    switch (form.map()) {
      case 1 -> put(0x0F);
      case 2 -> putLittleEndian(0x380F, 2);
      case 3 -> putLittleEndian(0x3A0F, 2);
      default -> {}
    }
  }

  /** The two bits for the mandatory prefix in VEX and EVEX. */
  private int pp() {
    return switch (form.mandatory()) {
      case 0x66 -> 1;
      case 0xF3 -> 2;
      case 0xF2 -> 3;
      default -> 0;
    };
  }

  private void vexPrefix() {
    int last = (~vvvv & 15) << 3 | (instruction.length() == 256 ? 4 : 0) | pp();
    if (form.map() == 1 && !form.wide() && xBit() == 0 && bBit() == 0) {
      put(0xC5);
      put((1 - bit(reg, 3)) << 7 | last);
    } else {
      put(0xC4);
      put((1 - bit(reg, 3)) << 7 | (1 - xBit()) << 6 | (1 - bBit()) << 5 | form.map());
      put((form.wide() ? 0x80 : 0) | last);
    }
  }

  private void evexPrefix() {
    boolean broadcast = memory != null && memory.repeated();
    int x = memory == null ? bit(Math.max(rmRegister, 0), 4) : xBit();
    put(0x62);
    put(
        (1 - bit(reg, 3)) << 7
            | (1 - x) << 6
            | (1 - bBit()) << 5
            | (1 - bit(reg, 4)) << 4
            | form.map());
    put((form.wide() ? 0x80 : 0) | (~vvvv & 15) << 3 | 4 | pp());
    put(
        (instruction.zeroing() ? 0x80 : 0)
            | (instruction.length() == 512 ? 0x40 : instruction.length() == 256 ? 0x20 : 0)
            | (broadcast ? 0x10 : 0)
            | (1 - bit(vvvv, 4)) << 3
            | (instruction.mask() == null ? 0 : instruction.mask().index()));
  }

  private void body() {
    byte[] opcode = form.opcode();
    for (int i = 0; i < opcode.length - 1; i++) {
      put(opcode[i]);
    }
    put(opcode[opcode.length - 1] + (opcodeRegister < 0 ? 0 : opcodeRegister & 7));
    if (memory != null) {
      address(memory);
    } else if (rmRegister >= 0 || hasRegSlot()) {
      // tilezero has a register in the reg field and nothing in the other.
      put(0xC0 | (reg & 7) << 3 | (Math.max(rmRegister, 0) & 7));
    }
    constant();
  }

  private boolean hasRegSlot() {
    for (Slot slot : form.slots()) {
      if (slot.field() == Slot.Field.REG) {
        return true;
      }
    }
    return false;
  }

  /** ModRM, SIB and displacement. */
  private void address(Memory place) {
    int middle = (reg & 7) << 3;
    GeneralRegister base = place.base();
    if (base == null) {
      put(middle | 5);
      distance(place.label(), 4, place.displacement());
      return;
    }
    int baseCode = base.index() & 7;
    boolean sib = place.index() != null || baseCode == 4;
    // EVEX counts a one-byte displacement in units of the memory operand's size.
    int unit = form.prefix() == Form.Prefix.EVEX ? memoryBits / 8 : 1;
    int displacement = place.displacement();
    boolean none = displacement == 0 && baseCode != 5;
    boolean oneByte =
        displacement % unit == 0 && displacement / unit == (byte) (displacement / unit);
    put((none ? 0 : oneByte ? 0x40 : 0x80) | middle | (sib ? 4 : baseCode));
    if (sib) {
      int indexCode = place.index() == null ? 4 : place.index().index() & 7;
      put(Integer.numberOfTrailingZeros(place.scale()) << 6 | indexCode << 3 | baseCode);
    }
    if (!none) {
      putLittleEndian(oneByte ? displacement / unit : displacement, oneByte ? 1 : 4);
    }
  }

  private void constant() {
    if (form.slots().isEmpty()) {
      return;
    }
    Operand last = instruction.operands().getLast();
    switch (form.slots().getLast().kind()) {
      case BYTE_PATTERN, SIGNED_8 -> putLittleEndian(instruction.immediate(), 1);
      case SIGNED_32, PATTERN_32 -> putLittleEndian(instruction.immediate(), 4);
      case PATTERN_64 -> putLittleEndian(instruction.immediate(), 8);
      case NEAR -> distance((Label) last, 1, 0);
      case FAR -> distance((Label) last, 4, 0);
      default -> {}
    }
  }

  private void distance(@Nullable Label label, int count, int offset) {
    target = label;
    addend = offset;
    distanceAt = size;
    distanceBytes = count;
    putLittleEndian(0, count);
  }
}
