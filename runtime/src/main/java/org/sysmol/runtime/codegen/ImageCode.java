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
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Quantises the image: planes of binary32 to pixels of bytes, four channels at a time in 32 bits.
 * Whole vectors of pixels at first; what is left of a row, and pixels of more than four bytes, go
 * through the stack, so that nothing beyond them is written.
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
    return "binary32 planes to pixels of bytes, pixels in lanes";
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
    for (int group = 0; group < Math.ceilDiv(out.channels(), 4); group++) {
      four(e, group);
      if (out.pitch() == 4 && count == target.lanes()) {
        e.a.store(mem(RBX), target.vector(0));
      } else {
        e.a.store(mem(RSP), target.vector(0));
        for (int i = 0; i < count; i++) {
          e.a.mov(RCX.dword(), mem(RSP, 4 * i));
          e.a.mov(mem(RBX, i * out.pitch() + 4 * group), RCX.dword());
        }
      }
    }
    e.a.add(RBX, count * out.pitch());
    e.a.add(RAX, 4 * count);
  }

  /** The bytes of up to four channels of a vector of pixels, in vector 0. */
  private void four(Emitter e, int group) {
    Assembler a = e.a;
    VectorRegister all = target.vector(0);
    VectorRegister x = target.vector(1);
    a.mov(R11, RAX);
    int plane = 0;
    for (int i = 0; i < 4 && 4 * group + i < out.channels(); i++) {
      int next = packed.order()[4 * group + i];
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
      if (i == 0) {
        a.copy(all, x);
      } else {
        a.vpslld(x, x, 8 * i);
        a.bitOr(all, all, x);
      }
    }
  }

  @Override
  void endRow(Emitter e) {}
}
