package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R11;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R13;
import static org.sysmol.runtime.x86.GeneralRegister.R14;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.MaskRegister;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Mnemonic;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Stored tables (docs/arithmetic.md §14), a vector of bytes at a time. A stored byte is the entry
 * that it wants, whether or not codes are signed.
 *
 * <p>With AVX-512 a table of 256 bytes is four registers: two {@code vpermi2b} look up halves, and
 * the topmost bit of a byte says which half is meant. Without, it is sixteen rows of 16 bytes: in
 * each round the saturating sum with 0x70 leaves bytes of that row below 0x80, which {@code
 * vpshufb} looks up, and gives 0 for others.
 *
 * <p>One table serves whole rows. Where channels differ in precision, and so in their table, a
 * pixel is cut into vectors; neighbours that want the same tables form a run, and masks choose
 * between the tables of a vector. Bytes behind the last channel of unsigned mixed codes stay 0, for
 * look-ups count them, and a function of 0 need not be 0: where there are any, masks leave them
 * out.
 */
final class TableCode extends RowLayer {
  /** More runs than these are made one, which looks up all tables. */
  private static final int MOST_RUNS = 8;

  /** Bytes of one of sixteen rows of a table. */
  private static final int ROW = 16;

  /** The bytes of a span that is shorter than a vector. */
  private static final MaskRegister SHORT = MaskRegister.k(3);

  private static final int FIRST_TABLE = 8;
  private static final int REGISTERS_OF_TABLE = 4;

  private final Step.Table lookup;
  private final NativeTensor in;
  private final int[] tableOf;
  private final int tables;

  /** True if there are bytes behind the last channel that must stay 0. */
  private final boolean gap;

  /** True if masks say which bytes a table is for; else one serves all bytes of a row. */
  private final boolean masked;

  /** Bytes that the body does: a row where one table serves all, else a pixel. */
  private final int span;

  /**
   * Vectors beside each other that want the same tables, and have bytes behind the last channel.
   */
  private record Run(int first, int count, int[] tables, boolean gap) {}

  TableCode(
      PackedNetwork network, NetworkLayout layout, Step.Table step, int index, Target target) {
    super(layout, step, index, target);
    lookup = step;
    in = layout.tensor(step.input());
    if (in.pitch() != out.pitch()) {
      throw new IllegalStateException("Table " + step.name() + " changes the layout.");
    }
    PackedTensor written = network.tensors().get(step.output());
    tableOf = Step.Table.byChannel(written);
    boolean counted = written.encoding() instanceof Encoding.Mixed mixed && !mixed.signed();
    gap = counted && tableOf.length < out.pitch();
    tables = step.codes().length;
    masked = tables > 1 || gap;
    span = masked ? out.pitch() : out.width() * out.pitch();
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + " table";
  }

  @Override
  String reason() {
    return target.wide()
        ? "a stored function looked up by vpermi2b, 64 codes at a time"
        : "a stored function looked up by sixteen vpshufb, 32 codes at a time";
  }

  @Override
  int inputAt(int y) {
    return in.at(y, 0);
  }

  @Override
  int pixelsOfARow() {
    return masked ? out.width() : 1;
  }

  private int maskBytes() {
    return target.wide() ? 8 : target.vectorBytes();
  }

  /** Where a vector begins; the last one ends where the span does. */
  private int start(int vector) {
    int bytes = target.vectorBytes();
    return Math.max(0, Math.min(vector * bytes, span - bytes));
  }

  private int vectors() {
    return Math.ceilDiv(span, target.vectorBytes());
  }

  /** Tables that the channels of a vector want. */
  private int[] wanted(int vector) {
    int from = start(vector);
    int to = Math.min(tableOf.length, from + target.vectorBytes());
    return Arrays.stream(tableOf, from, to).distinct().sorted().toArray();
  }

  /** True if there are bytes behind the last channel in a vector, and they count. */
  private boolean gap(int vector) {
    return gap && start(vector) + Math.min(span, target.vectorBytes()) > tableOf.length;
  }

  private List<Run> runs() {
    if (!masked) {
      return List.of(new Run(0, vectors(), new int[] {0}, false));
    }
    List<Run> runs = new ArrayList<>();
    for (int v = 0; v < vectors(); v++) {
      int[] wanted = wanted(v);
      Run before = runs.isEmpty() ? null : runs.getLast();
      if (before != null && before.gap() == gap(v) && Arrays.equals(before.tables(), wanted)) {
        runs.set(runs.size() - 1, new Run(before.first(), before.count() + 1, wanted, gap(v)));
      } else {
        runs.add(new Run(v, 1, wanted, gap(v)));
      }
    }
    return runs.size() <= MOST_RUNS
        ? runs
        : List.of(new Run(0, vectors(), IntStream.range(0, tables).toArray(), gap(vectors() - 1)));
  }

  @Override
  void begin(Emitter e) {
    e.fromTable(R8, e.table.parameters(index));
    if (target.wide()) {
      for (int r = 0; r < REGISTERS_OF_TABLE * tables; r++) {
        e.a.load(target.vector(FIRST_TABLE + r), mem(R8, target.vectorBytes() * r));
      }
      if (span < target.vectorBytes()) {
        e.a.mov(R14, (1L << span) - 1);
        e.a.kmovq(SHORT, R14);
      }
    } else {
      e.a.load(target.vector(FIRST_TABLE), e.bytes(0x70));
      e.a.load(target.vector(FIRST_TABLE + 1), e.bytes(ROW));
    }
  }

  @Override
  void pixel(Emitter e) {
    e.a.mov(R11, RAX);
    e.a.mov(R12, RBX);
    if (masked) {
      e.a.lea(R13, mem(R8, CurveTable.SIZE * tables));
    }
    for (Run run : runs()) {
      int last = run.first() + run.count() - 1;
      // The last vector of a span begins nearer to the one before.
      boolean shifted = start(last) != last * target.vectorBytes();
      int whole = run.count() - (shifted ? 1 : 0);
      if (whole > 0) {
        vectors(e, run, whole);
      }
      if (shifted) {
        vector(e, run, start(last) - last * target.vectorBytes());
      }
    }
    e.a.add(RAX, span);
    e.a.add(RBX, span);
  }

  private void vectors(Emitter e, Run run, int count) {
    Label loop = null;
    if (count > 1) {
      e.a.mov(R14, count);
      loop = e.a.here("vector");
    }
    vector(e, run, 0);
    e.a.add(R11, target.vectorBytes());
    e.a.add(R12, target.vectorBytes());
    if (masked) {
      e.a.add(R13, maskBytes() * tables);
    }
    if (loop != null) {
      e.a.dec(R14);
      e.a.jne(loop);
    }
  }

  private void vector(Emitter e, Run run, int offset) {
    VectorRegister entries = target.vector(0);
    VectorRegister result = target.vector(1);
    load(e, entries, mem(R11, offset));
    if (target.wide()) {
      permuted(e, entries, result, run);
    } else {
      shuffled(e, entries, result, run);
    }
    store(e, result, mem(R12, offset));
  }

  private void permuted(Emitter e, VectorRegister entries, VectorRegister result, Run run) {
    int[] wanted = run.tables();
    VectorRegister low = target.vector(2);
    VectorRegister high = target.vector(3);
    MaskRegister upper = MaskRegister.k(1);
    MaskRegister mine = MaskRegister.k(2);
    e.a.vpmovb2m(upper, entries);
    for (int w = 0; w < wanted.length; w++) {
      int at = FIRST_TABLE + REGISTERS_OF_TABLE * wanted[w];
      VectorRegister into = w == 0 ? result : low;
      e.a.vmovdqa64(into, entries);
      e.a.vpermi2b(into, target.vector(at), target.vector(at + 1));
      e.a.vmovdqa64(high, entries);
      e.a.vpermi2b(high, target.vector(at + 2), target.vector(at + 3));
      e.a.emit(Mnemonic.VMOVDQU8, into.merged(upper), high);
      if (w > 0 || run.gap()) {
        e.a.kmovq(mine, mem(R13, maskBytes() * wanted[w]).ofQword());
        e.a.emit(Mnemonic.VMOVDQU8, w == 0 ? result.zeroed(mine) : result.merged(mine), into);
      }
    }
  }

  private void shuffled(Emitter e, VectorRegister entries, VectorRegister result, Run run) {
    int[] wanted = run.tables();
    VectorRegister control = target.vector(2);
    VectorRegister found = target.vector(3);
    // The sums of tables: the first in the result, others behind.
    VectorRegister[] sums = new VectorRegister[wanted.length];
    for (int w = 0; w < wanted.length; w++) {
      sums[w] = w == 0 ? result : target.vector(3 + w);
    }
    for (int row = 0; row < CurveTable.SIZE / ROW; row++) {
      e.a.vpaddusb(control, entries, target.vector(FIRST_TABLE));
      for (int w = 0; w < wanted.length; w++) {
        VectorRegister into = row == 0 ? sums[w] : found;
        e.a.vbroadcasti128(into, mem(R8, CurveTable.SIZE * wanted[w] + ROW * row));
        e.a.vpshufb(into, into, control);
        if (row > 0) {
          e.a.vpor(sums[w], sums[w], found);
        }
      }
      if (row < CurveTable.SIZE / ROW - 1) {
        e.a.vpsubb(entries, entries, target.vector(FIRST_TABLE + 1));
      }
    }
    boolean masks = wanted.length > 1 || run.gap();
    for (int w = 0; masks && w < wanted.length; w++) {
      e.a.vpand(sums[w], sums[w], mem(R13, maskBytes() * wanted[w]));
      if (w > 0) {
        e.a.vpor(result, result, sums[w]);
      }
    }
  }

  /** A vector, or what a span has of it: nothing beyond is touched. */
  private void load(Emitter e, VectorRegister x, Memory from) {
    VectorRegister part = x.as(128);
    if (span >= target.vectorBytes()) {
      e.a.load(x, from);
    } else if (target.wide()) {
      e.a.emit(Mnemonic.VMOVDQU8, x.zeroed(SHORT), from);
    } else if (span == 8) {
      e.a.vmovq(part, from);
    } else {
      e.a.load(part, from);
      if (span > 16) {
        VectorRegister rest = target.vector(2);
        e.a.vmovq(rest.as(128), from.plus(16));
        e.a.vinserti128(x, x, rest.as(128), 1);
      }
    }
  }

  private void store(Emitter e, VectorRegister x, Memory to) {
    VectorRegister part = x.as(128);
    if (span >= target.vectorBytes()) {
      e.a.store(to, x);
    } else if (target.wide()) {
      e.a.emit(Mnemonic.VMOVDQU8, to.masked(SHORT), x);
    } else if (span == 8) {
      e.a.vmovq(to, part);
    } else {
      e.a.store(to, part);
      if (span > 16) {
        e.a.vextracti128(part, x, 1);
        e.a.vmovq(to.plus(16), part);
      }
    }
  }

  @Override
  void endRow(Emitter e) {
    advance(e, RAX, (in.columns() - in.width()) * in.pitch());
  }

  /** The tables, then for each vector of a pixel a mask of the bytes that each is for. */
  @Override
  LayerData data() {
    int masks = masked ? vectors() * tables * maskBytes() : 0;
    ByteBuffer to =
        ByteBuffer.allocate(CurveTable.SIZE * tables + masks).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] codes : lookup.codes()) {
      for (byte code : codes) {
        to.put((byte) (code + out.zero()));
      }
    }
    for (int v = 0; masks > 0 && v < vectors(); v++) {
      for (int t = 0; t < tables; t++) {
        mask(to, start(v), t);
      }
    }
    return LayerData.of(to.array());
  }

  private void mask(ByteBuffer to, int start, int table) {
    byte[] bytes = new byte[target.vectorBytes()];
    long bits = 0;
    for (int i = 0; i < bytes.length && start + i < tableOf.length; i++) {
      if (tableOf[start + i] == table) {
        bytes[i] = -1;
        bits |= 1L << i;
      }
    }
    if (target.wide()) {
      to.putLong(bits);
    } else {
      to.put(bytes);
    }
  }
}
