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
        Label {}
