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

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.GeneralRegister;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.Memory;
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
  private final @Nullable Rearrangement order;
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
    order = gather == null ? null : new Rearrangement(gather, in.pitch(), target);
    PackedTensor packedOut = network.tensors().get(step.output());
    epilogue = new Epilogue(packedOut, out, clamp, target);
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + (sum ? " sum" : order != null ? " reorder" : " requantise");
  }

  @Override
  String reason() {
    if (sum) {
      return "two streams added in binary32, channels in lanes";
    }
    if (order == null) {
      return "codes made from a stream that several layers read, channels in lanes";
    }
    return "the layer wants another order of channels than the stream has: " + order.reason();
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

  /** Vectors of outputs that are written without a loop. */
  private static final int UNROLL = 4;

  @Override
  int scratchBytes() {
    return order == null ? 0 : order.scratchBytes();
  }

  @Override
  void begin(Emitter e) {
    e.fromTable(R8, e.table.parameters(index));
    if (order != null) {
      e.a.lea(R9, mem(R8, vectors() * vectorParameters()));
      order.begin(e);
    }
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
    if (order != null) {
      order.pixel(e);
      e.a.add(RAX, in.pitch());
      e.a.lea(R11, e.scratch(0));
    }
    e.a.mov(R13, R8);
    int bytes = out.byteChannels() > 0 ? vectors() - 2 * out.words() : 0;
    vectors(e, bytes, RBX, false, out.words() == 0);
    if (out.words() > 0) {
      e.a.mov(RCX, mem(RSP, BITS));
      vectors(e, 2 * out.words(), RCX, true, true);
      e.a.mov(mem(RSP, BITS), RCX);
    }
  }

  private void vectors(Emitter e, int count, GeneralRegister to, boolean bits, boolean last) {
    int rounds = count / UNROLL;
    if (rounds > 1) {
      e.a.mov(R14, rounds);
      Label vectors = e.a.here("vectors");
      straight(e, UNROLL, to, bits, true);
      e.a.dec(R14);
      e.a.jne(vectors);
    }
    straight(e, rounds > 1 ? count % UNROLL : count, to, bits, !last);
  }

  /**
   * @param more true if other vectors of the pixel may follow
   */
  private void straight(Emitter e, int count, GeneralRegister to, boolean bits, boolean more) {
    if (count == 0) {
      return;
    }
    for (int v = 0; v < count; v++) {
      vector(e, v, to, bits);
    }
    if (order == null) {
      e.a.add(RAX, count * target.lanes());
    } else if (more) {
      e.a.add(R11, count * target.lanes());
    }
    if (sum) {
      e.a.add(R12, count * target.lanes());
    }
    e.a.add(to, count * (bits ? target.lanes() / 8 : target.lanes()));
    if (more) {
      e.a.add(R13, count * vectorParameters());
    }
  }

  private void vector(Emitter e, int v, GeneralRegister to, boolean bits) {
    VectorRegister x = target.vector(0);
    VectorRegister scratch = target.vector(1);
    int at = v * target.lanes();
    Memory parameters = mem(R13, v * vectorParameters());
    Epilogue.stream(e, x, mem(order != null ? R11 : RAX, at), in, inStep);
    if (sum) {
      Epilogue.stream(e, scratch, mem(R12, at), second, secondStep);
      e.a.vaddps(x, x, scratch);
    }
    if (affine != null) {
      Epilogue.affine(e, x, parameters);
    }
    if (bits) {
      epilogue.storeBits(e, x, parameters, mem(to, at / 8));
    } else {
      epilogue.store(e, x, scratch, parameters, mem(to, at));
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
    byte[] values = LayerData.bytes(epilogue.parameters(null, affine));
    byte[] table = order == null ? new byte[0] : order.table();
    byte[] all = Arrays.copyOf(values, values.length + table.length);
    System.arraycopy(table, 0, all, values.length, table.length);
    return LayerData.of(all);
  }
}
