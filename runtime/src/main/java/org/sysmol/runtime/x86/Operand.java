package org.sysmol.runtime.x86;

/** What an instruction works on: a register, a place in memory, a constant or a jump target. */
public sealed interface Operand
    permits GeneralRegister,
        VectorRegister,
        MaskRegister,
        TileRegister,
        Masked,
        Memory,
        Immediate,
        Label {
  /** Bits of {@link #shape}. */
  int SHAPE_BITS = 13;

  /**
   * All of this operand that decides which encodings take it, as a number of {@link #SHAPE_BITS}
   * bits that is not 0: operands of one shape fit the same encodings.
   */
  int shape();
}
