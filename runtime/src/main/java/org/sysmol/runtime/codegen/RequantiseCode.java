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
import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.MaskRegister;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Mnemonic;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Codes from one stream, with a batch normalisation and an index map where the step has them, or
 * from the sum of two streams.
 */
final class RequantiseCode extends RowLayer {
  private final NativeTensor in;
  private final NativeTensor second;
  private final boolean sum;
  private final float inStep;
  private final float secondStep;
  private final @Nullable Affine affine;
  private final int @Nullable [] gather;
  private final Epilogue epilogue;

  /** Code of a requantisation. */
  RequantiseCode(
      PackedNetwork network, NetworkLayout layout, Step.Requantise step, int index, Target target) {
    this(
        network,
        layout,
        step,
        index,
        target,
        step.clamp(),
        step.input(),
        step.affine(),
        step.gather());
  }

  /** Code of a sum. */
  RequantiseCode(
      PackedNetwork network, NetworkLayout layout, Step.Join step, int index, Target target) {
    this(network, layout, step, index, target, step.clamp(), step.right(), null, null);
  }

  private RequantiseCode(
      PackedNetwork network,
      NetworkLayout layout,
      Step step,
      int index,
      Target target,
      Clamp clamp,
      int right,
      @Nullable Affine affine,
      int @Nullable [] gather) {
    super(layout, step, index, target);
    sum = step instanceof Step.Join;
    in = layout.tensor(step.input());
    second = layout.tensor(right);
    inStep = network.tensors().get(step.input()).step();
    secondStep = network.tensors().get(right).step();
    this.affine = affine;
    this.gather = gather;
    PackedTensor packedOut = network.tensors().get(step.output());
    epilogue = new Epilogue(packedOut, out, clamp, target);
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + (sum ? " sum" : gather != null ? " reorder" : " requantise");
  }

  @Override
  String reason() {
    if (sum) {
      return "two streams added in binary32, channels in lanes";
    }
    if (gather == null) {
      return "codes made from a stream that several layers read, channels in lanes";
    }
    return permutes()
        ? "the layer wants another order of channels than the stream has: permutations of 64 bytes"
        : "the layer wants another order of channels than the stream has";
  }

  @Override
  Optional<String> fallback() {
    if (gather == null || permutes()) {
      return Optional.empty();
    }
    return Optional.of(
        "channels are rearranged byte by byte, because "
            + (target.wide()
                ? "the tensors' pixels are not whole vectors of 64 bytes"
                : "class " + target.cpuClass().text() + " has no permutation of bytes by AVX-512"));
  }

  @Override
  int inputAt(int y) {
    return in.at(y, 0);
  }

  @Override
  int secondAt(int y) {
    return second.at(y, 0);
  }

  private int vectors() {
    return Math.ceilDiv(out.channels(), target.lanes());
  }

  private int vectorParameters() {
    return Epilogue.PARAMETERS * target.vectorBytes();
  }

  /** On the stack: where the pixel lies in the output's second plane. */
  private static final int BITS = 0;

  /** Bytes of the indexes of a permutation and of the mask of the outputs that they are for. */
  private static final int PERMUTATION = 128;

  @Override
  int scratchBytes() {
    return gather == null ? 0 : NativeTensor.roundUp(out.channels(), 64);
  }

  @Override
  void begin(Emitter e) {
    e.fromTable(R8, e.table.parameters(index));
    if (out.words() > 0) {
      pointer(e, RCX, Table.tensor(step.output()), entry(e, Part.Entry.OUTPUT_BITS));
      e.a.mov(mem(RSP, BITS), RCX);
    }
    if (sum) {
      pointer(e, R12, Table.tensor(((Step.Join) step).right()), entry(e, Part.Entry.SECOND));
    }
  }

  @Override
  void pixel(Emitter e) {
    if (gather != null) {
      e.a.lea(R9, mem(R8, vectors() * vectorParameters()));
      if (permutes()) {
        permute(e);
      } else {
        moveBytes(e);
      }
      e.a.add(RAX, in.pitch());
      e.a.lea(R11, e.scratch(0));
    }
    e.a.mov(R13, R8);
    vectors(e, out.byteChannels() > 0 ? vectors() - 2 * out.words() : 0, RBX, false);
    if (out.words() > 0) {
      e.a.mov(RCX, mem(RSP, BITS));
      vectors(e, 2 * out.words(), RCX, true);
      e.a.mov(mem(RSP, BITS), RCX);
    }
  }

  /** True if pixels are whole vectors, which a permutation of bytes can rearrange. */
  private boolean permutes() {
    return target.wide() && in.pitch() % 64 == 0 && out.channels() % 64 == 0;
  }

  /** Rearranges a pixel's bytes from rax on into the scratch, one after the other. */
  private void moveBytes(Emitter e) {
    e.a.lea(R11, e.scratch(0));
    e.a.mov(R14, out.channels());
    Label move = e.a.here("move");
    e.a.movsxd(RCX, mem(R9).ofDword());
    e.a.movzx(RCX.dword(), mem(RAX, RCX, 1, 0).ofByte());
    e.a.mov(mem(R11).ofByte(), RCX.lowByte());
    e.a.add(R9, 4);
    e.a.inc(R11);
    e.a.dec(R14);
    e.a.jne(move);
  }

  /** The same, 64 bytes at a time from two vectors after the other; a mask says which of them. */
  private void permute(Emitter e) {
    VectorRegister result = target.vector(0);
    VectorRegister some = target.vector(1);
    VectorRegister first = target.vector(2);
    int inputs = in.pitch() / 64;
    int entry = 0;
    for (int block = 0; block < out.channels() / 64; block++) {
      for (int pair = 0; pair < inputs; pair += 2, entry++) {
        VectorRegister indexes = pair == 0 ? result : some;
        e.a.load(indexes, mem(R9, PERMUTATION * entry));
        e.a.load(first, mem(RAX, 64 * pair));
        e.a.vpermi2b(indexes, first, mem(RAX, 64 * Math.min(pair + 1, inputs - 1)));
        if (pair > 0) {
          e.a.kmovq(MaskRegister.k(1), mem(R9, PERMUTATION * entry + 64).ofQword());
          e.a.emit(Mnemonic.VMOVDQU8, result.merged(MaskRegister.k(1)), some);
        }
      }
      e.a.store(e.scratch(64 * block), result);
    }
  }

  private void vectors(Emitter e, int count, GeneralRegister to, boolean bits) {
    if (count == 0) {
      return;
    }
    e.a.mov(R14, count);
    Label vector = e.a.here("vector");
    vector(e, to, bits);
    e.a.add(gather != null ? R11 : RAX, target.lanes());
    if (sum) {
      e.a.add(R12, target.lanes());
    }
    e.a.add(to, bits ? target.lanes() / 8 : target.lanes());
    e.a.add(R13, vectorParameters());
    e.a.dec(R14);
    e.a.jne(vector);
  }

  private void vector(Emitter e, GeneralRegister to, boolean bits) {
    VectorRegister x = target.vector(0);
    VectorRegister scratch = target.vector(1);
    Memory parameters = mem(R13);
    Epilogue.stream(e, x, mem(gather != null ? R11 : RAX), in, inStep);
    if (sum) {
      Epilogue.stream(e, scratch, mem(R12), second, secondStep);
      e.a.vaddps(x, x, scratch);
    }
    if (affine != null) {
      Epilogue.affine(e, x, parameters);
    }
    if (bits) {
      epilogue.storeBits(e, x, parameters, mem(to));
    } else {
      epilogue.store(e, x, scratch, parameters, mem(to));
    }
  }

  @Override
  void endRow(Emitter e) {
    int rest = (out.columns() - out.width()) * out.bitPitch();
    if (rest != 0) {
      e.a.add(mem(RSP, BITS).ofQword(), rest);
    }
    advance(e, RAX, in.rowPitch() - in.width() * in.pitch());
    if (sum) {
      advance(e, R12, second.rowPitch() - second.width() * second.pitch());
    }
  }

  @Override
  LayerData data() {
    int[] values = epilogue.parameters(null, affine);
    int indexes = gather == null ? 0 : 4 * gather.length;
    if (permutes() && gather != null) {
      indexes = PERMUTATION * (gather.length / 64) * Math.ceilDiv(in.pitch(), 128);
    }
    ByteBuffer to = ByteBuffer.allocate(4 * values.length + indexes).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      to.putInt(value);
    }
    for (int c = 0; gather != null && c < gather.length; c++) {
      if (permutes()) {
        // Two vectors of 64 bytes are 128 places for an index of a permutation.
        int pairs = Math.ceilDiv(in.pitch(), 128);
        int entry = 4 * values.length + PERMUTATION * (c / 64 * pairs + gather[c] / 128);
        to.put(entry + c % 64, (byte) (gather[c] % 128));
        to.putLong(entry + 64, to.getLong(entry + 64) | 1L << c);
      } else {
        to.putInt(gather[c]);
      }
    }
    return LayerData.of(to.array());
  }
}
