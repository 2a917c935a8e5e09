package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Instructions that exercise every operand form of every encoding. */
final class FormSamples {
  private static final int[] VEX_REGISTERS = {0, 7, 8, 15, 3};
  private static final int[] EVEX_REGISTERS = {0, 7, 8, 15, 16, 23, 24, 31, 5};
  private static final int[] DISPLACEMENTS = {
    0, 1, 4, 8, 32, 64, 127, -128, 128, -129, 8128, 8192, -8192, -8256, 508, 512, 0x12345678, -64
  };

  private FormSamples() {}

  /** Every form with registers, addresses, masks and broadcasts of all kinds. */
  static List<Instruction> all() {
    List<Instruction> samples = new ArrayList<>();
    for (Mnemonic mnemonic : Mnemonic.values()) {
      for (Form form : mnemonic.forms()) {
        if (form.slots().isEmpty() || form.slots().getLast().field() != Slot.Field.RELATIVE) {
          samples.addAll(of(form));
        }
      }
    }
    return samples;
  }

  /** The samples of one form. */
  static List<Instruction> of(Form form) {
    List<Instruction> samples = new ArrayList<>();
    for (int length : lengths(form)) {
      boolean memory =
          form.slots().stream()
              .anyMatch(slot -> slot.field() != Slot.Field.RM_MEMORY && slot.isRm());
      for (int variant = 0; variant < (memory ? 9 : 5); variant++) {
        add(samples, form, length, variant, null);
      }
      List<Memory> places = addresses();
      for (int variant = 0; variant < places.size(); variant++) {
        add(samples, form, length, variant, places.get(variant));
        add(samples, form, length, variant, places.get(variant).broadcast());
      }
    }
    return samples;
  }

  /** The lengths that {@code form} has, 0 alone for one without vectors. */
  static List<Integer> lengths(Form form) {
    List<Integer> lengths = new ArrayList<>();
    for (int length : new int[] {0, 128, 256, 512}) {
      Memory place = Memory.mem(GeneralRegister.RAX, GeneralRegister.RCX, 1, 0);
      List<Operand> operands = operands(form, length, 0, place);
      if (operands != null && form.match(operands) == length) {
        lengths.add(length);
      } else {
        operands = operands(form, length, 0, null);
        if (operands != null && form.match(operands) == length) {
          lengths.add(length);
        }
      }
    }
    return lengths;
  }

  private static void add(
      List<Instruction> samples, Form form, int length, int variant, @Nullable Memory memory) {
    List<Operand> operands = operands(form, length, variant, memory);
    boolean hasMemory = operands != null && operands.stream().anyMatch(Memory.class::isInstance);
    if (operands == null || hasMemory != (memory != null) || form.match(operands) != length) {
      return;
    }
    MaskRegister mask = null;
    boolean zeroing = false;
    if (form.laneBits() != 0 && variant % 3 != 0) {
      mask = MaskRegister.k(1 + variant % 7);
      zeroing = variant % 3 == 2 && operands.getFirst() instanceof VectorRegister;
    }
    samples.add(new Instruction(form.mnemonic(), form, length, operands, mask, zeroing));
  }

  /** Operands for {@code form}, null where it takes none of this sort. */
  static @Nullable List<Operand> operands(
      Form form, int length, int variant, @Nullable Memory memory) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < form.slots().size(); i++) {
      Slot slot = form.slots().get(i);
      boolean fitsMemory = slot.field() == Slot.Field.RM || slot.field() == Slot.Field.RM_MEMORY;
      if (fitsMemory && memory != null) {
        boolean general = slot.kind().general() && form.prefix() == Form.Prefix.LEGACY;
        operands.add(
            general && !memory.repeated() ? sized(memory, slot.memoryBits(length)) : memory);
        continue;
      }
      if (slot.field() == Slot.Field.RM_MEMORY || slot.field() == Slot.Field.RELATIVE) {
        return null;
      }
      operands.add(
          slot.field() == Slot.Field.IMMEDIATE
              ? new Immediate(constant(form, slot, variant))
              : slot.kind() == Slot.Kind.TILE
                  // The tiles of a product must differ.
                  ? TileRegister.tmm((variant + 3 * i) % 8)
                  : register(form, slot, length, variant * (i + 2) + i));
    }
    return operands;
  }

  private static Memory sized(Memory memory, int bits) {
    return switch (bits) {
      case 8 -> memory.ofByte();
      case 16 -> memory.ofWord();
      case 32 -> memory.ofDword();
      default -> memory.ofQword();
    };
  }

  private static Operand register(Form form, Slot slot, int length, int choice) {
    if (slot.kind() == Slot.Kind.MASK) {
      return MaskRegister.k(choice % 8);
    }
    if (slot.kind().general()) {
      return new GeneralRegister(choice * 5 % 16, slot.kind().bits(length));
    }
    int[] registers = form.prefix() == Form.Prefix.EVEX ? EVEX_REGISTERS : VEX_REGISTERS;
    return new VectorRegister(
        registers[choice % registers.length], Math.max(128, slot.kind().bits(length)));
  }

  private static long constant(Form form, Slot slot, int variant) {
    return switch (slot.kind()) {
      // Comparisons get predicates that no disassembler gives a name of its own.
      case BYTE_PATTERN ->
          form.mnemonic() == Mnemonic.VCMPPS
              ? 0x2b + variant
              : form.mnemonic().text().startsWith("vpcmp")
                  ? 3 + 4 * (variant & 1)
                  : List.of(0L, 3L, 0x7FL, 0x80L, 0xFFL, -1L).get(variant % 6);
      case SIGNED_8 -> List.of(1L, -128L, 127L, -1L, 0L).get(variant % 5);
      case SIGNED_32 -> List.of(0x1234L, -129L, 0x7FFFFFFFL, -0x80000000L, 128L).get(variant % 5);
      case PATTERN_32 -> List.of(0L, 0xFFFFFFFFL, 0x80000000L, 77L, -5L).get(variant % 5);
      default -> List.of(0x123456789ABCDEFL, -1L, Long.MIN_VALUE, 0x80000000L, 5L).get(variant % 5);
    };
  }

  /** Every base, every index and scale, and displacements around each limit. */
  private static List<Memory> addresses() {
    List<Memory> places = new ArrayList<>();
    for (int i = 0; i < 36; i++) {
      GeneralRegister base = new GeneralRegister(i % 16, 64);
      GeneralRegister index = new GeneralRegister((i * 7 + 3) % 16, 64);
      int displacement = DISPLACEMENTS[i % DISPLACEMENTS.length];
      places.add(
          i % 2 == 0 || index.index() == 4
              ? Memory.mem(base, displacement)
              : Memory.mem(base, index, 1 << (i / 2 % 4), displacement));
    }
    for (int base : new int[] {4, 5, 12, 13}) {
      places.add(Memory.mem(new GeneralRegister(base, 64)));
      places.add(Memory.mem(new GeneralRegister(base, 64), GeneralRegister.R12, 8, 0));
    }
    return places;
  }
}
