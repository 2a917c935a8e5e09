package org.sysmol.runtime.machine;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.x86.Feature;

/**
 * The classes of processors that kernels are generated for, each with the extensions that its
 * kernels may use. Timings of two classes are never compared.
 */
public enum CpuClass {
  /** Less than AVX2: no generated code. */
  BASELINE("baseline"),
  /** AVX2 and FMA. */
  AVX2("avx2", Feature.POPCNT, Feature.AVX, Feature.AVX2, Feature.FMA),
  /** AVX2 with {@code vpdpbusd} on 256 bits. */
  AVXVNNI("avxvnni", AVX2, Feature.AVX_VNNI),
  /** AVX-512 with byte permutations, {@code vpdpbusd} and bit counts. */
  AVX512(
      "avx512",
      AVX2,
      Feature.AVX512F,
      Feature.AVX512BW,
      Feature.AVX512DQ,
      Feature.AVX512VL,
      Feature.AVX512_VBMI,
      Feature.AVX512_VNNI,
      Feature.AVX512_VPOPCNTDQ),
  /** AVX-512 and tiles of bytes. */
  AMX("amx", AVX512, Feature.AMX_TILE, Feature.AMX_INT8);

  private final String text;

  // Unmodifiable, which the checker cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<Feature> features;

  CpuClass(String text, Feature... features) {
    this.text = text;
    EnumSet<Feature> all = EnumSet.of(Feature.X86_64);
    Collections.addAll(all, features);
    this.features = Collections.unmodifiableSet(all);
  }

  CpuClass(String text, CpuClass base, Feature... further) {
    this.text = text;
    EnumSet<Feature> all = EnumSet.copyOf(base.features);
    Collections.addAll(all, further);
    this.features = Collections.unmodifiableSet(all);
  }

  /** The name in reports and on the command line. */
  public String text() {
    return text;
  }

  /**
   * The class called {@code text}, in any case.
   *
   * @throws SysmolException (bad input) if none is; the message names all
   */
  public static CpuClass parse(String text) {
    for (CpuClass cpuClass : values()) {
      if (cpuClass.text.equals(text.strip().toLowerCase(Locale.ROOT))) {
        return cpuClass;
      }
    }
    throw SysmolException.badInput(
        "There is no class of processors called '"
            + text
            + "'; the classes are "
            + Stream.of(values()).map(CpuClass::text).collect(Collectors.joining(", "))
            + ".");
  }

  /** Extensions that some processors of this class have and code may use after asking. */
  public Set<Feature> optional() {
    return this == BASELINE || this == AVX2 ? Set.of() : Set.of(Feature.GFNI);
  }

  /** The extensions that every processor of this class has; generated code may rely on these. */
  public Set<Feature> features() {
    return features;
  }
}
