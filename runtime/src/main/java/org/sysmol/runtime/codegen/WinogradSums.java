package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The six products of a strip's transformed input with the transformed weights of a block: outputs
 * in lanes, a tile of groups in registers. The weights of one transform stay in the nearest cache
 * while all groups meet them.
 */
final class WinogradSums {
  private static final int UNROLL = 4;

  /** Weights are asked for so many bytes ahead of their use: large layers' come from far away. */
  private static final int AHEAD = 8192;

  /** Bytes of a cache line. */
  private static final int LINE = 64;

  private final Emitter e;
  private final WinogradPlan plan;
  private final WinogradWeights weights;
  private final int vectors;
  private final int tile;
  private final Target target;

  WinogradSums(Emitter e, WinogradPlan plan, WinogradWeights weights, int vectors) {
    this.e = e;
    this.plan = plan;
    this.weights = weights;
    this.vectors = vectors;
    target = e.target;
    tile = plan.tile(vectors);
  }

  /** The sums of the block whose weights are at rsi. */
  void emit() {
    e.a.lea(RAX, mem(RSI, weights.bitBytes(vectors)));
    e.a.lea(RBP, e.scratch(0));
    e.a.lea(RBX, e.scratch(plan.sums));
    e.a.mov(RCX, WinogradPlan.CELLS);
    Label transform = e.a.here("transform");
    e.a.mov(R10, WinogradPlan.local(WinogradPlan.STRIP_GROUPS));
    e.a.mov(R8, RBP);
    e.a.mov(R9, RBX);
    Label loop = e.a.here("tile of groups");
    tile();
    e.a.add(R8, tile * plan.groupBytes);
    e.a.add(R9, tile * plan.sumPitch(vectors));
    e.a.sub(R10, tile);
    e.a.jg(loop);
    e.a.mov(RAX, R13);
    e.a.add(RBP, plan.transformPitch);
    e.a.add(RBX, vectors * target.vectorBytes());
    e.a.dec(RCX);
    e.a.jne(transform);
  }

  private VectorRegister sum(int t, int v) {
    return target.vector(t * vectors + v);
  }

  private void tile() {
    for (int v = 0; v < vectors; v++) {
      e.a.load(sum(0, v), mem(RAX, v * target.vectorBytes()));
      for (int t = 1; t < tile; t++) {
        e.a.copy(sum(t, v), sum(0, v));
      }
    }
    e.a.lea(R13, mem(RAX, vectors * target.vectorBytes()));
    e.a.mov(R11, R8);
    int rows = weights.kernelHeight();
    Label row = null;
    if (rows > 1) {
      e.a.mov(R15, rows);
      row = e.a.here("window row");
    }
    int steps = weights.steps();
    int rounds = steps > 2 * UNROLL ? steps / UNROLL : 0;
    int stepBytes = vectors * target.vectorBytes();
    if (rounds > 0) {
      e.a.mov(R14, rounds);
      Label round = e.a.here("steps");
      for (int s = 0; s < UNROLL; s++) {
        step(s);
      }
      e.a.add(R11, DotWeights.STEP * UNROLL);
      e.a.add(R13, UNROLL * stepBytes);
      e.a.dec(R14);
      e.a.jne(round);
    }
    int rest = steps - rounds * UNROLL;
    for (int s = 0; s < rest; s++) {
      step(s);
    }
    if (rest > 0) {
      e.a.add(R13, rest * stepBytes);
    }
    if (row != null) {
      e.a.add(R11, plan.groups * plan.groupBytes - rounds * UNROLL * DotWeights.STEP);
      e.a.dec(R15);
      e.a.jne(row);
    }
    for (int t = 0; t < tile; t++) {
      for (int v = 0; v < vectors; v++) {
        e.a.store(mem(R9, t * plan.sumPitch(vectors) + v * target.vectorBytes()), sum(t, v));
      }
    }
  }

  private void step(int s) {
    VectorRegister broadcast = target.vector(tile * vectors);
    for (int v = 0; v < vectors; v++) {
      Memory weight = mem(R13, (s * vectors + v) * target.vectorBytes());
      e.a.load(target.vector(tile * vectors + 1 + v), weight);
    }
    for (int at = 0; at < vectors * target.vectorBytes(); at += LINE) {
      e.a.prefetcht0(mem(R13, s * vectors * target.vectorBytes() + at + AHEAD));
    }
    for (int t = 0; t < tile; t++) {
      e.a.vpbroadcastd(broadcast, mem(R11, DotWeights.STEP * s + t * plan.groupBytes));
      for (int v = 0; v < vectors; v++) {
        e.a.vpdpbusd(sum(t, v), broadcast, target.vector(tile * vectors + 1 + v));
      }
    }
  }
}
