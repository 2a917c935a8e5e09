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
 * @param winograd where windows are multiplied in transformed form
 * @param costs by which kernels are chosen
 */
record Target(CpuClass cpuClass, Use lookup, Use winograd, KernelCosts costs) {
  /** Where a kernel takes the place of {@link DotConvolution}. */
  enum Use {
    NEVER,
    WHERE_FASTER,
    WHERE_POSSIBLE
  }

  /** Kernels by the costs that are built in. */
  Target(CpuClass cpuClass) {
    this(cpuClass, Use.WHERE_FASTER, Use.WHERE_FASTER);
  }

  private Target(CpuClass cpuClass, Use lookup, Use winograd) {
    this(cpuClass, lookup, winograd, KernelCosts.builtIn(cpuClass));
  }

  /** The same target with other costs. */
  Target withCosts(KernelCosts others) {
    return new Target(cpuClass, lookup, winograd, others);
  }

  /** Neither look-ups nor transformed windows, for tests and timings. */
  static Target plain(CpuClass cpuClass) {
    return new Target(cpuClass, Use.NEVER, Use.NEVER);
  }

  /** Look-ups wherever they are possible, for tests. */
  static Target lookups(CpuClass cpuClass) {
    return new Target(cpuClass, Use.WHERE_POSSIBLE, Use.NEVER);
  }

  /** Transformed windows wherever they are possible, for tests. */
  static Target winograd(CpuClass cpuClass) {
    return new Target(cpuClass, Use.NEVER, Use.WHERE_POSSIBLE);
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
        && lookup != Use.WHERE_POSSIBLE;
  }

  /** True if products of whole tiles of bytes are one instruction. */
  boolean tiles() {
    return features().contains(Feature.AMX_INT8) && lookup != Use.WHERE_POSSIBLE;
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
