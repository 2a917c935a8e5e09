package org.sysmol.runtime.x86;

/**
 * Where an encoding puts one operand and which operands fit there.
 *
 * <p>Text form, as in {@code mV/32}: a letter for the field, a letter for the kind of register,
 * then optionally the bits of a memory operand and, after a slash, the bits of an element that may
 * be broadcast.
 *
 * @param field the part of the encoding that holds the operand
 * @param kind the registers that fit
 * @param memoryBits size of a memory operand if it differs from the register's; -1 if it does not
 * @param broadcastBits element size of an embedded broadcast, 0 where there is none
 */
record Slot(Field field, Kind kind, int memoryBits, int broadcastBits) {
  /** The parts of an encoding that hold an operand. */
  enum Field {
    /** {@code r}: the reg field of ModRM. */
    REG,
    /** {@code v}: the vvvv field of a VEX or EVEX prefix. */
    VVVV,
    /** {@code m}: the r/m field, register or memory. */
    RM,
    /** {@code n}: the r/m field, register only. */
    RM_REGISTER,
    /** {@code M}: the r/m field, memory only. */
    RM_MEMORY,
    /** {@code o}: the low bits of the opcode. */
    OPCODE,
    /** {@code i}, {@code s}, {@code u}: trailing bytes holding a constant. */
    IMMEDIATE,
    /** {@code rel}: trailing bytes holding the distance to a label. */
    RELATIVE
  }

  /** The operands that fit into a slot. */
  enum Kind {
    /** {@code V}: a vector of the instruction's length. */
    FULL,
    /** {@code U}: the same, but the encoding has no 128-bit form. */
    FULL_256_UP,
    /** {@code H}: half the length, at least an xmm register. */
    HALF,
    /** {@code Q}: a quarter of the length, at least an xmm register. */
    QUARTER,
    /** {@code E}: an eighth of the length, always an xmm register. */
    EIGHTH,
    /** {@code X}: 128 bits. */
    XMM,
    /** {@code Y}: 256 bits. */
    YMM,
    /** {@code Z}: 512 bits. */
    ZMM,
    /** {@code B}: the low byte of a general register. */
    GENERAL_8,
    /** {@code W}: the low word of a general register. */
    GENERAL_16,
    /** {@code D}: the low half of a general register. */
    GENERAL_32,
    /** {@code G}: a whole general register. */
    GENERAL_64,
    /** {@code K}: a mask register. */
    MASK,
    /** {@code T}: a tile. */
    TILE,
    /** {@code S}: no register; the rows of a tile in memory, an index register apart. */
    TILE_ROWS,
    /** No register; memory of {@code memoryBits}. */
    NONE,
    /** {@code i}: a byte of pattern, -128..255. */
    BYTE_PATTERN,
    /** {@code s8}: a byte that is sign-extended. */
    SIGNED_8,
    /** {@code s32}: four bytes that are sign-extended. */
    SIGNED_32,
    /** {@code u32}: four bytes of pattern. */
    PATTERN_32,
    /** {@code i64}: eight bytes. */
    PATTERN_64,
    /** {@code rel8}: a label within -128..127 bytes. */
    NEAR,
    /** {@code rel32}: any label. */
    FAR;

    /** Whether the width of this kind follows the length of the instruction. */
    boolean followsLength() {
      return switch (this) {
        case FULL, FULL_256_UP, HALF, QUARTER, EIGHTH -> true;
        default -> false;
      };
    }

    /** Whether this is a vector of fixed width. */
    boolean fixedVector() {
      return this == XMM || this == YMM || this == ZMM;
    }

    /** Whether this is a general register. */
    boolean general() {
      return switch (this) {
        case GENERAL_8, GENERAL_16, GENERAL_32, GENERAL_64 -> true;
        default -> false;
      };
    }

    /** Width in bits of the data, for an instruction of {@code length} bits; 0 where none. */
    int bits(int length) {
      return switch (this) {
        case FULL, FULL_256_UP -> length;
        case HALF -> length / 2;
        case QUARTER -> length / 4;
        case EIGHTH -> length / 8;
        case XMM -> 128;
        case YMM -> 256;
        case ZMM -> 512;
        case GENERAL_8 -> 8;
        case GENERAL_16 -> 16;
        case GENERAL_32 -> 32;
        case GENERAL_64, MASK -> 64;
        default -> 0;
      };
    }
  }

  static Slot parse(String text) {
    switch (text) {
      case "i8":
        return new Slot(Field.IMMEDIATE, Kind.BYTE_PATTERN, -1, 0);
      case "s8":
        return new Slot(Field.IMMEDIATE, Kind.SIGNED_8, -1, 0);
      case "s32":
        return new Slot(Field.IMMEDIATE, Kind.SIGNED_32, -1, 0);
      case "u32":
        return new Slot(Field.IMMEDIATE, Kind.PATTERN_32, -1, 0);
      case "i64":
        return new Slot(Field.IMMEDIATE, Kind.PATTERN_64, -1, 0);
      case "rel8":
        return new Slot(Field.RELATIVE, Kind.NEAR, -1, 0);
      case "rel32":
        return new Slot(Field.RELATIVE, Kind.FAR, -1, 0);
      default:
        break;
    }
    Field field =
        switch (text.charAt(0)) {
          case 'r' -> Field.REG;
          case 'v' -> Field.VVVV;
          case 'm' -> Field.RM;
          case 'n' -> Field.RM_REGISTER;
          case 'M' -> Field.RM_MEMORY;
          case 'o' -> Field.OPCODE;
          default -> throw new IllegalArgumentException("No field is written " + text + ".");
        };
    int letter = "VUHQEXYZBWDGKTS".indexOf(text.charAt(1));
    Kind kind = letter < 0 ? Kind.NONE : Kind.values()[letter];
    String rest = text.substring(letter < 0 ? 1 : 2);
    int slash = rest.indexOf('/');
    String memory = slash < 0 ? rest : rest.substring(0, slash);
    int broadcast = slash < 0 ? 0 : Integer.parseInt(rest.substring(slash + 1));
    return new Slot(field, kind, memory.isEmpty() ? -1 : Integer.parseInt(memory), broadcast);
  }

  /** Whether this slot is the r/m field. */
  boolean isRm() {
    return field == Field.RM || field == Field.RM_REGISTER || field == Field.RM_MEMORY;
  }

  /** Size in bits of a memory operand here, for an instruction of {@code length} bits. */
  int memoryBits(int length) {
    return memoryBits >= 0 ? memoryBits : kind.bits(length);
  }

  /** Whether {@code operand} fits here, for an instruction of {@code length} bits. */
  boolean accepts(Operand operand, int length, boolean evex) {
    return switch (operand) {
      case GeneralRegister register ->
          kind.general() && field != Field.RM_MEMORY && register.bits() == kind.bits(length);
      case VectorRegister register ->
          (kind.followsLength() || kind.fixedVector())
              && field != Field.RM_MEMORY
              && register.bits() == Math.max(128, kind.bits(length))
              && (evex || register.index() < 16);
      case TileRegister register -> kind == Kind.TILE && field != Field.RM_MEMORY;
      case MaskRegister register -> kind == Kind.MASK && field != Field.RM_MEMORY;
      case Memory memory -> acceptsMemory(memory, length);
      case Immediate immediate -> acceptsConstant(immediate.value());
      case Label label -> field == Field.RELATIVE;
      case Masked masked -> false;
    };
  }

  private boolean acceptsMemory(Memory memory, int length) {
    if ((field != Field.RM && field != Field.RM_MEMORY)
        || (kind == Kind.TILE_ROWS && memory.index() == null)) {
      return false;
    }
    if (memory.repeated()) {
      return broadcastBits != 0 && (memory.bits() == 0 || memory.bits() == broadcastBits);
    }
    return memory.bits() == 0 || memory.bits() == memoryBits(length);
  }

  private boolean acceptsConstant(long value) {
    return switch (kind) {
      case BYTE_PATTERN -> value >= -128 && value <= 255;
      case SIGNED_8 -> value == (byte) value;
      case SIGNED_32 -> value == (int) value;
      case PATTERN_32 -> value == (int) value || value >>> 32 == 0;
      case PATTERN_64 -> true;
      default -> false;
    };
  }
}
