package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * One-bit channels: one look-up serves two pixels, A in the low half of each byte and B in the high
 * one.
 *
 * <p>Three look-ups fit half a byte. Their sum {@code x = a + 16 b} goes to two sums that wrap:
 * {@code s = sum of x} by bytes, and {@code t = sum of x >> 4} shifted as 16-bit lanes, so that odd
 * bytes get {@code b} and even bytes {@code b + 16 a'} with the odd neighbour's {@code a'}. No mask
 * is needed on the way: as long as true sums are below 256, odd bytes of {@code t} are B; {@code s
 * - 16 B} modulo 256 is A; {@code t - 16 A'} gives the even bytes' B, and {@code s - 16 B} their A.
 */
final class OneBitSums extends LookupSums {
  private static final int WORDS = 4;

  OneBitSums(Emitter e, LookupPlan plan, int vectors) {
    super(e, plan, vectors, RBP, plan.oneBytes());
  }

  /** Most units of a tile: two sums and a group's own for each vector; a table, a temporary. */
  static int mostUnits(Target target, int vectors) {
    return (target.vectorRegisters() - 2 - vectors) / (3 * vectors);
  }

  /** Bytes of 16-bit sums of the largest tile. */
  static int wordBytes(Target target, int vectors) {
    return mostUnits(target, vectors) * vectors * WORDS * target.vectorBytes();
  }

  @Override
  int unitPixels() {
    return 2;
  }

  @Override
  int mostUnits() {
    return mostUnits(e.target, vectors);
  }

  @Override
  int groupSteps() {
    return 3;
  }

  @Override
  int stepBytes() {
    return vectors * e.target.vectorBytes();
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
    return e.table("one-bit tables", LookupTables::onesOfTwoPixels);
  }

  private VectorRegister sum(int u, int v, int which) {
    return e.target.vector((u * vectors + v) * 2 + which);
  }

  @Override
  void group(int units, int at, int steps) {
    int next = units * vectors * 2;
    VectorRegister table = e.target.vector(next++);
    VectorRegister product = e.target.vector(next++);
    VectorRegister[] weights = new VectorRegister[vectors];
    for (int v = 0; v < vectors; v++) {
      weights[v] = e.target.vector(next++);
    }
    VectorRegister[] x = new VectorRegister[units * vectors];
    for (int i = 0; i < x.length; i++) {
      x[i] = e.target.vector(next++);
    }
    for (int s = 0; s < steps; s++) {
      for (int v = 0; v < vectors; v++) {
        e.a.load(weights[v], mem(R13, (at + s) * stepBytes() + v * e.target.vectorBytes()));
      }
      for (int u = 0; u < units; u++) {
        table(table, 2 * u, at + s);
        for (int v = 0; v < vectors; v++) {
          VectorRegister group = x[u * vectors + v];
          if (s == 0) {
            e.a.vpshufb(group, table, weights[v]);
          } else {
            e.a.vpshufb(product, table, weights[v]);
            e.a.vpaddb(group, group, product);
          }
        }
      }
    }
    for (int u = 0; u < units; u++) {
      for (int v = 0; v < vectors; v++) {
        VectorRegister group = x[u * vectors + v];
        e.a.vpaddb(sum(u, v, 0), sum(u, v, 0), group);
        e.a.vpsrlw(group, group, 4);
        e.a.vpaddb(sum(u, v, 1), sum(u, v, 1), group);
      }
    }
  }

  @Override
  void drain(int u, int v, boolean first) {
    VectorRegister s = sum(u, v, 0);
    VectorRegister t = sum(u, v, 1);
    int free = e.target.vectorRegisters();
    VectorRegister a = e.target.vector(free - 1);
    VectorRegister b = e.target.vector(free - 2);
    e.a.vpsrlw(b, t, 8);
    e.a.vpsllw(a, b, 4);
    VectorRegister high = e.target.vector(free - 3);
    e.a.vpsrlw(high, s, 8);
    e.a.vpsubw(a, high, a);
    e.a.bitAnd(a, a, e.words(0xff));
    put(b, word(u, v, 3), first);
    e.a.vpsllw(b, a, 4);
    put(a, word(u, v, 1), first);
    e.a.vpsubw(b, t, b);
    e.a.bitAnd(b, b, e.words(0xff));
    e.a.vpsllw(a, b, 4);
    put(b, word(u, v, 2), first);
    e.a.vpsubw(a, s, a);
    e.a.bitAnd(a, a, e.words(0xff));
    put(a, word(u, v, 0), first);
  }

  @Override
  void finish(int u, int v, boolean first) {
    widen(u, v, 2 * u, 0, 6, first);
    widen(u, v, 2 * u + 1, 2, 6, first);
  }
}
