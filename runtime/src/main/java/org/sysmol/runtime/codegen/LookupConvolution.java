package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.R15;
import static org.sysmol.runtime.x86.GeneralRegister.R8;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RBP;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * A convolution in segments of one precision: channels of one and two bits by look-up tables, all
 * others as products of bytes. Unsigned codes only.
 *
 * <p>From the outside: strips of rows, whose input is first brought into the form that the segments
 * read; blocks of outputs; rows; chunks of a row, for which the segments add their sums one after
 * the other to 32-bit lanes in memory, until the epilogue makes outputs of them.
 *
 * <p>Registers: rsi and rdx weights and parameters of the block; rax, r8 and rbp the chunk's bytes
 * and offsets of two- and one-bit tables; rbx the output, r12 the added tensor; the rest is the
 * segments' own, and {@link LookupPlan} the memory.
 */
final class LookupConvolution extends ConvolutionCode {
  private static final int MOST_OUTPUT_VECTORS = 8;

  /** The last pixels of a strip, as many as the stride, have code of their own. */
  private static final int MOST_STRIDE = 4;

  private final LookupSegments segments;
  private final LookupPlan plan;
  private final LookupWeights weights;

  private LookupConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target,
      LookupSegments segments) {
    super(network, layout, step, index, target);
    this.segments = segments;
    int most = byteVectors(vectors());
    int words = Math.max(OneBitSums.wordBytes(target, most), TwoBitSums.wordBytes(target, most));
    // A narrower last block has larger tiles.
    words =
        Math.max(words, Math.max(OneBitSums.wordBytes(target, 1), TwoBitSums.wordBytes(target, 1)));
    plan = new LookupPlan(window, in, segments, words, most * 4 * target.vectorBytes());
    weights = new LookupWeights(step, plan, out.channels(), target);
  }

  /** The kernel for a layer, or null if it does not support it or is not worth it. */
  static @Nullable LookupConvolution of(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    if (target.lookup() == Target.Use.NEVER
        || step.groups() != 1
        || layout.tensor(step.input()).words() + layout.tensor(step.output()).words() > 0
        || !(network.tensors().get(step.input()).encoding() instanceof Encoding.Mixed mixed)
        || mixed.signed()
        || step.window().strideX() > MOST_STRIDE) {
      return null;
    }
    boolean possible = target.lookup() == Target.Use.WHERE_POSSIBLE;
    LookupSegments segments =
        LookupSegments.of(mixed.precision(), possible || !target.dotProduct(), possible ? 1 : 2);
    int taps = step.weights().taps();
    // Sums of 16 bits: a step of one-bit channels adds 4 at most, of two-bit channels 36.
    if (segments.oneSteps() + segments.twoSteps() == 0
        || segments.oneSteps() * taps * 4 > 0xffff
        || segments.twoSteps() * taps * 36 > 0xffff) {
      return null;
    }
    var code = new LookupConvolution(network, layout, step, index, target, segments);
    return code.plan.rows > 0 && (possible || LookupCost.pays(code)) ? code : null;
  }

  LookupSegments segments() {
    return segments;
  }

  LookupPlan plan() {
    return plan;
  }

  @Override
  int vectors() {
    return Math.min(allVectors(), allVectors() <= 4 ? 4 : MOST_OUTPUT_VECTORS);
  }

  /** Vectors of bytes for a block of {@code vectors} of 32-bit outputs. */
  static int byteVectors(int vectors) {
    return Math.ceilDiv(vectors, 4);
  }

  @Override
  int weightBytes(int vectors) {
    return weights.bytes(vectors);
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " vpshufb"
        + (segments.byteChannels() == 0 ? "" : target.dotProduct() ? " vpdpbusd" : " vpmaddubsw")
        + " "
        + window.kernelHeight()
        + "x"
        + window.kernelWidth();
  }

  @Override
  String reason() {
    return "1-bit channels "
        + LookupSegments.STEP * segments.oneSteps()
        + " and 2-bit channels "
        + LookupSegments.STEP * segments.twoSteps()
        + " of "
        + in.channels()
        + " looked up in constant tables by vpshufb, which pays for so many outputs, "
        + target.costs().origin()
        + (segments.byteChannels() > 0 ? "; the rest multiplied as bytes" : "");
  }

  @Override
  int scratchBytes() {
    return plan.end;
  }

  private static Memory local(int at) {
    return mem(RSP, at).ofQword();
  }

  @Override
  void emit(Emitter e) {
    Halo.fill(e, out, step.output());
    Label done = e.a.label("no part");
    e.fromTable(RCX, e.table.part(index, Part.Entry.BLOCKS));
    e.a.add(RCX, mem(RDI, e.table.part(index, Part.Entry.TAILS)));
    e.a.je(done);
    e.fromTable(R10, e.table.part(index, Part.Entry.ROWS));
    e.a.test(R10, R10);
    e.a.je(done);
    e.a.mov(local(LookupPlan.ROWS), R10);
    place(e, Table.tensor(step.input()), Part.Entry.INPUT, LookupPlan.INPUT);
    place(e, Table.tensor(step.output()), Part.Entry.OUTPUT, LookupPlan.OUTPUT);
    if (adds()) {
      place(e, Table.tensor(step.residual()), Part.Entry.SECOND, LookupPlan.SECOND);
    }
    boolean several = plan.rows < window.outputHeight();
    Label strip = e.a.here("strip");
    e.a.mov(R9, local(LookupPlan.ROWS));
    if (several) {
      e.a.mov(R10, plan.rows);
      e.a.cmp(R9, R10);
      e.a.cmovg(R9, R10);
      e.a.sub(local(LookupPlan.ROWS), R9);
    }
    e.a.mov(local(LookupPlan.STRIP_ROWS), R9);
    e.a.mov(RBP, local(LookupPlan.INPUT));
    new LookupInput(e, plan).emit();
    blocks(e);
    if (several) {
      e.a.add(local(LookupPlan.INPUT), plan.rows * window.strideY() * in.rowPitch());
      e.a.add(local(LookupPlan.OUTPUT), plan.rows * out.rowPitch());
      if (adds()) {
        e.a.add(local(LookupPlan.SECOND), plan.rows * second.rowPitch());
      }
      e.a.cmp(local(LookupPlan.ROWS), 0);
      e.a.jne(strip);
    }
    e.a.bind(done);
  }

  private void place(Emitter e, int buffer, Part.Entry offset, int to) {
    pointer(e, RCX, buffer, offset);
    e.a.mov(local(to), RCX);
  }

  private void blocks(Emitter e) {
    pointer(e, RSI, e.table.weights(index), Part.Entry.WEIGHTS);
    pointer(e, RDX, e.table.parameters(index), Part.Entry.PARAMETERS);
    e.a.mov(RCX, local(LookupPlan.OUTPUT));
    e.a.mov(local(LookupPlan.BLOCK_OUTPUT), RCX);
    if (adds()) {
      e.a.mov(RCX, local(LookupPlan.SECOND));
      e.a.mov(local(LookupPlan.BLOCK_SECOND), RCX);
    }
    if (wholeBlocks() > 0) {
      Label none = e.a.label("no whole block");
      e.fromTable(R9, e.table.part(index, Part.Entry.BLOCKS));
      e.a.test(R9, R9);
      e.a.je(none);
      e.a.mov(local(LookupPlan.BLOCK), R9);
      Label block = e.a.here("block");
      rows(e, vectors());
      int channels = vectors() * target.lanes();
      e.a.add(RSI, weightBytes(vectors()));
      e.a.add(RDX, parameterBytes(vectors()));
      e.a.add(local(LookupPlan.BLOCK_OUTPUT), channels * epilogue.resultBytes());
      if (adds()) {
        e.a.add(local(LookupPlan.BLOCK_SECOND), channels);
      }
      e.a.dec(local(LookupPlan.BLOCK));
      e.a.jne(block);
      e.a.bind(none);
    }
    if (tailVectors() > 0) {
      Label none = e.a.label("no tail");
      e.a.cmp(mem(RDI, e.table.part(index, Part.Entry.TAILS)).ofQword(), 0);
      e.a.je(none);
      rows(e, tailVectors());
      e.a.bind(none);
    }
  }

  private void rows(Emitter e, int vectors) {
    e.a.mov(RCX, local(LookupPlan.STRIP_ROWS));
    e.a.mov(local(LookupPlan.ROW), RCX);
    e.a.mov(RBX, local(LookupPlan.BLOCK_OUTPUT));
    if (adds()) {
      e.a.mov(R12, local(LookupPlan.BLOCK_SECOND));
    }
    input(e, RAX, plan.bytes, segments.byteChannels());
    input(e, R8, plan.twos, plan.twoBytes());
    input(e, RBP, plan.ones, plan.oneBytes());
    Label row = e.a.here("row");
    int width = window.outputWidth();
    chunks(e, plan.chunk, width / plan.chunk, vectors);
    chunks(e, width % plan.chunk, 1, vectors);
    int pixels = plan.rowPixels() - width * window.strideX();
    advance(e, RAX, pixels * segments.byteChannels());
    advance(e, R8, pixels * plan.twoBytes());
    advance(e, RBP, pixels * plan.oneBytes());
    advance(e, RBX, out.rowPitch() - width * out.pitch());
    if (adds()) {
      advance(e, R12, second.rowPitch() - width * second.pitch());
    }
    e.a.dec(local(LookupPlan.ROW));
    e.a.jne(row);
  }

  private static void input(Emitter e, GeneralRegister register, int at, int pixelBytes) {
    if (pixelBytes > 0) {
      e.a.lea(register, e.scratch(at));
    }
  }

  private static void advance(Emitter e, GeneralRegister register, int bytes) {
    if (bytes != 0) {
      e.a.add(register, bytes);
    }
  }

  private void chunks(Emitter e, int pixels, int count, int vectors) {
    if (pixels == 0 || count == 0) {
      return;
    }
    Label loop = null;
    if (count > 1) {
      e.a.mov(RCX, count);
      e.a.mov(local(LookupPlan.CHUNK), RCX);
      loop = e.a.here("chunk");
    }
    boolean first = true;
    if (segments.byteChannels() > 0) {
      int groups = Math.ceilDiv(vectors, ByteSums.VECTORS);
      new ByteSums(e, plan, weights.largestPair()).chunk(pixels, groups, 0);
      first = false;
    }
    if (segments.twoSteps() > 0) {
      new TwoBitSums(e, plan, byteVectors(vectors)).chunk(pixels, weights.twosAt(vectors), first);
      first = false;
    }
    if (segments.oneSteps() > 0) {
      LookupSums ones =
          plan.onePixel()
              ? new OnePixelSums(e, plan, byteVectors(vectors))
              : new OneBitSums(e, plan, byteVectors(vectors));
      ones.chunk(pixels, weights.onesAt(vectors), first);
    }
    outputs(e, pixels, vectors);
    if (loop != null) {
      e.a.dec(local(LookupPlan.CHUNK));
      e.a.jne(loop);
    }
  }

  private void outputs(Emitter e, int pixels, int vectors) {
    e.a.lea(R9, e.scratch(plan.sums));
    Label pixel = null;
    if (pixels > 1) {
      e.a.mov(R15, pixels);
      pixel = e.a.here("pixel");
    }
    VectorRegister x = target.vector(0);
    for (int v = 0; v < vectors; v++) {
      e.a.load(x, Epilogue.parameter(e, parameters(v), Epilogue.START));
      e.a.vpaddd(x, x, mem(R9, v * target.vectorBytes()));
      finish(e, x, target.vector(1), 0, v, false);
    }
    e.a.add(RBX, out.pitch());
    if (adds()) {
      e.a.add(R12, second.pitch());
    }
    if (pixel != null) {
      e.a.add(R9, plan.sumPitch);
      e.a.dec(R15);
      e.a.jne(pixel);
    }
  }

  @Override
  LayerData data() {
    return new LayerData(
        weights.pack(vectors(), allVectors()),
        weights.parameters(epilogue.parameters(weights.starts(), step.affine())));
  }
}
