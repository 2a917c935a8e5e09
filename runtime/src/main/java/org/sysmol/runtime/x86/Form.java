package org.sysmol.runtime.x86;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One encoding of an instruction, as a line of a table.
 *
 * <p>A line such as {@code vpaddd evex.66.0f.w0 fe rV,vV,mV/32 k32 avx512f} reads: the mnemonic;
 * the kind of prefix, the mandatory prefix, the opcode map and the W bit; the opcode, with {@code
 * /digit} where the reg field of ModRM extends it; the slots of the operands, destination first, as
 * {@link Slot} reads them; the bits of a lane under a mask, {@code -} where no mask is possible;
 * and the extension that has it. An EVEX form whose length can vary needs AVX-512VL as well below
 * 512 bits.
 *
 * @param mnemonic the instruction
 * @param prefix the kind of prefix
 * @param mandatory 0 for none, else 0x66, 0xF3 or 0xF2, or 0xF0 for a locked access to memory
 * @param map 0 for one-byte opcodes, 1 for 0F, 2 for 0F38, 3 for 0F3A
 * @param wide the W bit of REX, VEX or EVEX
 * @param opcode the opcode; two bytes only where a fixed ModRM belongs to it
 * @param extension the opcode's digit in the reg field of ModRM, or -1
 * @param slots the operands, destination first
 * @param laneBits bits of a lane of the destination under a mask, 0 where it cannot be masked
 * @param feature the extension that has this encoding
 */
record Form(
    Mnemonic mnemonic,
    Prefix prefix,
    int mandatory,
    int map,
    boolean wide,
    byte[] opcode,
    int extension,
    List<Slot> slots,
    int laneBits,
    Feature feature) {
  /** The kinds of prefix. */
  enum Prefix {
    /** The original encoding with an optional REX prefix. */
    LEGACY,
    /** Two or three bytes: AVX, AVX2, AVX-VNNI, masks, tiles. */
    VEX,
    /** Four bytes: AVX-512. */
    EVEX
  }

  /** Reads a line of a table. */
  static Form parse(String line) {
    String[] columns = line.trim().split(" +", -1);
    if (columns.length != 6) {
      throw new IllegalArgumentException("The table line '" + line + "' needs six columns.");
    }
    String[] encoding = columns[1].split("\\.", -1);
    String[] opcode = columns[2].split("/", -1);
    List<Slot> slots = new ArrayList<>();
    if (!columns[3].equals("-")) {
      for (String slot : columns[3].split(",", -1)) {
        slots.add(Slot.parse(slot));
      }
    }
    return new Form(
        Mnemonic.valueOf(columns[0].toUpperCase(Locale.ROOT)),
        Prefix.valueOf(encoding[0].toUpperCase(Locale.ROOT)),
        encoding[1].equals("np") ? 0 : Integer.parseInt(encoding[1], 16),
        List.of("00", "0f", "0f38", "0f3a").indexOf(encoding[2]),
        encoding[3].equals("w1"),
        HexFormat.of().parseHex(opcode[0]),
        opcode.length > 1 ? Integer.parseInt(opcode[1]) : -1,
        List.copyOf(slots),
        columns[4].equals("-") ? 0 : Integer.parseInt(columns[4].substring(1)),
        Feature.valueOf(columns[5].toUpperCase(Locale.ROOT)));
  }

  /** Whether the length of this encoding follows from a vector operand. */
  boolean variableLength() {
    // Loops, not streams: they run for every instruction of a network, and at first interpreted.
    for (Slot slot : slots) {
      if (slot.kind().followsLength()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The length in bits at which {@code operands} fit this encoding, 0 for one without vectors, -1
   * where they do not fit. A mask must have been taken off the first operand.
   */
  int match(List<Operand> operands) {
    if (operands.size() != slots.size()) {
      return -1;
    }
    int length = 0;
    for (int i = 0; i < slots.size(); i++) {
      Slot.Kind kind = slots.get(i).kind();
      if (kind.fixedVector()) {
        length = Math.max(length, kind.bits(0));
      } else if ((kind == Slot.Kind.FULL || kind == Slot.Kind.FULL_256_UP)
          && operands.get(i) instanceof VectorRegister register) {
        length = register.bits();
        if (length < 256 && kind == Slot.Kind.FULL_256_UP) {
          return -1;
        }
      }
    }
    if (length > 256 && prefix != Prefix.EVEX) {
      return -1;
    }
    for (int i = 0; i < slots.size(); i++) {
      if (!slots.get(i).accepts(operands.get(i), length, prefix == Prefix.EVEX)
          || sizeIsOpen(i, operands.get(i))) {
        return -1;
      }
    }
    return length;
  }

  /** Whether a memory operand leaves open which of several scalar encodings is meant. */
  private boolean sizeIsOpen(int index, Operand operand) {
    Slot slot = slots.get(index);
    if (prefix != Prefix.LEGACY
        || !slot.kind().general()
        || !(operand instanceof Memory memory)
        || memory.bits() != 0) {
      return false;
    }
    return slots.stream().filter(other -> other.kind() == slot.kind()).count() < 2;
  }

  /** Whether a program for a processor with {@code allowed} may contain this at {@code length}. */
  boolean allowedWith(Set<Feature> allowed, int length) {
    return allowed.contains(feature)
        && (!needsVectorLength(length) || allowed.contains(Feature.AVX512VL));
  }

  /** Whether this needs AVX-512VL beside {@link #feature()}. */
  boolean needsVectorLength(int length) {
    return prefix == Prefix.EVEX && variableLength() && length < 512;
  }

  /** The slots as the tables write them, for messages. */
  String operandText() {
    return slots.stream()
        .map(slot -> slot.field() + ":" + slot.kind())
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
