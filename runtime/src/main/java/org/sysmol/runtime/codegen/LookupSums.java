package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The sums of one segment by tables, for a chunk of a row: lanes of a byte are outputs, four
 * channels of a unit of pixels choose a table, and the weights' bits are the index. Bytes hold at
 * most {@link #DRAIN} groups of steps; then they are added to 16-bit lanes in memory.
 *
 * <p>Byte {@code i} of a vector is output {@code i % 4 * lanes + i / 4}, so that 32-bit lanes come
 * out in order without a permutation.
 */
abstract class LookupSums {
  private static final int DRAIN = 255 / LookupTables.LARGEST;
  private static final int UNROLL = 2;

  final Emitter e;
  final LookupPlan plan;

  /** Vectors of bytes. */
  final int vectors;

  private final GeneralRegister input;

  /** Input bytes of a pixel. */
  final int pixelBytes;

  private int pending;
  private boolean drained;

  LookupSums(Emitter e, LookupPlan plan, int vectors, GeneralRegister input, int pixelBytes) {
    this.e = e;
    this.plan = plan;
    this.vectors = vectors;
    this.input = input;
    this.pixelBytes = pixelBytes;
  }

  /** Pixels of a unit. */
  abstract int unitPixels();

  /** Most units of a tile. */
  abstract int mostUnits();

  /** Steps of four channels that a group adds up before it goes to the sums. */
  abstract int groupSteps();

  /** Bytes of weights of a step. */
  abstract int stepBytes();

  /** Vectors of 16-bit sums of a unit. */
  abstract int unitWords();

  /** Vectors of 8-bit sums of a unit. */
  abstract int unitSums();

  /** Address of the constant tables. */
  abstract Label tables();

  /** Loads what all groups of a tile share. */
  void begin() {}

  /** Adds {@code steps} steps, whose input and weights are {@code at} steps behind r11 and r13. */
  abstract void group(int units, int at, int steps);

  /** Moves the 8-bit sums of unit {@code u}, vector {@code v} to the 16-bit ones. */
  abstract void drain(int u, int v, boolean first);

  /** Adds the 16-bit sums to the 32-bit ones at r9, or begins them. */
  abstract void finish(int u, int v, boolean first);

  /**
   * The sums of a chunk, whose input the register points to; it is moved to the next chunk.
   *
   * @param weights bytes from rsi to the segment's weights
   * @param first true if nothing else was added to the chunk's sums
   */
  final void chunk(int pixels, int weights, boolean first) {
    int units = Math.ceilDiv(pixels, unitPixels());
    int count = Math.ceilDiv(units, mostUnits());
    int large = Math.ceilDiv(units, count);
    int small = units / count;
    int largeCount = units - small * count;
    e.a.lea(R9, e.scratch(plan.sums));
    e.a.lea(R10, mem(tables()));
    tiles(large, largeCount, weights, first, largeCount < count);
    tiles(small, count - largeCount, weights, first, false);
    int pixel = plan.window.strideX() * pixelBytes;
    if (units * unitPixels() != pixels) {
      e.a.sub(input, (units * unitPixels() - pixels) * pixel);
    }
  }

  private void tiles(int units, int count, int weights, boolean first, boolean more) {
    if (count == 0) {
      return;
    }
    Label loop = null;
    if (count > 1) {
      e.a.mov(R15, count);
      loop = e.a.here("tile");
    }
    tile(units, weights, first);
    if (more || loop != null) {
      e.a.add(R9, units * unitPixels() * plan.sumPitch);
    }
    e.a.add(input, units * unitPixels() * plan.window.strideX() * pixelBytes);
    if (loop != null) {
      e.a.dec(R15);
      e.a.jne(loop);
    }
  }

  private void tile(int units, int weights, boolean first) {
    pending = 0;
    drained = false;
    zero(units);
    begin();
    e.a.lea(R13, mem(RSI, weights));
    int chunkSteps = DRAIN * groupSteps();
    int rest = plan.runs().size() * plan.runCells() * pixelBytes / 2;
    for (int run : plan.runs()) {
      e.a.lea(R11, mem(input, run * pixelBytes));
      int left = plan.runCells() * pixelBytes / 2;
      while (left > 0) {
        int whole = left / chunkSteps;
        int now = Math.min(left, (DRAIN - pending) * groupSteps());
        if (drained && pending == 0 && whole > 1) {
          now = whole * chunkSteps;
          fullSums(units, whole, chunkSteps);
        } else {
          steps(units, now, left > now, rest > now);
          pending += Math.ceilDiv(now, groupSteps());
        }
        left -= now;
        rest -= now;
        if (pending == DRAIN && rest > 0) {
          drain(units);
          zero(units);
        }
      }
    }
    if (pending > 0) {
      drain(units);
    }
    for (int u = 0; u < units; u++) {
      for (int v = 0; v < vectors; v++) {
        finish(u, v, first);
      }
    }
  }

  /** Several times as many steps as bytes can hold. */
  private void fullSums(int units, int times, int steps) {
    e.a.mov(RCX, times);
    e.a.mov(mem(RSP, LookupPlan.GROUP).ofQword(), RCX);
    Label loop = e.a.here("steps until sums are full");
    steps(units, steps, true, true);
    drain(units);
    zero(units);
    e.a.dec(mem(RSP, LookupPlan.GROUP).ofQword());
    e.a.jne(loop);
  }

  private void zero(int units) {
    for (int i = 0; i < units * vectors * unitSums(); i++) {
      e.a.zero(e.target.vector(i));
    }
  }

  private void drain(int units) {
    for (int u = 0; u < units; u++) {
      for (int v = 0; v < vectors; v++) {
        drain(u, v, !drained);
      }
    }
    drained = true;
    pending = 0;
  }

  private void steps(int units, int count, boolean inputGoesOn, boolean weightsGoOn) {
    int group = groupSteps();
    int rounds = count / (UNROLL * group);
    if (rounds < 2) {
      rounds = 0;
    } else {
      e.a.mov(R14, rounds);
      Label loop = e.a.here("steps");
      for (int i = 0; i < UNROLL; i++) {
        group(units, i * group, group);
      }
      e.a.add(R11, 2 * UNROLL * group);
      e.a.add(R13, UNROLL * group * stepBytes());
      e.a.dec(R14);
      e.a.jne(loop);
    }
    int rest = count - rounds * UNROLL * group;
    for (int at = 0; at < rest; at += group) {
      group(units, at, Math.min(group, rest - at));
    }
    if (rest > 0 && inputGoesOn) {
      e.a.add(R11, 2 * rest);
    }
    if (rest > 0 && weightsGoOn) {
      e.a.add(R13, rest * stepBytes());
    }
  }

  /** The table that the codes of pixel {@code pixel} of the tile choose, in each 128 bits. */
  final void table(VectorRegister into, int pixel, int step) {
    int at = pixel * plan.window.strideX() * pixelBytes + 2 * step;
    e.a.movzx(RCX.dword(), mem(R11, at).ofWord());
    Memory table = mem(R10, RCX, 1, 0);
    if (e.target.wide()) {
      e.a.vbroadcasti32x4(into, table);
    } else {
      e.a.vbroadcasti128(into, table);
    }
  }

  /** Vector {@code i} of the 16-bit sums of unit {@code u} and vector {@code v}. */
  final Memory word(int u, int v, int i) {
    int index = (u * vectors + v) * unitWords() + i;
    return e.scratch(plan.words + index * e.target.vectorBytes());
  }

  /** Adds what is in memory unless it is the first time, and stores. */
  final void put(VectorRegister words, Memory to, boolean first) {
    if (!first) {
      e.a.vpaddw(words, words, to);
    }
    e.a.store(to, words);
  }

  /**
   * 16-bit lanes of even and of odd bytes to 32-bit lanes, shifted.
   *
   * @param pixel of the tile
   * @param even index of the vector of 16-bit sums of even bytes; odd bytes' follow
   */
  final void widen(int u, int v, int pixel, int even, int shift, boolean first) {
    VectorRegister x = e.target.vector(0);
    for (int q = 0; q < 4; q++) {
      e.a.load(x, word(u, v, even + q % 2));
      if (q < 2) {
        e.a.vpslld(x, x, 16);
        e.a.vpsrld(x, x, 16 - shift);
      } else {
        e.a.vpsrld(x, x, 16);
        e.a.vpslld(x, x, shift);
      }
      Memory sum = mem(R9, pixel * plan.sumPitch + (4 * v + q) * e.target.vectorBytes());
      if (!first) {
        e.a.vpaddd(x, x, sum);
      }
      e.a.store(sum, x);
    }
  }
}
