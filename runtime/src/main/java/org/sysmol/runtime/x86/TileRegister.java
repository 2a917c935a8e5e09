package org.sysmol.runtime.x86;

/**
 * A tile register of AMX: as many rows, of as many bytes, as the program configured for it, at most
 * 16 rows of 64 bytes.
 *
 * @param index 0..7
 */
public record TileRegister(int index) implements Operand {
  /** Checks the index. */
  public TileRegister {
    if (index < 0 || index > 7) {
      throw new IllegalArgumentException("No tile register has the index " + index + ".");
    }
  }

  @Override
  public int shape() {
    return 4 << 10;
  }

  /** The tile register {@code tmm<index>}. */
  public static TileRegister tmm(int index) {
    return new TileRegister(index);
  }

  /** The name as an assembler writes it. */
  @Override
  public String toString() {
    return "tmm" + index;
  }
}
