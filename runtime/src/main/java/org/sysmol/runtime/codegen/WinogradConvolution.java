package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R10;
import static org.sysmol.runtime.x86.GeneralRegister.R9;
import static org.sysmol.runtime.x86.GeneralRegister.RAX;
import static org.sysmol.runtime.x86.GeneralRegister.RCX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.GeneralRegister.RSI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Label;

/**
 * A dense convolution with windows three wide by Winograd's F(4, 3) along rows, in integers and
 * exact: four neighbouring outputs take six products for each window row and channel instead of
 * twelve. Unsigned codes only.
 *
 * <p>Weights and codes are brought to the scale of four bits each ({@code c << (4 - p)}), so that
 * products are those of docs/arithmetic.md §5. From the outside: strips of rows, whose input is
 * transformed ({@link WinogradInput}) once for all outputs; blocks of outputs, for which six
 * products are made ({@link WinogradSums}) and turned back into sums ({@link WinogradOutput}).
 * Channels that are single bits are counted for each output and added there.
 *
 * <p>The sums come out 8 times as large, which is undone, exactly, in the scale of the epilogue.
 *
 * <p>Registers: rsi and rdx weights and parameters of the block; all others serve one of the three.
 */
final class WinogradConvolution extends ConvolutionCode {
  private final WinogradPlan plan;
  private final WinogradWeights weights;
  private final @Nullable BitCounts counts;

  private WinogradConvolution(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(network, layout, step, index, target);
    counts = in.words() > 0 ? new BitCounts(this, WinogradOutput.SHIFT) : null;
    plan = new WinogradPlan(window, in, target, vectors());
    weights = new WinogradWeights(step, in, target);
  }

  /** The kernel for a layer, or null if it does not support it or is not worth it. */
  static @Nullable WinogradConvolution of(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    if (target.winograd() == Target.Use.NEVER
        || !target.dotProduct()
        || target.tiles()
        || !(network.tensors().get(step.input()).encoding() instanceof Encoding.Mixed mixed)
        || mixed.signed()
        || layout.tensor(step.input()).byteChannels() == 0
        || !supports(step)) {
      return null;
    }
    var code = new WinogradConvolution(network, layout, step, index, target);
    boolean possible = target.winograd() == Target.Use.WHERE_POSSIBLE;
    return possible || WinogradCost.pays(code) ? code : null;
  }

  private static boolean supports(Step.Convolution step) {
    return step.groups() == 1
        && KernelCosts.mayTransform(step.window())
        && step.bounds().magnitude() <= Integer.MAX_VALUE >> WinogradOutput.SHIFT
        && scaled(step.affine()) != null;
  }

  /** S for sums that are 8 times as large, or null if that is not exact. */
  private static @Nullable Affine scaled(Affine affine) {
    float[] scale = affine.scale().clone();
    for (int o = 0; o < scale.length; o++) {
      scale[o] = Math.scalb(scale[o], -WinogradOutput.SHIFT);
      if (Math.scalb(scale[o], WinogradOutput.SHIFT) != affine.scale()[o]) {
        return null;
      }
    }
    return new Affine(scale, affine.offset());
  }

  WinogradPlan plan() {
    return plan;
  }

  /** How single bits are counted, or null where the input has none. */
  @Nullable BitCounts counts() {
    return counts;
  }

  @Override
  int vectors() {
    return Math.min(allVectors(), 2);
  }

  @Override
  int weightBytes(int vectors) {
    return weights.bytes(vectors);
  }

  @Override
  String kernel() {
    return target.cpuClass().text()
        + " winograd vpdpbusd "
        + window.kernelHeight()
        + "x"
        + window.kernelWidth()
        + (in.words() > 0 ? " vpopcntd " + 32 * in.words() + " of " + in.channels() : "");
  }

  @Override
  String reason() {
    return (in.words() > 0
            ? "1-bit channels "
                + 32 * in.words()
                + " of "
                + in.channels()
                + " counted as bits by vpopcntd; the rest "
            : "")
        + "transformed along rows (Winograd F(4,3), exact), then by vpdpbusd: 6 products for 4"
        + " outputs and window row instead of 12, which pays for so many channels and outputs, "
        + target.costs().origin();
  }

  @Override
  long bitMacs() {
    return (long) window.outputs() * out.channels() * window.taps() * 32 * in.words();
  }

  @Override
  int scratchBytes() {
    return plan.end;
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
    e.a.mov(WinogradPlan.local(WinogradPlan.ROWS), R10);
    place(e, Table.tensor(step.input()), Part.Entry.INPUT, WinogradPlan.INPUT);
    place(e, Table.tensor(step.output()), Part.Entry.OUTPUT, WinogradPlan.OUTPUT);
    if (out.words() > 0) {
      place(e, Table.tensor(step.output()), Part.Entry.OUTPUT_BITS, WinogradPlan.OUTPUT_BITS);
    }
    if (adds()) {
      place(e, Table.tensor(step.residual()), Part.Entry.SECOND, WinogradPlan.SECOND);
    }
    if (counts != null) {
      counts.begin(e);
    }
    Label strip = e.a.here("strip");
    e.a.mov(R9, WinogradPlan.local(WinogradPlan.ROWS));
    boolean several = plan.rows < window.outputHeight();
    if (several) {
      e.a.mov(R10, plan.rows);
      e.a.cmp(R9, R10);
      e.a.cmovg(R9, R10);
      e.a.sub(WinogradPlan.local(WinogradPlan.ROWS), R9);
    }
    e.a.mov(WinogradPlan.local(WinogradPlan.STRIP_ROWS), R9);
    e.a.lea(R10, mem(R9, window.kernelHeight() - 1));
    e.a.imul(R9, R9, plan.groups);
    e.a.mov(WinogradPlan.local(WinogradPlan.STRIP_GROUPS), R9);
    e.a.mov(RAX, WinogradPlan.local(WinogradPlan.INPUT));
    new WinogradInput(e, plan, window, in, step.weights().precision()).emit();
    blocks(e);
    if (several) {
      nextStrip(e);
      e.a.cmp(WinogradPlan.local(WinogradPlan.ROWS), 0);
      e.a.jne(strip);
    }
    e.a.bind(done);
  }

  private void place(Emitter e, int buffer, Part.Entry offset, int to) {
    pointer(e, RCX, buffer, offset);
    e.a.mov(WinogradPlan.local(to), RCX);
  }

  private void nextStrip(Emitter e) {
    e.a.add(WinogradPlan.local(WinogradPlan.INPUT), plan.rows * in.rowPitch());
    e.a.add(WinogradPlan.local(WinogradPlan.OUTPUT), plan.rows * out.rowPitch());
    if (out.words() > 0) {
      int bytes = plan.rows * out.columns() * out.bitPitch();
      e.a.add(WinogradPlan.local(WinogradPlan.OUTPUT_BITS), bytes);
    }
    if (adds()) {
      e.a.add(WinogradPlan.local(WinogradPlan.SECOND), plan.rows * second.rowPitch());
    }
    if (counts != null) {
      counts.nextRows(e, plan.rows);
    }
  }

  private void blocks(Emitter e) {
    pointer(e, RSI, e.table.weights(index), Part.Entry.WEIGHTS);
    pointer(e, RDX, e.table.parameters(index), Part.Entry.PARAMETERS);
    e.a.mov(RCX, WinogradPlan.local(WinogradPlan.OUTPUT));
    e.a.mov(WinogradPlan.local(WinogradPlan.BLOCK_OUTPUT), RCX);
    if (adds()) {
      e.a.mov(RCX, WinogradPlan.local(WinogradPlan.SECOND));
      e.a.mov(WinogradPlan.local(WinogradPlan.BLOCK_SECOND), RCX);
    }
    if (byteBlocks() > 0) {
      blocks(e, Part.Entry.BLOCKS, vectors(), false);
    }
    if (out.words() > 0) {
      e.a.mov(RCX, WinogradPlan.local(WinogradPlan.OUTPUT_BITS));
      e.a.mov(WinogradPlan.local(WinogradPlan.BLOCK_OUTPUT), RCX);
      blocks(e, Part.Entry.TAILS, vectors(), true);
    } else if (tailVectors() > 0) {
      blocks(e, Part.Entry.TAILS, tailVectors(), false);
    }
  }

  private void blocks(Emitter e, Part.Entry count, int vectors, boolean bits) {
    Label none = e.a.label("no block");
    e.fromTable(R9, e.table.part(index, count));
    e.a.test(R9, R9);
    e.a.je(none);
    e.a.mov(WinogradPlan.local(WinogradPlan.BLOCK), R9);
    Label block = e.a.here("block");
    new WinogradSums(e, plan, weights, vectors).emit();
    new WinogradOutput(e, this, vectors, bits).emit();
    if (count == Part.Entry.BLOCKS || bits) {
      int channels = vectors * target.lanes();
      e.a.add(RSI, weightBytes(vectors));
      e.a.add(RDX, parameterBytes(vectors));
      e.a.add(
          WinogradPlan.local(WinogradPlan.BLOCK_OUTPUT),
          bits ? channels / 8 : channels * epilogue.resultBytes());
      if (adds()) {
        e.a.add(WinogradPlan.local(WinogradPlan.BLOCK_SECOND), channels);
      }
      e.a.dec(WinogradPlan.local(WinogradPlan.BLOCK));
      e.a.jne(block);
    }
    e.a.bind(none);
  }

  @Override
  LayerData data() {
    int[] aligned = step.weights().aligned();
    ByteBuffer to = ByteBuffer.allocate(allWeightBytes()).order(ByteOrder.LITTLE_ENDIAN);
    int perBlock = vectors() * target.lanes();
    for (int o = 0; o < out.channels(); o++) {
      int block = o / perBlock;
      int at = block * weightBytes(vectors());
      weights.put(to, at, vectorsOf(block), o, o % perBlock, aligned);
    }
    int[] starts = new int[out.channels()];
    if (counts != null) {
      counts.put(to, aligned, starts);
      for (int o = 0; o < starts.length; o++) {
        starts[o] <<= WinogradOutput.SHIFT;
      }
    }
    Affine scaled = scaled(step.affine());
    if (scaled == null) {
      throw new IllegalStateException("The scale of " + step.name() + " was exact before.");
    }
    return new LayerData(to.array(), LayerData.bytes(epilogue.parameters(starts, scaled)));
  }
}
