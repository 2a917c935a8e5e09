package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.Memory.mem;
import static org.sysmol.runtime.x86.VectorRegister.ymm;

import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The pass over a strip of input rows, halo and all, that turns codes of one and two bits into
 * offsets of tables and moves the others side by side.
 */
final class LookupInput {
  private static final VectorRegister X = ymm(0);
  private static final VectorRegister Y = ymm(1);
  private static final VectorRegister ONE_BIT = ymm(13);
  private static final VectorRegister TWO_BITS = ymm(14);
  private static final VectorRegister TABLE = ymm(15);

  private final Emitter e;
  private final LookupPlan plan;
  private final LookupSegments segments;

  LookupInput(Emitter e, LookupPlan plan) {
    this.e = e;
    this.plan = plan;
    segments = plan.segments;
  }

  /** The pass: r9 rows of outputs, whose input begins at rbp. */
  void emit() {
    e.a.imul(RCX, R9, plan.rowPixels());
    if (plan.firstRowPixels() != plan.rowPixels()) {
      e.a.add(RCX, plan.firstRowPixels() - plan.rowPixels());
    }
    e.a.mov(RAX, RBP);
    if (segments.oneSteps() > 0) {
      e.a.load(ONE_BIT, e.integers(0x08_04_02_01));
      e.a.lea(R11, e.scratch(plan.ones));
    }
    if (segments.twoSteps() > 0) {
      e.a.load(TWO_BITS, e.integers(0x40_10_04_01));
      e.a.lea(R13, e.scratch(plan.twos));
    }
    if (segments.byteChannels() > 0) {
      e.a.lea(R14, e.scratch(plan.bytes));
    }
    e.a.load(TABLE, e.words(LookupTables.BYTES));
    if (segments.oneSteps() == 0) {
      loop(false, false);
      return;
    }
    if (plan.window.outputWidth() == 1) {
      loop(true, false);
      return;
    }
    // The last pixels are nobody's first of two, unless the width is odd: then they are alone.
    int stride = plan.window.strideX();
    boolean odd = plan.window.outputWidth() % 2 != 0;
    e.a.sub(RCX, stride);
    loop(true, true);
    if (odd || segments.twoSteps() + segments.byteChannels() > 0) {
      for (int i = 0; i < stride; i++) {
        pixel(odd, false);
        if (i < stride - 1) {
          next(odd);
        }
      }
    }
  }

  private void loop(boolean ones, boolean second) {
    Label loop = e.a.here("input pixel");
    pixel(ones, second);
    next(ones);
    e.a.dec(RCX);
    e.a.jne(loop);
  }

  /** A pixel's channels: of one bit too or not, these alone or with those of the next pixel. */
  private void pixel(boolean ones, boolean second) {
    if (ones) {
      int next = second ? plan.window.strideX() * plan.in.pitch() : 0;
      offsets(segments.onesBegin(), segments.oneSteps(), R11, ONE_BIT, next);
    }
    if (segments.twoSteps() > 0) {
      offsets(segments.twosBegin(), segments.twoSteps(), R13, TWO_BITS, 0);
    }
    if (segments.byteChannels() > 0) {
      copy(0, segments.twosBegin(), 0);
      copy(segments.twosEnd(), segments.onesBegin(), segments.twosBegin());
    }
  }

  /** Moves all pointers on by a pixel. */
  private void next(boolean ones) {
    if (ones) {
      e.a.add(R11, plan.oneBytes());
    }
    if (segments.twoSteps() > 0) {
      e.a.add(R13, plan.twoBytes());
    }
    if (segments.byteChannels() > 0) {
      e.a.add(R14, segments.byteChannels());
    }
    e.a.add(RAX, plan.in.pitch());
  }

  /** Offsets of a pixel's steps; the last of several chunks overlaps the one before. */
  private void offsets(
      int channel, int steps, GeneralRegister to, VectorRegister digits, int second) {
    int width = steps >= 8 ? 8 : steps >= 4 ? 4 : 1;
    for (int s = 0; s < steps; s += width) {
      int at = Math.min(s, steps - width);
      combine(X, mem(RAX, channel + LookupSegments.STEP * at), width, digits);
      if (second != 0) {
        combine(Y, mem(RAX, channel + LookupSegments.STEP * at + second), width, digits);
        e.a.vpslld(Y, Y, 4);
        e.a.vpaddd(X, X, Y);
      }
      Memory place = mem(to, 2 * at);
      VectorRegister low = X.as(128);
      if (width == 8) {
        e.a.vextracti128(Y.as(128), X, 1);
        e.a.vpackusdw(low, low, Y.as(128));
        e.a.store(place, low);
      } else if (width == 4) {
        e.a.vpackusdw(low, low, low);
        e.a.vmovq(place, low);
      } else {
        e.a.vpextrw(place, low, 0);
      }
    }
  }

  /** In each 32-bit lane the codes of four channels side by side, times the size of a table. */
  private void combine(VectorRegister into, Memory codes, int width, VectorRegister digits) {
    int bits = width == 8 ? 256 : 128;
    if (width == 1) {
      e.a.vmovd(into.as(128), codes.ofDword());
    } else {
      e.a.load(into.as(bits), codes);
    }
    e.a.vpmaddubsw(into.as(bits), into.as(bits), digits.as(bits));
    e.a.vpmaddwd(into.as(bits), into.as(bits), TABLE.as(bits));
  }

  private void copy(int from, int end, int to) {
    int count = end - from;
    int width = count >= 32 ? 32 : count >= 16 ? 16 : 4;
    for (int i = 0; i < count; i += width) {
      int at = Math.min(i, count - width);
      Memory source = mem(RAX, from + at);
      Memory place = mem(R14, to + at);
      if (width == 4) {
        e.a.vmovd(X.as(128), source.ofDword());
        e.a.vmovd(place.ofDword(), X.as(128));
      } else {
        e.a.load(X.as(8 * width), source);
        e.a.store(place, X.as(8 * width));
      }
    }
  }
}
