package org.sysmol.runtime.cost;

import java.lang.foreign.Arena;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.codegen.BitPlane;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.Encoder;

/**
 * What one core of the processor at hand reaches in short loops of a class's instructions.
 *
 * @param bytes 10^9 multiply-accumulates of bytes in a second, by {@code tdpbusd}, {@code vpdpbusd}
 *     or {@code vpmaddubsw} and a sum
 * @param bits the same of single bits, by counting them; 0 where code of the class does not count
 *     bits, whether or not the processor could
 * @param near 10^9 bytes in a second read from the nearest cache
 * @param middle the same from the next cache
 * @param memory the same from memory, one thread
 */
public record Peak(double bytes, double bits, double near, double middle, double memory) {
  /** Sizes of the buffers that are read, in bytes: each is well within, or beyond, its cache. */
  static final int NEAR = 16 << 10;

  static final int MIDDLE = 256 << 10;

  static final int MEMORY = 128 << 20;

  private static final long LEAST_NS = 2_000_000;
  private static final int REPEATS = 9;

  /**
   * Measures, in about a quarter of a second.
   *
   * @throws SysmolException if generated code can't run here
   */
  public static Peak measure(CpuClass cpuClass) {
    try (Arena arena = Arena.ofConfined()) {
      long buffer = arena.allocate(MEMORY, 64).fill((byte) 1).address();
      return new Peak(
          rate(PeakCode.bytes(cpuClass), 0),
          BitPlane.counts(cpuClass) ? rate(PeakCode.bits(cpuClass), 0) : 0,
          rate(PeakCode.reads(cpuClass, NEAR), buffer),
          rate(PeakCode.reads(cpuClass, MIDDLE), buffer),
          rate(PeakCode.reads(cpuClass, MEMORY), buffer));
    }
  }

  /**
   * The larger figures of two measurements: others who use the machine only ever make it slower.
   */
  public Peak max(Peak other) {
    return new Peak(
        Math.max(bytes, other.bytes),
        Math.max(bits, other.bits),
        Math.max(near, other.near),
        Math.max(middle, other.middle),
        Math.max(memory, other.memory));
  }

  /** Units in a nanosecond, the most of several tries. */
  private static double rate(PeakCode.Loop loop, long buffer) {
    ExecutableCode code =
        switch (ExecutableCode.load(Encoder.encode(loop.program()).bytes())) {
          case CodeLoading.Loaded loaded -> loaded.code();
          case CodeLoading.Refused refused -> throw SysmolException.failed(refused.reason());
        };
    try (code) {
      long rounds = 1;
      long time = time(code, rounds, buffer);
      while (time < LEAST_NS) {
        rounds *= 2;
        time = time(code, rounds, buffer);
      }
      for (int i = 0; i < REPEATS; i++) {
        time = Math.min(time, time(code, rounds, buffer));
      }
      return (double) rounds * loop.unitsPerRound() / time;
    }
  }

  private static long time(ExecutableCode code, long rounds, long buffer) {
    long before = System.nanoTime();
    long ignored = code.call(rounds, buffer);
    return System.nanoTime() - before;
  }

  /**
   * The least time that a layer's multiply-accumulates can take.
   *
   * @param macs all of them
   * @param bitMacs those that count bits
   * @return nanoseconds
   */
  public double nanoseconds(long macs, long bitMacs) {
    return (macs - bitMacs) / bytes + (bitMacs > 0 ? bitMacs / bits : 0);
  }
}
