package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/** Sums of windows, the halo being worth 0, times a factor for each output pixel. */
final class AveragePoolCode extends RowLayer {
  private static final int MOST_UNROLLED = 16;

  private final Step.AveragePool pool;
  private final NativeTensor in;
  private final Window window;
  private final Epilogue epilogue;

  AveragePoolCode(
      PackedNetwork network,
      NetworkLayout layout,
      Step.AveragePool step,
      int index,
      Target target) {
    super(layout, step, index, target);
    pool = step;
    in = layout.tensor(step.input());
    window = step.window();
    epilogue = new Epilogue(network.tensors().get(step.output()), out, Clamp.NONE, target);
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + " average";
  }

  @Override
  String reason() {
    return "sums in 32 bits, channels in lanes";
  }

  @Override
  int inputAt(int y) {
    return in.at(y * window.strideY() - window.padTop(), -window.padLeft());
  }

  @Override
  int secondAt(int y) {
    return 4 * y * window.outputWidth();
  }

  private int vectors() {
    return Math.ceilDiv(out.channels(), target.lanes());
  }

  private int vectorParameters() {
    return Epilogue.PARAMETERS * target.vectorBytes();
  }

  @Override
  void begin(Emitter e) {
    e.fromTable(R8, e.table.parameters(index));
    pointer(e, R9, e.table.parameters(index), entry(e, Part.Entry.SECOND));
    e.a.add(R9, vectors() * vectorParameters());
  }

  @Override
  void pixel(Emitter e) {
    VectorRegister sum = target.vector(0);
    VectorRegister scratch = target.vector(1);
    VectorRegister factor = target.vector(2);
    e.a.vbroadcastss(factor, mem(R9));
    e.a.add(R9, 4);
    e.a.mov(R13, R8);
    e.a.mov(R12, RAX);
    e.a.mov(R14, vectors());
    Label vector = e.a.here("vector");
    if (in.zero() == 0) {
      e.a.zero(sum);
    } else {
      e.a.load(sum, e.integers(-in.zero() * window.taps()));
    }
    taps(e, sum, scratch);
    e.a.vcvtdq2ps(sum, sum);
    e.a.vmulps(sum, sum, factor);
    epilogue.store(e, sum, scratch, mem(R13), mem(RBX));
    e.a.add(R12, target.lanes());
    e.a.add(RBX, target.lanes() * epilogue.resultBytes());
    e.a.add(R13, vectorParameters());
    e.a.dec(R14);
    e.a.jne(vector);
    e.a.add(RAX, window.strideX() * in.pitch());
  }

  private void taps(Emitter e, VectorRegister sum, VectorRegister scratch) {
    e.a.mov(R11, R12);
    e.a.mov(RCX, window.kernelHeight());
    Label row = e.a.here("row of cells");
    int cell = window.dilationX() * in.pitch();
    int kw = window.kernelWidth();
    int unrolled = Math.min(kw, MOST_UNROLLED);
    int rounds = kw / unrolled;
    Label cells = null;
    if (rounds > 1) {
      e.a.mov(RDX, rounds);
      cells = e.a.here("cells");
    }
    for (int kx = 0; kx < unrolled; kx++) {
      add(e, sum, scratch, kx * cell);
    }
    if (cells != null) {
      e.a.add(R11, unrolled * cell);
      e.a.dec(RDX);
      e.a.jne(cells);
    }
    int begun = cells == null ? unrolled : 0;
    for (int kx = 0; kx < kw - rounds * unrolled; kx++) {
      add(e, sum, scratch, (begun + kx) * cell);
    }
    int moved = cells == null ? 0 : rounds * unrolled * cell;
    e.a.add(R11, window.dilationY() * in.rowPitch() - moved);
    e.a.dec(RCX);
    e.a.jne(row);
  }

  private static void add(Emitter e, VectorRegister sum, VectorRegister scratch, int at) {
    e.a.vpmovzxbd(scratch, mem(R11, at));
    e.a.vpaddd(sum, sum, scratch);
  }

  @Override
  void endRow(Emitter e) {
    advance(
        e,
        RAX,
        window.strideY() * in.rowPitch() - window.outputWidth() * window.strideX() * in.pitch());
  }

  @Override
  LayerData data() {
    int[] values = epilogue.parameters(null, null);
    ByteBuffer to =
        ByteBuffer.allocate(4 * values.length + 4 * window.outputs())
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      to.putInt(value);
    }
    for (int y = 0; y < window.outputHeight(); y++) {
      for (int x = 0; x < window.outputWidth(); x++) {
        int cells = rows(y) * columns(x);
        to.putFloat(pool.factor()[cells - 1]);
      }
    }
    return LayerData.of(to.array());
  }

  private int rows(int y) {
    return cells(
        y * window.strideY() - window.padTop(),
        window.kernelHeight(),
        window.dilationY(),
        pool.countPadding() ? -window.padTop() : 0,
        in.height() + (pool.countPadding() ? pool.padBottom() : 0));
  }

  private int columns(int x) {
    return cells(
        x * window.strideX() - window.padLeft(),
        window.kernelWidth(),
        window.dilationX(),
        pool.countPadding() ? -window.padLeft() : 0,
        in.width() + (pool.countPadding() ? pool.padRight() : 0));
  }

  private static int cells(int first, int kernel, int dilation, int from, int to) {
    int cells = 0;
    for (int k = 0; k < kernel; k++) {
      int i = first + k * dilation;
      cells += i >= from && i < to ? 1 : 0;
    }
    return cells;
  }
}
