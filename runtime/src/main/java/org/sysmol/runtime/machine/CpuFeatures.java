package org.sysmol.runtime.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.machine.Cpuid.Registers;
import org.sysmol.runtime.x86.Feature;

/**
 * What the processor can do and the operating system lets it do.
 *
 * <p>An extension counts only if the processor reports it (CPUID) and the system saves its
 * registers when it switches threads (XCR0); a virtual machine may hide either. Tiles (AMX) count
 * only once the system has permitted them, which {@link #detect} asks for.
 *
 * @param name the processor's own name, or empty
 * @param features the extensions that code may use
 * @param limitation one sentence on what this machine has and cannot use, or why nothing could be
 *     found out; empty where all is well
 */
public record CpuFeatures(String name, Set<Feature> features, Optional<String> limitation) {
  // Bits of XCR0: the registers that the operating system saves.
  private static final long SAVES_AVX = 0x6;
  private static final long SAVES_AVX512 = 0xE6;
  private static final long SAVES_TILES = 0x60000;

  /** Freezes the set. */
  public CpuFeatures {
    EnumSet<Feature> copy = EnumSet.noneOf(Feature.class);
    copy.addAll(features);
    features = Collections.unmodifiableSet(copy);
  }

  /**
   * Asks the processor at hand, and on the first call the system for tiles, so call it early: see
   * {@link TilePermission}. Where generated code cannot run, the record says why.
   */
  public static CpuFeatures detect() {
    return switch (ProcessorCpuid.load()) {
      case ProcessorCpuid.Ready ready -> {
        try (ProcessorCpuid cpuid = ready.cpuid()) {
          yield parse(cpuid, TilePermission::request);
        }
      }
      case ProcessorCpuid.Unavailable refused ->
          new CpuFeatures("", Set.of(), Optional.of(refused.reason()));
    };
  }

  /** Reads the answers of a processor, and of the system if there are tiles to ask for. */
  static CpuFeatures parse(Cpuid cpuid, Supplier<TilePermission> tiles) {
    EnumSet<Feature> found = EnumSet.of(Feature.X86_64);
    int highest = cpuid.leaf(0, 0).eax();
    if (highest >= 1) {
      Registers basic = cpuid.leaf(1, 0);
      add(found, Feature.POPCNT, basic.ecx(), 23);
      boolean systemUsesXsave = bit(basic.ecx(), 27);
      long saved = systemUsesXsave ? cpuid.savedState() : 0;
      if ((saved & SAVES_AVX) == SAVES_AVX && bit(basic.ecx(), 28)) {
        found.add(Feature.AVX);
        add(found, Feature.FMA, basic.ecx(), 12);
        if (highest >= 7) {
          addExtended(found, cpuid, saved);
        }
      }
    }
    Optional<String> limitation = Optional.empty();
    if (found.contains(Feature.AMX_TILE) && tiles.get() instanceof TilePermission.Refused refused) {
      found.removeAll(Set.of(Feature.AMX_TILE, Feature.AMX_INT8));
      limitation = Optional.of(refused.reason());
    }
    return new CpuFeatures(name(cpuid), found, limitation);
  }

  private static void addExtended(EnumSet<Feature> found, Cpuid cpuid, long saved) {
    Registers extended = cpuid.leaf(7, 0);
    add(found, Feature.AVX2, extended.ebx(), 5);
    if (extended.eax() >= 1) {
      add(found, Feature.AVX_VNNI, cpuid.leaf(7, 1).eax(), 4);
    }
    add(found, Feature.GFNI, extended.ecx(), 8);
    if ((saved & SAVES_AVX512) == SAVES_AVX512 && bit(extended.ebx(), 16)) {
      found.add(Feature.AVX512F);
      add(found, Feature.AVX512DQ, extended.ebx(), 17);
      add(found, Feature.AVX512BW, extended.ebx(), 30);
      add(found, Feature.AVX512VL, extended.ebx(), 31);
      add(found, Feature.AVX512_VBMI, extended.ecx(), 1);
      add(found, Feature.AVX512_VNNI, extended.ecx(), 11);
      add(found, Feature.AVX512_VPOPCNTDQ, extended.ecx(), 14);
    }
    if ((saved & SAVES_TILES) == SAVES_TILES && bit(extended.edx(), 24)) {
      found.add(Feature.AMX_TILE);
      add(found, Feature.AMX_INT8, extended.edx(), 25);
    }
  }

  private static boolean bit(int word, int position) {
    return (word >>> position & 1) != 0;
  }

  private static void add(EnumSet<Feature> found, Feature feature, int word, int position) {
    if (bit(word, position)) {
      found.add(feature);
    }
  }

  /** The brand string, 48 characters padded with zeros or blanks. */
  private static String name(Cpuid cpuid) {
    if (Integer.compareUnsigned(cpuid.leaf(0x80000000, 0).eax(), 0x80000004) < 0) {
      return "";
    }
    ByteBuffer text = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (int leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
      Registers part = cpuid.leaf(leaf, 0);
      text.putInt(part.eax()).putInt(part.ebx()).putInt(part.ecx()).putInt(part.edx());
    }
    String name = new String(text.array(), StandardCharsets.ISO_8859_1);
    int end = name.indexOf('\0');
    return (end < 0 ? name : name.substring(0, end)).strip();
  }

  /** Whether code for {@code cpuClass} runs here. */
  public boolean supports(CpuClass cpuClass) {
    return cpuClass == CpuClass.BASELINE || features.containsAll(cpuClass.features());
  }

  /** The classes whose code runs here, from the weakest. */
  public List<CpuClass> classes() {
    return Stream.of(CpuClass.values()).filter(this::supports).toList();
  }

  /** The strongest class whose code runs here. */
  public CpuClass best() {
    return classes().getLast();
  }

  /**
   * This machine as if it were only of {@code cpuClass}: what generated code may use when a user
   * lowers the class.
   *
   * @throws SysmolException (bad input) if code of that class does not run here
   */
  public CpuFeatures cappedTo(CpuClass cpuClass) {
    if (!supports(cpuClass)) {
      throw SysmolException.badInput(
          "Code of class "
              + cpuClass.text()
              + " cannot run here, because this machine lacks "
              + cpuClass.features().stream()
                  .filter(feature -> !features.contains(feature))
                  .map(Feature::text)
                  .collect(Collectors.joining(", "))
              + limitation.map(why -> " (" + why.substring(0, why.length() - 1) + ")").orElse("")
              + (best() == CpuClass.BASELINE
                  ? "; leave the class away."
                  : "; choose one of "
                      + classes().stream()
                          .filter(c -> c != CpuClass.BASELINE)
                          .map(CpuClass::text)
                          .collect(Collectors.joining(", "))
                      + "."));
    }
    EnumSet<Feature> kept = EnumSet.noneOf(Feature.class);
    kept.addAll(features);
    kept.removeIf(
        feature ->
            !cpuClass.features().contains(feature) && !cpuClass.optional().contains(feature));
    return new CpuFeatures(name, kept, limitation);
  }
}
