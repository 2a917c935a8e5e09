package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.util.Arrays;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * The pass over a strip of input rows that brings codes of all precisions to the scale of four bits
 * and transforms six neighbouring cells d at a time, channels in lanes:
 *
 * <pre>
 *    4 d0        - 5 d2         + d4
 *         - 4 d1 - 4 d2  +   d3 + d4
 *           4 d1 - 4 d2  -   d3 + d4
 *         - 2 d1 -   d2  + 2 d3 + d4
 *           2 d1 -   d2  - 2 d3 + d4
 *           4 d1         - 5 d3       + d5
 * </pre>
 *
 * each plus {@link #OFFSET}. With d in 0..15 all are between -120 and 75, so they are bytes without
 * a sign.
 */
final class WinogradInput {
  /** What is added to a transformed cell. */
  static final int OFFSET = 128;

  private final Emitter e;
  private final WinogradPlan plan;
  private final Window window;
  private final NativeTensor in;
  private final byte[] precision;
  private final VectorRegister[] d = new VectorRegister[WinogradPlan.CELLS];

  WinogradInput(Emitter e, WinogradPlan plan, Window window, NativeTensor in, byte[] precision) {
    this.e = e;
    this.plan = plan;
    this.window = window;
    this.in = in;
    this.precision = precision;
  }

  /** The pass over r10 rows of the input at rax. */
  void emit() {
    int whole = plan.groups - 1;
    int cells = window.outputWidth() + window.kernelWidth() - 1 - whole * WinogradPlan.OUTPUTS;
    e.a.lea(R11, e.scratch(0));
    Label row = e.a.here("transformed row");
    Label loop = null;
    if (whole > 1) {
      e.a.mov(R15, whole);
      loop = e.a.here("transformed group");
    }
    if (whole > 0) {
      group(WinogradPlan.CELLS);
      e.a.add(RAX, WinogradPlan.OUTPUTS * in.pitch());
      e.a.add(R11, plan.groupBytes);
    }
    if (loop != null) {
      e.a.dec(R15);
      e.a.jne(loop);
    }
    group(cells);
    e.a.add(RAX, in.rowPitch() - whole * WinogradPlan.OUTPUTS * in.pitch());
    e.a.add(R11, plan.groupBytes);
    e.a.dec(R10);
    e.a.jne(row);
  }

  /** One group, of which so many cells lie in the row; others count as 0. */
  private void group(int cells) {
    int at = 0;
    for (int width = e.target.vectorBytes(); at < in.pitch(); width /= 2) {
      for (; in.pitch() - at >= width; at += width) {
        channels(cells, at, width);
      }
    }
  }

  private VectorRegister register(int index, int width) {
    return e.target.vector(index).as(Math.max(128, 8 * width));
  }

  private void channels(int cells, int at, int width) {
    for (int i = 0; i < d.length; i++) {
      d[i] = register(i, width);
      if (i < cells) {
        load(d[i], mem(RAX, i * in.pitch() + at), width);
        align(d[i], at, width);
      } else {
        e.a.zero(d[i]);
      }
    }
    VectorRegister even = register(6, width);
    VectorRegister odd = register(7, width);
    VectorRegister x = register(8, width);
    Memory offset = e.bytes(OFFSET);
    e.a.vpaddb(d[4], d[4], offset);
    e.a.vpslld(even, d[2], 2);
    e.a.vpsubb(even, d[4], even);
    e.a.vpslld(odd, d[1], 2);
    e.a.vpsubb(odd, d[3], odd);
    e.a.vpaddb(x, even, odd);
    store(1, at, x, width);
    e.a.vpsubb(x, even, odd);
    store(2, at, x, width);
    e.a.vpslld(d[0], d[0], 2);
    e.a.vpaddb(d[0], d[0], even);
    e.a.vpsubb(d[0], d[0], d[2]);
    store(0, at, d[0], width);
    e.a.vpsubb(even, d[4], d[2]);
    e.a.vpsubb(odd, d[3], d[1]);
    e.a.vpaddb(odd, odd, odd);
    e.a.vpaddb(x, even, odd);
    store(3, at, x, width);
    e.a.vpsubb(x, even, odd);
    store(4, at, x, width);
    e.a.vpaddb(d[5], d[5], offset);
    e.a.vpsubb(d[5], d[5], d[3]);
    e.a.vpaddb(odd, odd, odd);
    e.a.vpsubb(d[5], d[5], odd);
    store(5, at, d[5], width);
  }

  private void load(VectorRegister to, Memory from, int width) {
    if (width < 16) {
      e.a.vmovq(to, from);
    } else {
      e.a.load(to, from);
    }
  }

  private void store(int transform, int at, VectorRegister from, int width) {
    Memory to = mem(R11, transform * plan.transformPitch + at);
    if (width < 16) {
      e.a.vmovq(to, from);
    } else {
      e.a.store(to, from);
    }
  }

  private int shift(int channel) {
    // Bytes behind the channels mean nothing.
    return channel < in.byteChannels() ? 4 - precision[channel] : -1;
  }

  /**
   * Codes to the scale of four bits. A shifted code never leaves its byte, and bits of bytes behind
   * the channels, which may be anything, only move further behind.
   */
  private void align(VectorRegister x, int at, int width) {
    boolean[] meets = new boolean[4];
    boolean inFours = true;
    int[] fours = new int[Math.max(1, width / 4)];
    for (int i = 0; i < width; i++) {
      int shift = shift(at + i);
      if (shift >= 0) {
        meets[shift] = true;
        int first = Math.max(0, shift(at + i / 4 * 4));
        inFours &= shift == first;
        fours[i / 4] = first;
      }
    }
    int kinds = 0;
    int last = 0;
    for (int shift = 0; shift < meets.length; shift++) {
      kinds += meets[shift] ? 1 : 0;
      last = meets[shift] ? shift : last;
    }
    if (kinds <= 1) {
      if (last > 0) {
        e.a.vpslld(x, x, last);
      }
      return;
    }
    if (inFours) {
      int[] padded = Arrays.copyOf(fours, e.target.lanes());
      e.a.vpsllvd(x, x, e.constants("shifts " + Arrays.toString(padded), padded));
      return;
    }
    VectorRegister all = register(9, width);
    VectorRegister some = register(10, width);
    boolean first = true;
    for (int shift = 0; shift < meets.length; shift++) {
      if (!meets[shift]) {
        continue;
      }
      VectorRegister to = first ? all : some;
      if (shift > 0) {
        e.a.vpslld(to, x, shift);
        e.a.bitAnd(to, to, mask(shift, at, width));
      } else {
        e.a.bitAnd(to, x, mask(shift, at, width));
      }
      if (!first) {
        e.a.bitOr(all, all, some);
      }
      first = false;
    }
    e.a.copy(x, all);
  }

  private Memory mask(int shift, int at, int width) {
    int[] mask = new int[e.target.lanes()];
    for (int i = 0; i < width; i++) {
      if (shift(at + i) == shift) {
        mask[i / 4] |= 0xff << (8 * (i % 4));
      }
    }
    return e.constants("mask " + Arrays.toString(mask), mask);
  }
}
