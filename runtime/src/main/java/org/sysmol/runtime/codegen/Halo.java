package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/** Code that fills a tensor's halo, whose memory other tensors may have used. */
final class Halo {
  private Halo() {}

  /** Fills the halo of {@code tensor}, by the leading thread only. Uses rax, rbx, rcx, vector 0. */
  static void fill(Emitter e, NativeTensor tensor, int index) {
    if (tensor.top() + tensor.left() + tensor.after() + tensor.columns() == tensor.width()) {
      return;
    }
    Label done = e.a.label("halo done");
    e.a.cmp(mem(RDI, Table.LEADER).ofQword(), 0);
    e.a.je(done);
    VectorRegister zero = e.target.vector(0);
    if (tensor.zero() == 0) {
      e.a.zero(zero);
    } else {
      e.a.load(zero, e.bytes(tensor.zero()));
    }
    if (tensor.byteChannels() > 0) {
      plane(e, tensor, index, tensor.at(-tensor.top(), -tensor.left()), tensor.pitch());
    }
    if (tensor.words() > 0) {
      plane(e, tensor, index, tensor.bitsAt(-tensor.top(), -tensor.left()), tensor.bitPitch());
    }
    e.a.bind(done);
  }

  private static void plane(Emitter e, NativeTensor tensor, int index, int start, int pitch) {
    int before = (tensor.top() * tensor.columns() + tensor.left()) * pitch;
    int between = (tensor.columns() - tensor.width()) * pitch;
    int behind = tensor.after() * pitch;
    e.fromTable(RAX, Table.tensor(index));
    if (start != 0) {
      e.a.add(RAX, start);
    }
    fill(e, RAX, before);
    e.a.add(RAX, before + tensor.width() * pitch);
    int row = tensor.columns() * pitch;
    if (between > 0 && tensor.height() > 1) {
      e.a.mov(RBX, tensor.height() - 1);
      Label loop = e.a.here("halo of a row");
      fill(e, RAX, between);
      e.a.add(RAX, row);
      e.a.dec(RBX);
      e.a.jne(loop);
    } else if (tensor.height() > 1) {
      e.a.add(RAX, (tensor.height() - 1) * row);
    }
    fill(e, RAX, behind);
  }

  /** Fills {@code bytes} from a register's address on; uses rcx. */
  private static void fill(Emitter e, GeneralRegister from, int bytes) {
    int vector = e.target.vectorBytes();
    int whole = bytes / vector;
    int at = 0;
    if (whole > 8) {
      e.a.lea(RCX, mem(from, whole * vector));
      Label loop = e.a.here("fill");
      e.a.sub(RCX, vector);
      e.a.store(mem(RCX), e.target.vector(0));
      e.a.cmp(RCX, from);
      e.a.jne(loop);
      at = whole * vector;
    }
    for (; bytes - at >= vector; at += vector) {
      e.a.store(mem(from, at), e.target.vector(0));
    }
    if (at < bytes && bytes >= vector) {
      e.a.store(mem(from, bytes - vector), e.target.vector(0));
      return;
    }
    VectorRegister sixteen = e.target.vector(0).as(128);
    for (; bytes - at >= 16; at += 16) {
      e.a.store(mem(from, at), sixteen);
    }
    for (; bytes - at >= 4; at += 4) {
      e.a.vmovd(mem(from, at).ofDword(), sixteen);
    }
    for (; bytes - at >= 2; at += 2) {
      e.a.vpextrw(mem(from, at).ofWord(), sixteen, 0);
    }
    if (bytes > at) {
      e.a.vpextrb(mem(from, at).ofByte(), sixteen, 0);
    }
  }
}
