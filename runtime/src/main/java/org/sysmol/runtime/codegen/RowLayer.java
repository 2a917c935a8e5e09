package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;

/**
 * The loops of steps that treat each pixel of their output by itself: rows (r10), pixels (r15). rax
 * is the input's place, rbx the output's.
 */
abstract class RowLayer extends LayerCode {
  final Step step;
  final Target target;
  final NativeTensor out;

  RowLayer(NetworkLayout layout, Step step, int index, Target target) {
    super(index);
    this.step = step;
    this.target = target;
    out = layout.tensor(step.output());
  }

  /** The table's entry with the address of the input's buffer; negative if pixels find theirs. */
  int inputEntry() {
    return Table.tensor(step.input());
  }

  /** Bytes from the input's start to that of output row {@code y}. */
  abstract int inputAt(int y);

  /** Bytes from the start of a second buffer or table to that of output row {@code y}. */
  int secondAt(int y) {
    return 0;
  }

  /** Sets the layer's own registers. */
  abstract void begin(Emitter e);

  /** Before the first pixel of a row. */
  void beginRow(Emitter e) {}

  /** One pixel; leaves rbx at the next pixel, and rax where {@link #endRow} expects it. */
  abstract void pixel(Emitter e);

  /** Moves all registers but rbx from the end of a row to the start of the next. */
  abstract void endRow(Emitter e);

  @Override
  final Part part(int part, int parts) {
    Part.Share rows = Part.Share.of(out.height(), part, parts);
    return new Part(
        1,
        0,
        rows.size(),
        inputAt(rows.begin()),
        out.at(rows.begin(), 0),
        secondAt(rows.begin()),
        0,
        0,
        0,
        out.words() > 0 ? out.bitsAt(rows.begin(), 0) : 0);
  }

  @Override
  final boolean byRows(int parts) {
    return true;
  }

  static void pointer(Emitter e, GeneralRegister register, int buffer, int offset) {
    e.fromTable(register, buffer);
    e.a.add(register, mem(RDI, offset));
  }

  final int entry(Emitter e, Part.Entry entry) {
    return e.table.part(index, entry);
  }

  @Override
  final void emit(Emitter e) {
    Halo.fill(e, out, step.output());
    if (inputEntry() >= 0) {
      pointer(e, RAX, inputEntry(), entry(e, Part.Entry.INPUT));
    }
    pointer(e, RBX, Table.tensor(step.output()), entry(e, Part.Entry.OUTPUT));
    begin(e);
    Label done = e.a.label("no row");
    e.fromTable(R10, entry(e, Part.Entry.ROWS));
    e.a.test(R10, R10);
    e.a.je(done);
    Label row = e.a.here("row");
    beginRow(e);
    e.a.mov(R15, pixelsOfARow());
    Label pixel = e.a.here("pixel");
    pixel(e);
    e.a.dec(R15);
    e.a.jne(pixel);
    finishRow(e);
    endRow(e);
    advance(e, RBX, (out.columns() - out.width()) * out.pitch());
    e.a.dec(R10);
    e.a.jne(row);
    e.a.bind(done);
  }

  /** How often the body runs for a row. */
  int pixelsOfARow() {
    return out.width();
  }

  /** What is left of a row after its last pixel. */
  void finishRow(Emitter e) {}

  static void advance(Emitter e, GeneralRegister register, int bytes) {
    if (bytes != 0) {
      e.a.add(register, bytes);
    }
  }
}
