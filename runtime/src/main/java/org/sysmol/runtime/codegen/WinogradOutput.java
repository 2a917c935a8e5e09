package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.jspecify.annotations.Nullable;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * From the six sums m of a group to its four outputs y, 8 times as large, outputs in lanes:
 *
 * <pre>
 *   8 y0 = m0 + (4 (m1 + m2) +    m3 + m4) / 3
 *   8 y1 =      (2 (m1 - m2) +    m3 - m4) * 2 / 3
 *   8 y2 =      (   m1 + m2  +    m3 + m4) * 4 / 3
 *   8 y3 = m5 + (   m1 - m2  + 2 (m3 - m4)) * 4 / 3
 * </pre>
 *
 * Divisions by 3 leave no remainder, so they are products with its inverse modulo 2^32. All is
 * modulo 2^32 but the result, which the bounds of the layer keep within 32 bits.
 */
final class WinogradOutput {
  /** Outputs are left shifted by so much. */
  static final int SHIFT = 3;

  /** 3 times this is 1 modulo 2^32. */
  private static final int THIRD = 0xaaaaaaab;

  private static final int TWO_THIRDS = THIRD << 1;
  private static final int FOUR_THIRDS = THIRD << 2;

  private final Emitter e;
  private final WinogradConvolution layer;
  private final WinogradPlan plan;
  private final @Nullable BitCounts counts;
  private final int vectors;
  private final boolean bits;
  private final Target target;

  /**
   * Code for a block.
   *
   * @param bits outputs are single bits
   */
  WinogradOutput(Emitter e, WinogradConvolution layer, int vectors, boolean bits) {
    this.e = e;
    this.layer = layer;
    this.vectors = vectors;
    this.bits = bits;
    plan = layer.plan();
    counts = layer.counts();
    target = e.target;
  }

  /** The outputs of the block whose weights and parameters are at rsi and rdx. */
  void emit() {
    e.a.lea(R9, e.scratch(plan.sums));
    e.a.mov(RBX, WinogradPlan.local(WinogradPlan.BLOCK_OUTPUT));
    if (layer.adds()) {
      e.a.mov(R12, WinogradPlan.local(WinogradPlan.BLOCK_SECOND));
    }
    if (counts != null) {
      counts.beginBlock(e);
    }
    e.a.mov(R10, WinogradPlan.local(WinogradPlan.STRIP_ROWS));
    Label row = e.a.here("row");
    int width = layer.window.outputWidth();
    int whole = width / WinogradPlan.OUTPUTS;
    if (whole > 1) {
      e.a.mov(R15, whole);
      Label loop = e.a.here("group");
      group(WinogradPlan.OUTPUTS);
      e.a.dec(R15);
      e.a.jne(loop);
    } else if (whole > 0) {
      group(WinogradPlan.OUTPUTS);
    }
    if (width % WinogradPlan.OUTPUTS > 0) {
      group(width % WinogradPlan.OUTPUTS);
    }
    NativeTensor out = layer.out;
    advance(RBX, (out.columns() - width) * outPitch());
    if (layer.adds()) {
      advance(R12, layer.second.rowPitch() - width * layer.second.pitch());
    }
    if (counts != null) {
      counts.endRow(e);
    }
    e.a.dec(R10);
    e.a.jne(row);
  }

  private int outPitch() {
    return bits ? layer.out.bitPitch() : layer.out.pitch();
  }

  private void advance(GeneralRegister register, int bytes) {
    if (bytes != 0) {
      e.a.add(register, bytes);
    }
  }

  private void group(int outputs) {
    if (counts != null) {
      e.a.mov(R13, RSI);
      counts.sums(e, outputs, vectors);
    }
    int free = counts == null ? 0 : outputs * vectors;
    for (int v = 0; v < vectors; v++) {
      VectorRegister[] y = inverse(free, outputs, v);
      for (int t = 0; t < outputs; t++) {
        if (counts != null) {
          e.a.vpaddd(y[t], y[t], target.vector(t * vectors + v));
        }
        layer.finish(e, y[t], target.vector(free), t, v, bits);
      }
    }
    e.a.add(R9, plan.sumPitch(vectors));
    e.a.add(RBX, outputs * outPitch());
    if (layer.adds()) {
      e.a.add(R12, outputs * layer.second.pitch());
    }
    if (counts != null) {
      counts.endTile(e, outputs);
    }
  }

  private Memory sum(int transform, int v) {
    return mem(R9, (transform * vectors + v) * target.vectorBytes());
  }

  /** Leaves the outputs in registers from {@code free + 4} on. */
  private VectorRegister[] inverse(int free, int outputs, int v) {
    VectorRegister innerDifference = target.vector(free);
    VectorRegister innerSum = target.vector(free + 1);
    VectorRegister outerDifference = target.vector(free + 2);
    VectorRegister outerSum = target.vector(free + 3);
    e.a.load(innerDifference, sum(1, v));
    e.a.vpaddd(innerSum, innerDifference, sum(2, v));
    e.a.load(outerDifference, sum(3, v));
    e.a.vpaddd(outerSum, outerDifference, sum(4, v));
    VectorRegister[] y = new VectorRegister[outputs];
    for (int t = 0; t < outputs; t++) {
      y[t] = target.vector(free + 4 + t);
    }
    e.a.vpslld(y[0], innerSum, 2);
    e.a.vpaddd(y[0], y[0], outerSum);
    e.a.vpmulld(y[0], y[0], e.integers(THIRD));
    e.a.vpaddd(y[0], y[0], sum(0, v));
    if (outputs > 1) {
      e.a.vpsubd(innerDifference, innerDifference, sum(2, v));
      e.a.vpsubd(outerDifference, outerDifference, sum(4, v));
      e.a.vpaddd(y[1], innerDifference, innerDifference);
      e.a.vpaddd(y[1], y[1], outerDifference);
      e.a.vpmulld(y[1], y[1], e.integers(TWO_THIRDS));
    }
    if (outputs > 2) {
      e.a.vpaddd(y[2], innerSum, outerSum);
      e.a.vpmulld(y[2], y[2], e.integers(FOUR_THIRDS));
    }
    if (outputs > 3) {
      e.a.vpaddd(y[3], outerDifference, outerDifference);
      e.a.vpaddd(y[3], y[3], innerDifference);
      e.a.vpmulld(y[3], y[3], e.integers(FOUR_THIRDS));
      e.a.vpaddd(y[3], y[3], sum(5, v));
    }
    return y;
  }
}
