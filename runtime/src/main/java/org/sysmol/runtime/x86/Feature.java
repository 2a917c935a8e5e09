package org.sysmol.runtime.x86;

import java.util.Locale;

/** The extensions of the x86-64 instruction set that this project may use. */
public enum Feature {
  /** What every 64-bit x86 processor has. */
  X86_64,
  /** Counting bits of a general register. */
  POPCNT,
  /** 256-bit vectors of floats. */
  AVX,
  /** 256-bit vectors of integers. */
  AVX2,
  /** Fused multiply-add; part of a CPU class but never emitted, since the arithmetic forbids it. */
  FMA,
  /** {@code vpdpbusd} on 256 bits without AVX-512. */
  AVX_VNNI,
  /** 512-bit vectors, 32 registers, masks. */
  AVX512F,
  /** AVX-512 on bytes and words. */
  AVX512BW,
  /** AVX-512 on doublewords and quadwords, additions. */
  AVX512DQ,
  /** AVX-512 on 128 and 256 bits. */
  AVX512VL,
  /** Byte permutations over a whole register. */
  AVX512_VBMI,
  /** {@code vpdpbusd} on AVX-512 registers. */
  AVX512_VNNI,
  /** Counting bits of each lane. */
  AVX512_VPOPCNTDQ,
  /** Bit matrices on bytes; no class of processors promises it. */
  GFNI,
  /** Tile registers. */
  AMX_TILE,
  /** Products of tiles of bytes. */
  AMX_INT8;

  /** The name in lower case, as the tables of encodings write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
