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
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Codes from one stream, with a batch normalisation and an index map where the step has them, or
 * from the sum or product of two streams.
 */
final class RequantiseCode extends RowLayer {
  private final NativeTensor in;
  private final int right;
  private final NativeTensor second;
  private final Of of;
  private final float inStep;
  private final float secondStep;
  private final @Nullable Affine affine;
  private final @Nullable Rearrangement order;
  private final Epilogue epilogue;

  /** What codes are made of. A gate is one cell of factors, the same for every pixel. */
  private enum Of {
    STREAM,
    SUM,
    PRODUCT,
    GATED
  }

  /** Code of a requantisation. */
  RequantiseCode(
      PackedNetwork network, NetworkLayout layout, Step.Requantise step, int index, Target target) {
    this(
        network,
        layout,
        step,
        index,
        target,
        Of.STREAM,
        step.clamp(),
        step.input(),
        step.affine(),
        step.gather());
  }

  /** Code of a sum. */
  RequantiseCode(
      PackedNetwork network, NetworkLayout layout, Step.Join step, int index, Target target) {
    this(network, layout, step, index, target, Of.SUM, step.clamp(), step.right(), null, null);
  }

  /** Code of a product. */
  RequantiseCode(
      PackedNetwork network, NetworkLayout layout, Step.Scale step, int index, Target target) {
    this(
        network,
        layout,
        step,
        index,
        target,
        layout.tensor(step.gate()).isCell() ? Of.GATED : Of.PRODUCT,
        step.clamp(),
        step.gate(),
        null,
        null);
  }

  private RequantiseCode(
      PackedNetwork network,
      NetworkLayout layout,
      Step step,
      int index,
      Target target,
      Of of,
      Clamp clamp,
      int right,
      @Nullable Affine affine,
      int @Nullable [] gather) {
    super(layout, step, index, target);
    this.of = of;
    this.right = right;
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
    String what =
        switch (of) {
          case SUM -> " sum";
          case PRODUCT -> " product";
          case GATED -> " gate";
          case STREAM -> order != null ? " reorder" : " requantise";
        };
    return target.cpuClass().text() + what;
  }

  @Override
  String reason() {
    switch (of) {
      case SUM -> {
        return "two streams added in binary32, channels in lanes";
      }
      case PRODUCT -> {
        return "two streams multiplied in binary32, channels in lanes";
      }
      case GATED -> {
        return "a stream times one factor for each channel in binary32, channels in lanes";
      }
      case STREAM -> {}
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
    return of == Of.GATED ? second.at(0, 0) : second.at(y, 0);
  }

  @Override
  boolean readsOwnRows(int tensor) {
    boolean factors = of == Of.GATED && tensor == right;
    return !factors && step.reads().contains(tensor);
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
    if (of != Of.STREAM) {
      pointer(e, R12, Table.tensor(right), entry(e, Part.Entry.SECOND));
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
    if (of == Of.GATED) {
      e.a.sub(R12, vectors() * target.lanes());
    }
  }

  private void vectors(Emitter e, int count, GeneralRegister to, boolean bits, boolean last) {
    int rounds = count / UNROLL;
    int rest = count % UNROLL;
    if (rounds > 0) {
      Label vectors = null;
      if (rounds > 1) {
        e.a.mov(R14, rounds);
        vectors = e.a.here("vectors");
      }
      straight(e, UNROLL, to, bits, rounds > 1 || rest > 0 || !last);
      if (vectors != null) {
        e.a.dec(R14);
        e.a.jne(vectors);
      }
    }
    straight(e, rest, to, bits, !last);
  }

  /**
   * @param more true if other vectors of the pixel may follow
   */
  private void straight(Emitter e, int count, GeneralRegister to, boolean bits, boolean more) {
    if (count == 0) {
      return;
    }
    boolean packs = count == UNROLL && !bits && !out.real();
    for (int v = 0; v < count; v++) {
      vector(e, v, to, bits, packs);
    }
    if (packs) {
      VectorRegister[] four = {
        target.vector(0), target.vector(1), target.vector(2), target.vector(3)
      };
      Epilogue.quarters(e, target.vector(4));
      Epilogue.pack(e, four, target.vector(4));
      e.a.store(mem(to), four[0]);
    }
    if (order == null) {
      e.a.add(RAX, count * target.lanes());
    } else if (more) {
      e.a.add(R11, count * target.lanes());
    }
    if (of != Of.STREAM) {
      e.a.add(R12, count * target.lanes());
    }
    e.a.add(to, written(count * target.lanes(), bits));
    if (more) {
      e.a.add(R13, count * vectorParameters());
    }
  }

  private void vector(Emitter e, int v, GeneralRegister to, boolean bits, boolean packs) {
    VectorRegister x = target.vector(v);
    VectorRegister scratch = target.vector(4);
    int at = v * target.lanes();
    Epilogue.Parameters parameters = Epilogue.in(e, mem(R13, v * vectorParameters()));
    Epilogue.stream(e, x, mem(order != null ? R11 : RAX, at), in, inStep);
    if (of != Of.STREAM) {
      Epilogue.stream(e, scratch, mem(R12, at), second, secondStep);
      if (of == Of.SUM) {
        e.a.vaddps(x, x, scratch);
      } else {
        e.a.vmulps(x, x, scratch);
      }
    }
    if (affine != null) {
      Epilogue.affine(e, x, parameters);
    }
    if (bits) {
      epilogue.storeBits(e, x, parameters, mem(to, written(at, true)));
    } else if (packs) {
      epilogue.codes(e, x, parameters, true);
    } else {
      epilogue.store(e, x, scratch, parameters, mem(to, written(at, false)));
    }
  }

  /** Bytes that so many outputs fill. */
  private int written(int outputs, boolean bits) {
    return bits ? outputs / 8 : outputs * epilogue.resultBytes();
  }

  @Override
  void endRow(Emitter e) {
    int rest = (out.columns() - out.width()) * out.bitPitch();
    if (rest != 0) {
      e.a.add(mem(RSP, BITS).ofQword(), rest);
    }
    advance(e, RAX, in.rowPitch() - in.width() * in.pitch());
    if (of == Of.SUM || of == Of.PRODUCT) {
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
