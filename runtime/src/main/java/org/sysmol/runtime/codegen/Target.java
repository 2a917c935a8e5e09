package org.sysmol.runtime.codegen;

import java.util.Set;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.x86.Feature;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * What code is generated for.
 *
 * @param cpuClass the class of processors
 * @param lookup where channels of one and two bits are looked up in tables
 */
record Target(CpuClass cpuClass, Lookup lookup) {
  /** Where look-ups take the place of products. */
  enum Lookup {
    NEVER,
    WHERE_FASTER,
    WHERE_POSSIBLE
  }

  /** Kernels as measured to be the fastest. */
  Target(CpuClass cpuClass) {
    this(cpuClass, Lookup.WHERE_FASTER);
  }

  /** Extensions that the code may use. */
  Set<Feature> features() {
    return cpuClass.features();
  }

  /** True if vectors of 512 bits are used. */
  boolean wide() {
    return features().contains(Feature.AVX512F);
  }

  /** True if a dot product of four bytes is one instruction. */
  boolean dotProduct() {
    return features().contains(Feature.AVX_VNNI) || features().contains(Feature.AVX512_VNNI);
  }

  /**
   * True if one-bit channels are multiplied by counting bits: where tiles multiply bytes faster,
   * they are not.
   */
  boolean countsBits() {
    return wide()
        && features().contains(Feature.AVX512_VPOPCNTDQ)
        && cpuClass != CpuClass.AMX
        && lookup != Lookup.WHERE_POSSIBLE;
  }

  /** True if products of whole tiles of bytes are one instruction. */
  boolean tiles() {
    return features().contains(Feature.AMX_INT8) && lookup != Lookup.WHERE_POSSIBLE;
  }

  /** 32-bit lanes of a vector. */
  int lanes() {
    return wide() ? 16 : 8;
  }

  /** Bytes of a vector. */
  int vectorBytes() {
    return 4 * lanes();
  }

  /** Vector registers that code can name. */
  int vectorRegisters() {
    return wide() ? 32 : 16;
  }

  /** Most pixels of a tile with two vectors of outputs each. */
  int mostPixels() {
    return wide() ? 12 : 6;
  }

  /** Vector register {@code index} at full width. */
  VectorRegister vector(int index) {
    return wide() ? VectorRegister.zmm(index) : VectorRegister.ymm(index);
  }
}
