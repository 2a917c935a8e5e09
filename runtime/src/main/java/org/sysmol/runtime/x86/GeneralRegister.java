package org.sysmol.runtime.x86;

/**
 * A general-purpose register seen at one width.
 *
 * @param index 0..15 in the order of the encoding: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8..r15
 * @param bits 64, 32, 16 or 8 (the low byte; the old high bytes such as {@code ah} do not exist)
 */
public record GeneralRegister(int index, int bits) implements Operand {
  /** Register 0; the result of a call. */
  public static final GeneralRegister RAX = new GeneralRegister(0, 64);

  /** Register 1; the fourth argument of a call. */
  public static final GeneralRegister RCX = new GeneralRegister(1, 64);

  /** Register 2; the third argument of a call. */
  public static final GeneralRegister RDX = new GeneralRegister(2, 64);

  /** Register 3; preserved by whoever is called. */
  public static final GeneralRegister RBX = new GeneralRegister(3, 64);

  /** Register 4; the stack pointer. */
  public static final GeneralRegister RSP = new GeneralRegister(4, 64);

  /** Register 5; preserved by whoever is called. */
  public static final GeneralRegister RBP = new GeneralRegister(5, 64);

  /** Register 6; the second argument of a call. */
  public static final GeneralRegister RSI = new GeneralRegister(6, 64);

  /** Register 7; the first argument of a call. */
  public static final GeneralRegister RDI = new GeneralRegister(7, 64);

  /** Register 8; the fifth argument of a call. */
  public static final GeneralRegister R8 = new GeneralRegister(8, 64);

  /** Register 9; the sixth argument of a call. */
  public static final GeneralRegister R9 = new GeneralRegister(9, 64);

  /** Register 10; free for use. */
  public static final GeneralRegister R10 = new GeneralRegister(10, 64);

  /** Register 11; free for use. */
  public static final GeneralRegister R11 = new GeneralRegister(11, 64);

  /** Register 12; preserved by whoever is called. */
  public static final GeneralRegister R12 = new GeneralRegister(12, 64);

  /** Register 13; preserved by whoever is called. */
  public static final GeneralRegister R13 = new GeneralRegister(13, 64);

  /** Register 14; preserved by whoever is called. */
  public static final GeneralRegister R14 = new GeneralRegister(14, 64);

  /** Register 15; preserved by whoever is called. */
  public static final GeneralRegister R15 = new GeneralRegister(15, 64);

  private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};

  /** Checks the index and the width. */
  public GeneralRegister {
    if (index < 0 || index > 15) {
      throw new IllegalArgumentException("No general register has the index " + index + ".");
    }
    if (bits != 64 && bits != 32 && bits != 16 && bits != 8) {
      throw new IllegalArgumentException("A general register cannot be " + bits + " bits wide.");
    }
  }

  @Override
  public int shape() {
    return 1 << 10 | bits;
  }

  /** The low 32 bits of this register; writing them clears the upper half. */
  public GeneralRegister dword() {
    return new GeneralRegister(index, 32);
  }

  /** The low 16 bits of this register. */
  public GeneralRegister word() {
    return new GeneralRegister(index, 16);
  }

  /** The lowest byte of this register. */
  public GeneralRegister lowByte() {
    return new GeneralRegister(index, 8);
  }

  /** All 64 bits of this register. */
  public GeneralRegister qword() {
    return new GeneralRegister(index, 64);
  }

  /** The name as an assembler writes it. */
  @Override
  public String toString() {
    if (index >= 8) {
      return "r" + index + (bits == 64 ? "" : bits == 32 ? "d" : bits == 16 ? "w" : "b");
    }
    String name = LEGACY[index];
    return switch (bits) {
      case 64 -> "r" + name;
      case 32 -> "e" + name;
      case 16 -> name;
      default -> (index < 4 ? name.substring(0, 1) : name) + "l";
    };
  }
}
