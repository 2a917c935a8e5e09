package org.sysmol.runtime.machine;

/** The two instructions by which a processor describes itself. */
interface Cpuid {
  /**
   * The four words of an answer.
   *
   * @param eax first word
   * @param ebx second word
   * @param ecx third word
   * @param edx fourth word
   */
  record Registers(int eax, int ebx, int ecx, int edx) {}

  /** CPUID with {@code leaf} in eax and {@code subleaf} in ecx. */
  Registers leaf(int leaf, int subleaf);

  /** XCR0 by XGETBV; allowed only if bit 27 of ecx of leaf 1 is set. */
  long savedState();
}
