package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Two-bit channels: a weight is {@code 2 s1 + s0} with both ±1, so one table serves two look-ups,
 * by the weights' high and by their low bits.
 */
final class TwoBitSums extends LookupSums {
  private static final int WORDS = 2;

  TwoBitSums(Emitter e, LookupPlan plan, int vectors) {
    super(e, plan, vectors, R8, plan.twoBytes());
  }

  /** Most units of a tile: two sums and two weights for each vector; a table, a temporary. */
  static int mostUnits(Target target, int vectors) {
    return (target.vectorRegisters() - 2 - 2 * vectors) / (2 * vectors);
  }

  /** Bytes of 16-bit sums of the largest tile. */
  static int wordBytes(Target target, int vectors) {
    return mostUnits(target, vectors) * vectors * WORDS * target.vectorBytes();
  }

  @Override
  int unitPixels() {
    return 1;
  }

  @Override
  int mostUnits() {
    return mostUnits(e.target, vectors);
  }

  @Override
  int groupSteps() {
    return 1;
  }

  @Override
  int stepBytes() {
    return 2 * vectors * e.target.vectorBytes();
  }

  @Override
  int unitWords() {
    return WORDS;
  }

  @Override
  int unitSums() {
    return 2;
  }

  @Override
  Label tables() {
    return e.table("two-bit tables", LookupTables::twos);
  }

  private VectorRegister sum(int u, int v, int plane) {
    return e.target.vector((u * vectors + v) * 2 + plane);
  }

  @Override
  void group(int units, int at, int steps) {
    int next = units * vectors * 2;
    VectorRegister table = e.target.vector(next++);
    VectorRegister product = e.target.vector(next++);
    VectorRegister[] weights = new VectorRegister[2 * vectors];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = e.target.vector(next++);
      e.a.load(weights[i], mem(R13, at * stepBytes() + i * e.target.vectorBytes()));
    }
    for (int u = 0; u < units; u++) {
      table(table, u, at);
      for (int i = 0; i < weights.length; i++) {
        VectorRegister sum = sum(u, i / 2, i % 2);
        e.a.vpshufb(product, table, weights[i]);
        e.a.vpaddb(sum, sum, product);
      }
    }
  }

  @Override
  void drain(int u, int v, boolean first) {
    VectorRegister low = sum(u, v, 0);
    VectorRegister high = sum(u, v, 1);
    VectorRegister a = e.target.vector(e.target.vectorRegisters() - 1);
    VectorRegister b = e.target.vector(e.target.vectorRegisters() - 2);
    e.a.bitAnd(a, high, e.words(0xff));
    e.a.vpaddw(a, a, a);
    e.a.bitAnd(b, low, e.words(0xff));
    e.a.vpaddw(a, a, b);
    put(a, word(u, v, 0), first);
    e.a.vpsrlw(a, high, 8);
    e.a.vpaddw(a, a, a);
    e.a.vpsrlw(b, low, 8);
    e.a.vpaddw(a, a, b);
    put(a, word(u, v, 1), first);
  }

  @Override
  void finish(int u, int v, boolean first) {
    widen(u, v, u, 0, 4, first);
  }
}
