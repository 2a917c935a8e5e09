package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The sums of a segment as products of bytes, for a chunk of a row: two vectors of 32-bit outputs
 * after the other. Without a dot product, pairs of products are added up in 16 bits.
 */
final class ByteSums {
  /** Vectors of outputs in a group. */
  static final int VECTORS = 2;

  private static final int UNROLL = 4;

  private final Emitter e;
  private final LookupPlan plan;
  private final int pitch;
  private final int drainSteps;
  private int pending;
  private boolean begun;

  /**
   * Code for a segment.
   *
   * @param largestPair largest sum of two neighbouring products
   */
  ByteSums(Emitter e, LookupPlan plan, int largestPair) {
    this.e = e;
    this.plan = plan;
    pitch = plan.segments.byteChannels();
    drainSteps = e.target.dotProduct() ? Integer.MAX_VALUE : Short.MAX_VALUE / largestPair;
  }

  private int mostPixels() {
    return Math.min(12, (e.target.vectorRegisters() - 2 - VECTORS) / VECTORS);
  }

  private int stepBytes() {
    return VECTORS * e.target.vectorBytes();
  }

  private int runSteps() {
    return plan.runCells() * pitch / LookupSegments.STEP;
  }

  /**
   * Begins the sums of a chunk, whose input is at rax, which moves to the next chunk.
   *
   * @param groups of two vectors of outputs
   * @param weights bytes from rsi to the segment's weights
   */
  void chunk(int pixels, int groups, int weights) {
    int count = Math.ceilDiv(pixels, mostPixels());
    int large = Math.ceilDiv(pixels, count);
    int small = pixels / count;
    int largeCount = pixels - small * count;
    int bytes = pixels * plan.window.strideX() * pitch;
    Memory groupsLeft = mem(RSP, LookupPlan.GROUP).ofQword();
    e.a.lea(R9, e.scratch(plan.sums));
    e.a.lea(R10, mem(RSI, weights));
    Label loop = null;
    if (groups > 1) {
      e.a.mov(RCX, groups);
      e.a.mov(groupsLeft, RCX);
      loop = e.a.here("group of outputs");
    }
    boolean again = groups > 1;
    tiles(large, largeCount, again || largeCount < count);
    tiles(small, count - largeCount, again);
    if (loop != null) {
      e.a.sub(RAX, bytes);
      e.a.add(R9, stepBytes() - pixels * plan.sumPitch);
      e.a.add(R10, plan.runs().size() * runSteps() * stepBytes());
      e.a.dec(groupsLeft);
      e.a.jne(loop);
      e.a.add(RAX, bytes);
    }
  }

  private void tiles(int pixels, int count, boolean more) {
    if (count == 0) {
      return;
    }
    Label loop = null;
    if (count > 1) {
      e.a.mov(R15, count);
      loop = e.a.here("tile of bytes");
    }
    tile(pixels);
    if (more || loop != null) {
      e.a.add(R9, pixels * plan.sumPitch);
    }
    e.a.add(RAX, pixels * plan.window.strideX() * pitch);
    if (loop != null) {
      e.a.dec(R15);
      e.a.jne(loop);
    }
  }

  private VectorRegister sum(int t, int v) {
    return e.target.vector(t * VECTORS + v);
  }

  private void tile(int pixels) {
    begun = false;
    pending = 0;
    zero(pixels);
    e.a.mov(R13, R10);
    int rest = plan.runs().size() * runSteps();
    for (int run : plan.runs()) {
      e.a.lea(R11, mem(RAX, run * pitch));
      int left = runSteps();
      while (left > 0) {
        if (pending == drainSteps) {
          drain(pixels);
          zero(pixels);
        }
        int now = Math.min(left, drainSteps - pending);
        rest -= now;
        left -= now;
        steps(pixels, now, left > 0, rest > 0);
        pending += now;
      }
    }
    drain(pixels);
  }

  private void zero(int pixels) {
    for (int i = 0; i < pixels * VECTORS; i++) {
      e.a.zero(e.target.vector(i));
    }
  }

  private void drain(int pixels) {
    for (int t = 0; t < pixels; t++) {
      for (int v = 0; v < VECTORS; v++) {
        Memory to = mem(R9, t * plan.sumPitch + v * e.target.vectorBytes());
        VectorRegister sum = sum(t, v);
        if (!e.target.dotProduct()) {
          e.a.vpmaddwd(sum, sum, e.words(1));
        }
        if (begun) {
          e.a.vpaddd(sum, sum, to);
        }
        e.a.store(to, sum);
      }
    }
    begun = true;
    pending = 0;
  }

  private void steps(int pixels, int count, boolean inputGoesOn, boolean weightsGoOn) {
    int rounds = count > 2 * UNROLL ? count / UNROLL : 0;
    if (rounds > 0) {
      e.a.mov(R14, rounds);
      Label loop = e.a.here("steps of bytes");
      for (int s = 0; s < UNROLL; s++) {
        step(pixels, s);
      }
      e.a.add(R11, UNROLL * LookupSegments.STEP);
      e.a.add(R13, UNROLL * stepBytes());
      e.a.dec(R14);
      e.a.jne(loop);
    }
    int rest = count - rounds * UNROLL;
    for (int s = 0; s < rest; s++) {
      step(pixels, s);
    }
    if (rest > 0 && inputGoesOn) {
      e.a.add(R11, rest * LookupSegments.STEP);
    }
    if (rest > 0 && weightsGoOn) {
      e.a.add(R13, rest * stepBytes());
    }
  }

  private void step(int pixels, int s) {
    int next = pixels * VECTORS;
    VectorRegister codes = e.target.vector(next);
    VectorRegister product = e.target.vector(next + 1);
    for (int v = 0; v < VECTORS; v++) {
      e.a.load(
          e.target.vector(next + 2 + v), mem(R13, s * stepBytes() + v * e.target.vectorBytes()));
    }
    for (int t = 0; t < pixels; t++) {
      int at = t * plan.window.strideX() * pitch + s * LookupSegments.STEP;
      e.a.vpbroadcastd(codes, mem(R11, at));
      for (int v = 0; v < VECTORS; v++) {
        VectorRegister weights = e.target.vector(next + 2 + v);
        if (e.target.dotProduct()) {
          e.a.vpdpbusd(sum(t, v), codes, weights);
        } else {
          e.a.vpmaddubsw(product, codes, weights);
          e.a.vpaddw(sum(t, v), sum(t, v), product);
        }
      }
    }
  }
}
