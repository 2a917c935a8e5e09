package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.R12;
import static org.sysmol.runtime.x86.GeneralRegister.RBX;
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.GeneralRegister.RDX;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * What all convolutions have in common: tensors, blocks of outputs, the share of a thread, and how
 * sums become outputs. A block is a few vectors of outputs; the last may be narrower.
 */
abstract class ConvolutionCode extends LayerCode {
  final Step.Convolution step;
  final Target target;
  final PackedTensor packedIn;
  final NativeTensor in;
  final NativeTensor out;
  final Window window;
  final Epilogue epilogue;

  /** The added tensor; the input where there is none, for it has some layout. */
  final NativeTensor second;

  /** The step of the added tensor. */
  final float secondStep;

  ConvolutionCode(
      PackedNetwork network,
      NetworkLayout layout,
      Step.Convolution step,
      int index,
      Target target) {
    super(index);
    this.step = step;
    this.target = target;
    packedIn = network.tensors().get(step.input());
    PackedTensor packedOut = network.tensors().get(step.output());
    in = layout.tensor(step.input());
    out = layout.tensor(step.output());
    window = step.window();
    epilogue = new Epilogue(packedOut, out, step.clamp(), target);
    second = layout.tensor(step.residual() < 0 ? step.input() : step.residual());
    secondStep = step.residual() < 0 ? 0f : network.tensors().get(step.residual()).step();
  }

  /** Vectors of outputs in a whole block. */
  abstract int vectors();

  /** Bytes of weights for a block of {@code vectors}. */
  abstract int weightBytes(int vectors);

  /** True if each block of outputs reads channels of its own. */
  boolean depthwise() {
    return false;
  }

  final int allVectors() {
    return Math.ceilDiv(out.channels(), target.lanes());
  }

  final int wholeBlocks() {
    return allVectors() / vectors();
  }

  /** Whole blocks whose outputs are stored as bytes or values; others are single bits. */
  final int byteBlocks() {
    return out.words() > 0 ? out.byteChannels() / (vectors() * target.lanes()) : wholeBlocks();
  }

  final int tailVectors() {
    return allVectors() % vectors();
  }

  /** Vectors of outputs in a block: those of a whole one, or fewer in the last. */
  final int vectorsOf(int block) {
    return block < wholeBlocks() ? vectors() : tailVectors();
  }

  /** Blocks of outputs, the narrower last one among them. */
  final int allBlocks() {
    return wholeBlocks() + (tailVectors() > 0 ? 1 : 0);
  }

  final int allWeightBytes() {
    return wholeBlocks() * weightBytes(vectors())
        + (tailVectors() > 0 ? weightBytes(tailVectors()) : 0);
  }

  /** True if a tensor is added to the sums. */
  final boolean adds() {
    return step.residual() >= 0;
  }

  @Override
  Part part(int part, int parts) {
    Part.Split split = Part.Split.of(window.outputHeight(), allBlocks(), part, parts);
    Part.Share rows = split.rows();
    Part.Share mine = split.blocks();
    int whole = Math.max(0, Math.min(mine.end(), byteBlocks()) - mine.begin());
    int channel = mine.begin() * vectors() * target.lanes();
    int row = rows.begin() * window.strideY() - window.padTop();
    return new Part(
        split.idle() ? 0 : whole,
        split.idle() ? 0 : Math.max(0, mine.end() - Math.max(mine.begin(), byteBlocks())),
        rows.size(),
        in.at(row, -window.padLeft()) + (depthwise() ? channel : 0),
        out.at(rows.begin(), 0) + channel * epilogue.resultBytes(),
        second.at(rows.begin(), 0) + channel,
        (long) mine.begin() * weightBytes(vectors()),
        (long) mine.begin() * parameterBytes(vectors()),
        in.words() > 0 ? in.bitsAt(row, -window.padLeft()) : 0,
        out.words() > 0
            ? out.bitsAt(rows.begin(), 0) + 4L * Math.max(0, mine.begin() - byteBlocks())
            : 0);
  }

  @Override
  boolean byRows(int parts) {
    return Part.Split.byRows(window.outputHeight(), allBlocks(), parts);
  }

  int parameterBytes(int vectors) {
    return vectors * Epilogue.PARAMETERS * target.vectorBytes();
  }

  /** An address of the thread's own part of a buffer. */
  final void pointer(Emitter e, GeneralRegister register, int buffer, Part.Entry offset) {
    e.fromTable(register, buffer);
    e.a.add(register, mem(RDI, e.table.part(index, offset)));
  }

  /**
   * Makes an output of a sum: {@code x} holds those of vector {@code v} of the block and pixel
   * {@code t} of the tile whose outputs, bytes, values or bits, are at rbx and added tensor at r12.
   */
  final void finish(
      Emitter e, VectorRegister x, VectorRegister scratch, int t, int v, boolean bits) {
    Epilogue.Parameters parameters = Epilogue.in(e, parameters(v));
    value(e, x, scratch, t, v, parameters);
    if (bits) {
      epilogue.storeBits(e, x, parameters, bitsAt(t, v));
    } else {
      epilogue.store(e, x, scratch, parameters, outputAt(t, v));
    }
  }

  /** Sums to values, those of an added tensor included. */
  final void value(
      Emitter e,
      VectorRegister x,
      VectorRegister scratch,
      int t,
      int v,
      Epilogue.Parameters parameters) {
    e.a.vcvtdq2ps(x, x);
    Epilogue.affine(e, x, parameters);
    if (adds()) {
      Memory codes = mem(R12, t * second.pitch() + v * target.lanes());
      Epilogue.stream(e, scratch, codes, second, secondStep);
      e.a.vaddps(x, x, scratch);
    }
  }

  /** Where bytes or values of vector {@code v} of the block and pixel {@code t} are stored. */
  final Memory outputAt(int t, int v) {
    return mem(RBX, t * out.pitch() + v * target.lanes() * epilogue.resultBytes());
  }

  /** Where single bits of them are stored. */
  final Memory bitsAt(int t, int v) {
    return mem(RBX, t * out.bitPitch() + v * target.lanes() / 8);
  }

  /** The epilogue's parameters of vector {@code v} of the block at rdx. */
  final Memory parameters(int v) {
    return mem(RDX, v * Epilogue.PARAMETERS * target.vectorBytes());
  }

  /** What the sums of vector {@code v} of the block at rdx begin with. */
  final Memory start(Emitter e, int v) {
    return Epilogue.parameter(e, parameters(v), Epilogue.START);
  }

  /**
   * The sum that each output begins with: what stored zeros that are not 0 add, taken back.
   *
   * @param aligned as {@link org.sysmol.core.packed.PackedWeights#aligned}
   */
  final int[] starts(int[] aligned) {
    int[] starts = new int[out.channels()];
    if (in.zero() != 0) {
      int perOutput = aligned.length / starts.length;
      for (int o = 0; o < starts.length; o++) {
        for (int i = 0; i < perOutput; i++) {
          starts[o] -= in.zero() * aligned[o * perOutput + i];
        }
      }
    }
    return starts;
  }
}
