package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Largest stored byte of each window. Where the input's rows and columns lie is read from tables,
 * in which a cell outside the map is replaced by one of the same window inside.
 */
final class MaxPoolCode extends RowLayer {
  /** Vectors of channels whose maxima are in registers together. */
  private static final int MOST = 8;

  private final NativeTensor in;
  private final Window window;

  MaxPoolCode(NetworkLayout layout, Step.MaxPool step, int index, Target target) {
    super(layout, step, index, target);
    in = layout.tensor(step.input());
    window = step.window();
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + " maximum";
  }

  @Override
  String reason() {
    return "largest bytes by vpmaxub, channels in lanes";
  }

  @Override
  int inputAt(int y) {
    return in.at(0, 0);
  }

  @Override
  int secondAt(int y) {
    return 8 * y * window.kernelHeight();
  }

  @Override
  void begin(Emitter e) {
    pointer(e, R8, e.table.parameters(index), entry(e, Part.Entry.SECOND));
    e.fromTable(RDX, e.table.parameters(index));
    e.a.add(RDX, 8 * window.outputHeight() * window.kernelHeight());
  }

  @Override
  void beginRow(Emitter e) {
    e.a.mov(R9, RDX);
  }

  /** A piece of the channels that one register holds. */
  private record Piece(int offset, int bytes) {}

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    for (int bytes = target.vectorBytes(); bytes >= 8; bytes /= 2) {
      for (; out.pitch() - at >= bytes; at += bytes) {
        pieces.add(new Piece(at, bytes));
      }
    }
    return pieces;
  }

  @Override
  void pixel(Emitter e) {
    List<Piece> pieces = pieces();
    for (int from = 0; from < pieces.size(); from += MOST) {
      List<Piece> some = pieces.subList(from, Math.min(pieces.size(), from + MOST));
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        e.a.mov(R11, mem(R8, 8 * ky));
        e.a.add(R11, RAX);
        for (int kx = 0; kx < window.kernelWidth(); kx++) {
          e.a.mov(R13, mem(R9, 8 * kx));
          e.a.add(R13, R11);
          for (int i = 0; i < some.size(); i++) {
            cell(e, i, some.get(i), ky + kx == 0);
          }
        }
      }
      for (int i = 0; i < some.size(); i++) {
        store(e, target.vector(i), some.get(i));
      }
    }
    e.a.add(R9, 8 * window.kernelWidth());
    e.a.add(RBX, out.pitch());
  }

  private void cell(Emitter e, int register, Piece piece, boolean first) {
    VectorRegister max = target.vector(register).as(Math.max(128, 8 * piece.bytes()));
    if (piece.bytes() == 8) {
      VectorRegister loaded = first ? max : target.vector(MOST).as(128);
      e.a.vmovq(loaded, mem(R13, piece.offset()));
      if (!first) {
        e.a.vpmaxub(max, max, loaded);
      }
    } else if (first) {
      e.a.load(max, mem(R13, piece.offset()));
    } else {
      e.a.vpmaxub(max, max, mem(R13, piece.offset()));
    }
  }

  private static void store(Emitter e, VectorRegister max, Piece piece) {
    if (piece.bytes() == 8) {
      e.a.vmovq(mem(RBX, piece.offset()), max.as(128));
    } else {
      e.a.store(mem(RBX, piece.offset()), max.as(8 * piece.bytes()));
    }
  }

  @Override
  void endRow(Emitter e) {
    e.a.add(R8, 8 * window.kernelHeight());
  }

  @Override
  LayerData data() {
    Window w = window;
    ByteBuffer to =
        ByteBuffer.allocate(
                8 * (w.outputHeight() * w.kernelHeight() + w.outputWidth() * w.kernelWidth()))
            .order(ByteOrder.LITTLE_ENDIAN);
    axis(
        to,
        w.outputHeight(),
        w.kernelHeight(),
        w.strideY(),
        w.dilationY(),
        w.padTop(),
        in.height(),
        in.rowPitch());
    axis(
        to,
        w.outputWidth(),
        w.kernelWidth(),
        w.strideX(),
        w.dilationX(),
        w.padLeft(),
        in.width(),
        in.pitch());
    return LayerData.of(to.array());
  }

  private void axis(
      ByteBuffer to,
      int outputs,
      int kernel,
      int stride,
      int dilation,
      int pad,
      int size,
      int pitch) {
    for (int o = 0; o < outputs; o++) {
      int inside = -1;
      for (int k = 0; k < kernel; k++) {
        int i = o * stride - pad + k * dilation;
        inside = i >= 0 && i < size ? i : inside;
      }
      if (inside < 0) {
        throw SysmolException.badInput(
            "Pool " + step.name() + " has a window that lies wholly in its padding.");
      }
      for (int k = 0; k < kernel; k++) {
        int i = o * stride - pad + k * dilation;
        to.putLong((long) (i >= 0 && i < size ? i : inside) * pitch);
      }
    }
  }
}
