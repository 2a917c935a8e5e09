package org.sysmol.runtime.cost;

import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.TileRegister.tmm;

import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.Feature;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Program;
import org.sysmol.runtime.x86.TileConfiguration;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Loops that do nothing but what a class of processors does fastest, from registers: the peak that
 * no kernel of its kind passes. Each is a function of the number of rounds.
 */
final class PeakCode {
  /** Independent sums: more than the longest latency times the units of any processor so far. */
  private static final int SUMS = 12;

  /** Products of a pair are kept in as many registers as a narrow machine has left. */
  private static final int PRODUCTS = 2;

  private PeakCode() {}

  /**
   * A loop and what a round of it does.
   *
   * @param program function of the number of rounds, and of the buffer where it reads one
   * @param unitsPerRound multiply-accumulates, or bytes read
   */
  record Loop(Program program, long unitsPerRound) {}

  private static boolean wide(CpuClass cpuClass) {
    return cpuClass.features().contains(Feature.AVX512F);
  }

  private static VectorRegister vector(CpuClass cpuClass, int index) {
    return wide(cpuClass) ? VectorRegister.zmm(index) : VectorRegister.ymm(index);
  }

  private static int lanes(CpuClass cpuClass) {
    return wide(cpuClass) ? 16 : 8;
  }

  /** Products of bytes: {@code tdpbusd}, {@code vpdpbusd}, or {@code vpmaddubsw} and a sum. */
  static Loop bytes(CpuClass cpuClass) {
    var features = cpuClass.features();
    if (features.contains(Feature.AMX_INT8)) {
      return tiles(cpuClass);
    }
    Assembler a = new Assembler(features);
    zeros(a, cpuClass, SUMS + 1 + PRODUCTS + 1);
    VectorRegister factor = vector(cpuClass, SUMS);
    boolean dot = features.contains(Feature.AVX_VNNI) || features.contains(Feature.AVX512_VNNI);
    Label round = a.here("round");
    for (int i = 0; i < SUMS; i++) {
      VectorRegister sum = vector(cpuClass, i);
      if (dot) {
        a.vpdpbusd(sum, factor, factor);
      } else {
        VectorRegister product = vector(cpuClass, SUMS + 1 + i % PRODUCTS);
        a.vpmaddubsw(product, factor, factor);
        a.vpaddw(sum, sum, product);
      }
    }
    return new Loop(finish(a, round), (long) SUMS * 4 * lanes(cpuClass));
  }

  private static Loop tiles(CpuClass cpuClass) {
    Assembler a = new Assembler(cpuClass.features());
    a.ldtilecfg(mem(a.constant("tiles", TileConfiguration.full().bytes())));
    for (int i = 0; i < 8; i++) {
      a.tilezero(tmm(i));
    }
    Label round = a.here("round");
    for (int i = 0; i < 4; i++) {
      a.tdpbusd(tmm(i), tmm(4 + i / 2), tmm(6 + i % 2));
    }
    a.dec(RDI);
    a.jne(round);
    a.tilerelease();
    a.vzeroupper();
    a.ret();
    return new Loop(a.finish(), 4L * 16 * 16 * 64);
  }

  /** Products of single bits: {@code vpxord}, {@code vpopcntd}, {@code vpaddd}. */
  static Loop bits(CpuClass cpuClass) {
    Assembler a = new Assembler(cpuClass.features());
    int sums = 8;
    zeros(a, cpuClass, 2 * sums + 1);
    Label round = a.here("round");
    for (int i = 0; i < sums; i++) {
      VectorRegister different = vector(cpuClass, sums + i);
      a.vpxord(different, vector(cpuClass, 2 * sums), vector(cpuClass, 2 * sums));
      a.vpopcntd(different, different);
      a.vpaddd(vector(cpuClass, i), vector(cpuClass, i), different);
    }
    return new Loop(finish(a, round), (long) sums * 32 * lanes(cpuClass));
  }

  /**
   * Reads a buffer from end to end.
   *
   * @param bytes size of the buffer, a multiple of 512
   */
  static Loop reads(CpuClass cpuClass, int bytes) {
    Assembler a = new Assembler(cpuClass.features());
    int size = 4 * lanes(cpuClass);
    Label round = a.here("round");
    a.mov(RAX, RSI);
    a.mov(RCX, bytes / (8 * size));
    Label line = a.here("line");
    for (int i = 0; i < 8; i++) {
      a.load(vector(cpuClass, i), mem(RAX, i * size));
    }
    a.add(RAX, 8 * size);
    a.dec(RCX);
    a.jne(line);
    return new Loop(finish(a, round), bytes);
  }

  private static void zeros(Assembler a, CpuClass cpuClass, int count) {
    for (int i = 0; i < count; i++) {
      a.zero(vector(cpuClass, i));
    }
  }

  private static Program finish(Assembler a, Label round) {
    a.dec(RDI);
    a.jne(round);
    a.vzeroupper();
    a.ret();
    return a.finish();
  }
}
