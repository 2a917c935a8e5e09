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
import static org.sysmol.runtime.x86.GeneralRegister.RDI;
import static org.sysmol.runtime.x86.Memory.mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.x86.Label;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * An index map on channels, rows and columns (docs/arithmetic.md §15).
 *
 * <p>For each pixel of the output, the bytes that each input gives are brought to their places in
 * the scratch, one input after the other; then the whole pixel is encoded, channels in lanes, each
 * with the step and the stored zero of its own input. Where in its buffer an input's pixel lies is
 * the sum of two stored offsets, one for the row and one for the column; negative ones stand for
 * rows and columns that are outside, whose pixels are filled with the code of 0.
 */
final class GatherCode extends RowLayer {
  /** Bytes of an offset. */
  private static final int OFFSET = 8;

  private final Step.Gather gather;
  private final PackedTensor packed;
  private final List<Source> sources = new ArrayList<>();
  private final boolean rowsOutside;
  private final boolean columnsOutside;
  private final Epilogue epilogue;
  private final int[] zeros;
  private final float[] steps;

  /** An input that some channels come from. */
  private record Source(int tensor, NativeTensor layout, Rearrangement order) {}

  GatherCode(
      PackedNetwork network, NetworkLayout layout, Step.Gather step, int index, Target target) {
    super(layout, step, index, target);
    gather = step;
    packed = network.tensors().get(step.output());
    epilogue = new Epilogue(packed, out, Clamp.NONE, target);
    zeros = new int[packed.channels()];
    steps = new float[packed.channels()];
    int first = 0;
    for (int input : step.inputs()) {
      NativeTensor from = layout.tensor(input);
      int[] mine = new int[packed.channels()];
      for (int c = 0; c < mine.length; c++) {
        int channel = step.channels()[c] - first;
        boolean here = channel >= 0 && channel < from.channels();
        mine[c] = here ? channel : -1;
        if (here) {
          zeros[c] = from.zero();
          steps[c] = network.tensors().get(input).step();
        }
      }
      if (Arrays.stream(mine).anyMatch(channel -> channel >= 0)) {
        sources.add(new Source(input, from, new Rearrangement(mine, from.pitch(), target)));
      }
      first += from.channels();
    }
    rowsOutside = Arrays.stream(step.rows()).anyMatch(from -> from < 0);
    columnsOutside = Arrays.stream(step.columns()).anyMatch(from -> from < 0);
  }

  @Override
  String kernel() {
    return target.cpuClass().text() + " gather";
  }

  @Override
  String reason() {
    return sources.isEmpty()
        ? "a map of zeros"
        : "channels, rows and columns of "
            + (sources.size() == 1 ? "a stream" : sources.size() + " streams")
            + " brought together by "
            + sources.getFirst().order().reason();
  }

  @Override
  int inputEntry() {
    return -1;
  }

  @Override
  int inputAt(int y) {
    return 0;
  }

  @Override
  int secondAt(int y) {
    return y * offsetsOfAPlace();
  }

  private int offsetsOfAPlace() {
    // Without sources there is still the sign that says what is outside.
    return OFFSET * Math.max(1, sources.size());
  }

  private int vectors() {
    return Math.ceilDiv(out.channels(), target.lanes());
  }

  private int vectorParameters() {
    return Epilogue.PARAMETERS * target.vectorBytes();
  }

  private int vectorResult() {
    return target.lanes() * epilogue.resultBytes();
  }

  private int columnsAt() {
    return vectors() * vectorParameters();
  }

  private int rowsAt() {
    return columnsAt() + out.width() * offsetsOfAPlace();
  }

  private int indexesAt() {
    return NativeTensor.roundUp(rowsAt() + out.height() * offsetsOfAPlace(), 64);
  }

  @Override
  int scratchBytes() {
    return NativeTensor.roundUp(out.channels(), target.vectorBytes());
  }

  @Override
  void begin(Emitter e) {
    e.fromTable(R8, e.table.parameters(index));
    e.a.lea(R11, mem(R8, rowsAt()));
    e.a.add(R11, mem(RDI, entry(e, Part.Entry.SECOND)));
    for (Source source : sources) {
      source.order().begin(e);
    }
  }

  @Override
  void beginRow(Emitter e) {
    e.a.lea(R12, mem(R8, columnsAt()));
  }

  @Override
  void pixel(Emitter e) {
    Label outside = e.a.label("outside");
    Label done = e.a.label("pixel done");
    if (rowsOutside) {
      e.a.cmp(mem(R11).ofQword(), 0);
      e.a.jl(outside);
    }
    if (columnsOutside) {
      e.a.cmp(mem(R12).ofQword(), 0);
      e.a.jl(outside);
    }
    boolean[] written = new boolean[Math.ceilDiv(out.channels(), target.vectorBytes())];
    int indexes = indexesAt();
    for (int s = 0; s < sources.size(); s++) {
      e.fromTable(RAX, Table.tensor(sources.get(s).tensor()));
      e.a.add(RAX, mem(R11, OFFSET * s));
      e.a.add(RAX, mem(R12, OFFSET * s));
      e.a.lea(R9, mem(R8, indexes));
      sources.get(s).order().pixel(e, sources.size() == 1 ? null : written);
      indexes += sources.get(s).order().table().length;
    }
    e.a.lea(RCX, e.scratch(0));
    e.a.mov(R13, R8);
    e.a.mov(R14, vectors());
    Label vector = e.a.here("vector");
    encode(e);
    e.a.add(RCX, target.lanes());
    e.a.add(R13, vectorParameters());
    e.a.add(RBX, vectorResult());
    e.a.dec(R14);
    e.a.jne(vector);
    if (rowsOutside || columnsOutside) {
      e.a.jmp(done);
      e.a.bind(outside);
      outside(e);
      e.a.bind(done);
    }
    e.a.add(R12, offsetsOfAPlace());
  }

  private void encode(Emitter e) {
    VectorRegister x = target.vector(0);
    Epilogue.Parameters parameters = Epilogue.in(e, mem(R13));
    e.a.vpmovzxbd(x, mem(RCX));
    e.a.vpsubd(x, x, parameters.get(Epilogue.START));
    e.a.vcvtdq2ps(x, x);
    e.a.vmulps(x, x, parameters.get(Epilogue.SCALE));
    epilogue.store(e, x, target.vector(1), parameters, mem(RBX));
  }

  /** Writes 0 to all channels of the pixel; the code of 0 is the same for all. */
  private void outside(Emitter e) {
    VectorRegister x = target.vector(0);
    // An odd code has no zero: 0 encodes as 1.
    boolean odd = packed.encoding() instanceof Encoding.Mixed mixed && mixed.signed();
    e.a.load(x, e.bytes(out.zero() + (odd ? 1 : 0)));
    e.a.mov(R14, vectors());
    Label vector = e.a.here("outside vector");
    if (vectorResult() == 8) {
      e.a.vmovq(mem(RBX), x.as(128));
    } else {
      e.a.store(mem(RBX), x.as(8 * vectorResult()));
    }
    e.a.add(RBX, vectorResult());
    e.a.dec(R14);
    e.a.jne(vector);
  }

  @Override
  void endRow(Emitter e) {
    e.a.add(R11, offsetsOfAPlace());
  }

  @Override
  LayerData data() {
    List<byte[]> indexes = sources.stream().map(source -> source.order().table()).toList();
    int size = indexesAt() + indexes.stream().mapToInt(table -> table.length).sum();
    ByteBuffer to = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    Affine scales = new Affine(steps, new float[steps.length]);
    to.put(LayerData.bytes(epilogue.parameters(zeros, scales)));
    offsets(to, columnsAt(), gather.columns(), false);
    offsets(to, rowsAt(), gather.rows(), true);
    to.position(indexesAt());
    indexes.forEach(to::put);
    return LayerData.of(to.array());
  }

  private void offsets(ByteBuffer to, int at, int[] places, boolean rows) {
    for (int i = 0; i < places.length; i++) {
      for (int s = 0; s < offsetsOfAPlace() / OFFSET; s++) {
        long offset = places[i] < 0 ? -1 : 0;
        if (places[i] >= 0 && s < sources.size()) {
          NativeTensor from = sources.get(s).layout();
          offset = rows ? from.at(places[i], 0) : (long) places[i] * from.pitch();
        }
        to.putLong(at + i * offsetsOfAPlace() + OFFSET * s, offset);
      }
    }
  }
}
