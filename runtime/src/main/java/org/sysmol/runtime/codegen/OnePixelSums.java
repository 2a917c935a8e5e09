package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * One-bit channels where a row has one pixel, as in linear layers, whose weights are read once: two
 * steps share a byte of weights, the first in its low half, so that half as many bytes come from
 * memory.
 */
final class OnePixelSums extends LookupSums {
  private static final int WORDS = 2;

  private final VectorRegister mask;
  private final VectorRegister[] tables;
  private final VectorRegister low;
  private final VectorRegister high;

  OnePixelSums(Emitter e, LookupPlan plan, int vectors) {
    super(e, plan, vectors, RBP, plan.oneBytes());
    mask = e.target.vector(vectors);
    tables = new VectorRegister[] {e.target.vector(vectors + 1), e.target.vector(vectors + 2)};
    low = e.target.vector(vectors + 3);
    high = e.target.vector(vectors + 4);
  }

  @Override
  int unitPixels() {
    return 1;
  }

  @Override
  int mostUnits() {
    return 1;
  }

  @Override
  int groupSteps() {
    return 2;
  }

  /** Half of a byte for each output: groups begin at even steps. */
  @Override
  int stepBytes() {
    return vectors * e.target.vectorBytes() / 2;
  }

  @Override
  int unitWords() {
    return WORDS;
  }

  @Override
  int unitSums() {
    return 1;
  }

  @Override
  Label tables() {
    return e.table("one-pixel tables", LookupTables::ones);
  }

  @Override
  void begin() {
    e.a.load(mask, e.words(0x0f0f));
  }

  @Override
  void group(int units, int at, int steps) {
    for (int s = 0; s < steps; s++) {
      table(tables[s], 0, at + s);
    }
    for (int v = 0; v < vectors; v++) {
      VectorRegister sum = e.target.vector(v);
      e.a.load(high, mem(R13, at * stepBytes() + v * e.target.vectorBytes()));
      e.a.bitAnd(low, high, mask);
      e.a.vpshufb(low, tables[0], low);
      e.a.vpaddb(sum, sum, low);
      if (steps > 1) {
        e.a.vpsrlw(high, high, 4);
        e.a.bitAnd(high, high, mask);
        e.a.vpshufb(high, tables[1], high);
        e.a.vpaddb(sum, sum, high);
      }
    }
  }

  @Override
  void drain(int u, int v, boolean first) {
    VectorRegister sum = e.target.vector(v);
    e.a.bitAnd(low, sum, e.words(0xff));
    put(low, word(u, v, 0), first);
    e.a.vpsrlw(high, sum, 8);
    put(high, word(u, v, 1), first);
  }

  @Override
  void finish(int u, int v, boolean first) {
    widen(u, v, u, 0, 6, first);
  }
}
