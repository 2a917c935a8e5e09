package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Quantises the image: planes of binary32 to pixels of bytes, four channels at a time in 32 bits,
 * or of words, two at a time. Whole vectors of pixels at first; what is left of a row, and pixels
 * of other sizes than three and four, go through the stack, so that nothing beyond them is written.
 */
final class ImageCode extends RowLayer {
  private final PackedTensor packed;
  private final Encoding.Eight encoding;

  ImageCode(
      PackedNetwork network,
      NetworkLayout layout,
      Step.QuantiseImage step,
      int index,
      Target target) {
    super(layout, step, index, target);
    packed = network.tensors().get(step.output());
    encoding = (Encoding.Eight) packed.encoding();
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + " image";
  }

  @Override
  String reason() {
    return "binary32 planes to pixels of "
        + (out.codeBytes() == 2 ? "words" : "bytes")
        + ", pixels in lanes";
  }

  @Override
  int inputEntry() {
    return Table.IMAGE;
  }

  @Override
  int inputAt(int y) {
    return 4 * y * out.width();
  }

  @Override
  void begin(Emitter e) {}

  @Override
  int pixelsOfARow() {
    return Math.max(1, out.width() / target.lanes());
  }

  @Override
  void pixel(Emitter e) {
    pixels(e, Math.min(out.width(), target.lanes()));
  }

  @Override
  void finishRow(Emitter e) {
    if (out.width() > target.lanes() && out.width() % target.lanes() != 0) {
      pixels(e, out.width() % target.lanes());
    }
  }

  private void pixels(Emitter e, int count) {
    boolean whole = count == target.lanes();
    if (whole && out.pitch() == 4) {
      group(e, 0, target.vector(0));
      e.a.store(mem(RBX), target.vector(0));
    } else if (whole && out.pitch() == 6) {
      threeWords(e);
    } else if (whole && out.pitch() == 3) {
      threeBytes(e);
    } else {
      oneByOne(e, count);
    }
    e.a.add(RBX, count * out.pitch());
    e.a.add(RAX, 4 * count);
  }

  /** Channels of a group, whose codes make 32 bits. */
  private int perGroup() {
    return 4 / out.codeBytes();
  }

  private void oneByOne(Emitter e, int count) {
    for (int group = 0; group * perGroup() < out.channels(); group++) {
      group(e, group, target.vector(0));
      e.a.store(mem(RSP), target.vector(0));
      int bytes = Math.min(4, out.pitch() - 4 * group);
      for (int i = 0; i < count; i++) {
        Memory to = mem(RBX, i * out.pitch() + 4 * group);
        e.a.mov(RCX.dword(), mem(RSP, 4 * i));
        if (bytes == 4) {
          e.a.mov(to, RCX.dword());
          continue;
        }
        if (bytes >= 2) {
          e.a.mov(to.ofWord(), RCX.word());
        }
        if (bytes == 3) {
          e.a.shr(RCX.dword(), 16);
        }
        if (bytes != 2) {
          e.a.mov(to.plus(bytes - 1).ofByte(), RCX.lowByte());
        }
      }
    }
  }

  /** A vector of pixels of three bytes: the fourth byte of each is left out. */
  private void threeBytes(Emitter e) {
    VectorRegister all = target.vector(0);
    group(e, 0, all);
    if (target.wide()) {
      VectorRegister indexes = target.vector(1);
      e.a.load(indexes, mem(e.table("three bytes of four", ImageCode::threeOfFour)));
      e.a.vpermb(all, indexes, all);
      e.a.store(mem(RBX), all.as(256));
      e.a.vextracti32x4(mem(RBX, 32), all, 2);
      return;
    }
    int z = 0x80;
    e.a.vpshufb(
        all, all, e.shuffle("three of four", 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, z, z, z, z));
    e.a.store(mem(RBX), all.as(128));
    e.a.vextracti128(all.as(128), all, 1);
    twelve(e, mem(RBX, 12), all);
  }

  private static byte[] threeOfFour() {
    byte[] indexes = new byte[64];
    for (int i = 0; i < 48; i++) {
      indexes[i] = (byte) (i / 3 * 4 + i % 3);
    }
    return indexes;
  }

  /** Eight pixels of three words: what is stored beyond two of them the next two overwrite. */
  private void threeWords(Emitter e) {
    VectorRegister two = target.vector(0);
    VectorRegister low = target.vector(1);
    VectorRegister third = target.vector(2);
    group(e, 0, two);
    group(e, 1, third);
    e.a.vpunpckldq(low, two, third);
    e.a.vpunpckhdq(two, two, third);
    int z = 0x80;
    Memory six = e.shuffle("six of eight", 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, z, z, z, z);
    e.a.vpshufb(low, low, six);
    e.a.vpshufb(two, two, six);
    e.a.store(mem(RBX), low.as(128));
    e.a.store(mem(RBX, 12), two.as(128));
    e.a.vextracti128(mem(RBX, 24), low, 1);
    e.a.vextracti128(two.as(128), two, 1);
    twelve(e, mem(RBX, 36), two);
  }

  private static void twelve(Emitter e, Memory to, VectorRegister x) {
    e.a.vmovq(to, x.as(128));
    e.a.vpextrd(to.plus(8).ofDword(), x.as(128), 2);
  }

  /** The codes of a group of channels, for a vector of pixels; uses vector 1 and r11. */
  private void group(Emitter e, int group, VectorRegister all) {
    Assembler a = e.a;
    VectorRegister x = target.vector(1);
    int bits = 8 * out.codeBytes();
    int first = group * perGroup();
    int end = Math.min(first + perGroup(), out.channels());
    a.mov(R11, RAX);
    int plane = 0;
    for (int c = first; c < end; c++) {
      int next = packed.order()[c];
      long ahead = 4L * (next - plane) * out.height() * out.width();
      if (ahead != 0) {
        a.add(R11, Math.toIntExact(ahead));
      }
      plane = next;
      a.load(x, mem(R11));
      a.vmulps(x, x, e.floats(1f / encoding.step()));
      a.vmaxps(x, x, e.floats(encoding.signed() ? -127 : 0));
      a.vminps(x, x, e.floats(encoding.signed() ? 127 : 255));
      a.vcvtps2dq(x, x);
      if (out.zero() != 0) {
        a.vpaddd(x, x, e.integers(out.zero()));
      }
      if (c > first) {
        a.vpslld(x, x, bits * (c - first));
        a.bitOr(all, all, x);
      } else if (bits == 16 && c + 1 < end) {
        a.bitAnd(all, x, e.integers(0xffff));
      } else {
        a.copy(all, x);
      }
    }
  }

  @Override
  void endRow(Emitter e) {}
}
