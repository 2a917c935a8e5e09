package org.sysmol.core.architecture;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sysmol.core.SysmolException;

/**
 * The core that a mixed unit sits in: what a simulation must know of it beyond its registers
 * (docs/hardware.md, "Cores").
 *
 * @param outOfOrder whether instructions may overtake each other
 * @param issueWidth instructions that begin in a cycle, 1 to 16
 * @param window instructions in flight where out of order, 1 to 1024; in order it has no meaning
 * @param simdUnits vector units, each with a mixed unit, 1 to 8
 * @param loadUnits loads of one register that begin in a cycle, 1 to 4
 * @param storeUnits stores of one register that begin in a cycle, 1 to 4
 * @param integerUnits scalar units, 1 to 8
 * @param clockMhz cycles in a microsecond, 1 to 10,000
 * @param latencies cycles until a result can be used
 * @param l1 first cache for data
 * @param l2 second cache
 * @param prefetchLines lines that are fetched ahead of a stream, 0 to 16
 * @param memoryNanoseconds latency of memory behind the caches, 1 to 1000
 * @param memoryGigabytesPerSecond its bandwidth, 0.1 to 1000
 * @param baseUnit how the plain vector unit multiplies bytes
 * @param shares what only some of the vector units do
 */
public record Core(
    boolean outOfOrder,
    int issueWidth,
    int window,
    int simdUnits,
    int loadUnits,
    int storeUnits,
    int integerUnits,
    int clockMhz,
    Latencies latencies,
    Cache l1,
    Cache l2,
    int prefetchLines,
    int memoryNanoseconds,
    double memoryGigabytesPerSecond,
    BaseUnit baseUnit,
    Shares shares) {
  /** How the plain vector unit multiplies bytes. */
  public enum BaseUnit {
    /** SDOT: 16 products of bytes to an instruction. */
    DOT,
    /** SMMLA: 32 products of bytes to an instruction. */
    MATRIX
  }

  /**
   * Cycles until a result can be used, 1 to 64 each.
   *
   * @param load of data in the first cache
   * @param integer scalar arithmetic
   * @param simd moves, logic, sums and conversions between widths of a vector
   * @param multiply integer multiply-add or dot product
   * @param mixed the mixed unit
   * @param accumulate integer or mixed multiply-add, until the next one may add to it
   * @param floatAdd sum, minimum or maximum of binary32
   * @param floatMultiply product of binary32
   * @param floatMultiplyAdd fused multiply-add of binary32
   * @param floatAccumulate the same, until the next one may add to it
   * @param convert between binary32 and integers
   */
  public record Latencies(
      int load,
      int integer,
      int simd,
      int multiply,
      int mixed,
      int accumulate,
      int floatAdd,
      int floatMultiply,
      int floatMultiplyAdd,
      int floatAccumulate,
      int convert) {
    /** Checks the ranges. */
    public Latencies {
      for (int cycles :
          new int[] {
            load,
            integer,
            simd,
            multiply,
            mixed,
            accumulate,
            floatAdd,
            floatMultiply,
            floatMultiplyAdd,
            floatAccumulate,
            convert
          }) {
        range("a latency", cycles, 1, 64);
      }
    }
  }

  /**
   * What only some of the vector units do, and what takes them longer than a cycle. Dot products,
   * binary32, logic and sums are every unit's.
   *
   * @param multiplyUnits units that multiply integers and convert to and from binary32, 1 to 8; at
   *     most as many as there are
   * @param shiftUnits units that shift, widen and narrow, 1 to 8
   * @param multiplyCycles cycles that a product of eight halfwords holds its unit, 1 to 64
   * @param convertCycles cycles that a conversion of four words holds its unit, 1 to 64
   */
  public record Shares(int multiplyUnits, int shiftUnits, int multiplyCycles, int convertCycles) {
    /** Checks the ranges. */
    public Shares {
      range("multiply-units", multiplyUnits, 1, 8);
      range("shift-units", shiftUnits, 1, 8);
      range("multiply-cycles", multiplyCycles, 1, 64);
      range("convert-cycles", convertCycles, 1, 64);
    }
  }

  /**
   * A cache with least-recently-used replacement.
   *
   * @param kib size in KiB, a power of two, 1 to 65536
   * @param ways associativity, a power of two, 1 to 16
   * @param lineBytes bytes of a line: 32, 64 or 128
   * @param cycles latency beyond the level before it; of the first cache it is {@link
   *     Latencies#load}, and this is 0
   */
  public record Cache(int kib, int ways, int lineBytes, int cycles) {
    /** Checks the ranges. */
    public Cache {
      range("the KiB of a cache", kib, 1, 1 << 16);
      range("the ways of a cache", ways, 1, 16);
      range("the latency of a cache", cycles, 0, 1000);
      if (Integer.bitCount(kib) != 1 || Integer.bitCount(ways) != 1) {
        throw SysmolException.badInput(
            "A cache has %d KiB in %d ways: use powers of two.".formatted(kib, ways));
      }
      if (!List.of(32, 64, 128).contains(lineBytes) || kib * 1024 < ways * lineBytes) {
        throw SysmolException.badInput(
            "A cache of %d KiB has lines of %d bytes: use 32, 64 or 128, and at least one line in each way."
                .formatted(kib, lineBytes));
      }
    }
  }

  /**
   * An out-of-order core with the widths and latencies of Arm's Neoverse N1 (its Software
   * Optimization Guide) and the caches of the paper's laboratory machine (PAPER section 3).
   */
  public static final Core OUT_OF_ORDER =
      new Core(
          true,
          4,
          128,
          2,
          2,
          1,
          3,
          2000,
          new Latencies(5, 1, 2, 3, 3, 1, 2, 3, 4, 2, 4),
          new Cache(64, 4, 64, 0),
          new Cache(256, 8, 64, 6),
          4,
          90,
          12.8,
          BaseUnit.DOT,
          new Shares(1, 1, 2, 2));

  /** An in-order core of two instructions and one vector unit, after Arm's Cortex-A55. */
  public static final Core IN_ORDER =
      new Core(
          false,
          2,
          1,
          1,
          1,
          1,
          2,
          1500,
          new Latencies(3, 1, 2, 4, 4, 1, 4, 4, 4, 4, 4),
          new Cache(32, 4, 64, 0),
          new Cache(256, 8, 64, 8),
          4,
          90,
          12.8,
          BaseUnit.DOT,
          new Shares(1, 1, 1, 1));

  /** How an architecture file calls {@link #OUT_OF_ORDER}. */
  static final String OUT_OF_ORDER_NAME = "out-of-order";

  /** How an architecture file calls {@link #IN_ORDER}. */
  static final String IN_ORDER_NAME = "in-order";

  /** Cores by the names that architecture files give them. */
  public static final Map<String, Core> PRESETS = presets();

  private static Map<String, Core> presets() {
    Map<String, Core> presets = new LinkedHashMap<>();
    presets.put(OUT_OF_ORDER_NAME, OUT_OF_ORDER);
    presets.put(IN_ORDER_NAME, IN_ORDER);
    return Collections.unmodifiableMap(presets);
  }

  /** Checks the ranges; throws {@link SysmolException} naming the first that is wrong. */
  public Core {
    range("issue-width", issueWidth, 1, 16);
    range("window", window, 1, 1024);
    if (!outOfOrder && window != 1) {
      throw SysmolException.badInput(
          "A core has window %d but starts instructions in order: use 1.".formatted(window));
    }
    range("simd-units", simdUnits, 1, 8);
    range("load-units", loadUnits, 1, 4);
    range("store-units", storeUnits, 1, 4);
    range("integer-units", integerUnits, 1, 8);
    range("clock-mhz", clockMhz, 1, 10_000);
    range("prefetch-lines", prefetchLines, 0, 16);
    range("memory-ns", memoryNanoseconds, 1, 1000);
    if (!(memoryGigabytesPerSecond >= 0.1 && memoryGigabytesPerSecond <= 1000)) {
      throw SysmolException.badInput(
          String.format(
              Locale.ROOT,
              "A core has memory-gb-per-s %s: use 0.1 to 1000.",
              memoryGigabytesPerSecond));
    }
    if (l1.lineBytes() != l2.lineBytes()) {
      throw SysmolException.badInput(
          "A core has caches with lines of %d and %d bytes: give both the same."
              .formatted(l1.lineBytes(), l2.lineBytes()));
    }
  }

  private static void range(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw SysmolException.badInput(
          "A core has %s %d: use %d to %d.".formatted(what, value, least, most));
    }
  }

  /** Cycles that memory takes to answer, beyond the second cache. */
  public int memoryCycles() {
    return Math.max(1, (int) Math.round(memoryNanoseconds * 1e-3 * clockMhz));
  }

  /** Cycles that a line occupies the way to memory. */
  public double cyclesPerLine() {
    return l1.lineBytes() * 1e-3 * clockMhz / memoryGigabytesPerSecond;
  }
}
