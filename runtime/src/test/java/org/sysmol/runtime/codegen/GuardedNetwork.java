package org.sysmol.runtime.codegen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.Encoder;

/**
 * A network's machine code, run by the processor step by step, one thread's part after the other,
 * with every buffer that it sees in {@link GuardedMemory}.
 */
final class GuardedNetwork implements AutoCloseable {
  /** Whole vectors of pixels are read from the image, the last beyond its end. */
  private static final int IMAGE_SLACK = 64;

  private final PackedNetwork network;
  private final NetworkCode code;
  private final ExecutableCode executable;
  private final GuardedMemory memory;
  private final MemorySegment image;
  private final MemorySegment[] tensors;
  private final MemorySegment[] tables;

  GuardedNetwork(PackedNetwork network, Target target, boolean atEnd, int threads) {
    this.network = network;
    code = new NetworkCode(network, target);
    executable =
        switch (ExecutableCode.load(Encoder.encode(code.program()).bytes())) {
          case CodeLoading.Loaded loaded -> loaded.code();
          case CodeLoading.Refused refused -> throw new IllegalStateException(refused.reason());
        };
    memory = new GuardedMemory(atEnd);
    image = memory.allocate(4L * network.image().size() + IMAGE_SLACK);
    tensors = new MemorySegment[network.tensors().size()];
    long[] addresses = new long[tensors.length];
    for (int t = 0; t < tensors.length; t++) {
      tensors[t] = memory.allocate(code.layout().tensor(t).bytes());
      tensors[t].fill((byte) 0x5a);
      addresses[t] = tensors[t].address();
    }
    List<LayerCode> layers = code.layers();
    long[] weights = new long[layers.size()];
    long[] parameters = new long[layers.size()];
    for (int s = 0; s < layers.size(); s++) {
      LayerData data = layers.get(s).data();
      weights[s] = copy(data.weights());
      parameters[s] = copy(data.parameters());
    }
    tables = new MemorySegment[threads];
    for (int i = 0; i < threads; i++) {
      tables[i] = memory.allocate(code.threadBytes());
      tables[i].asSlice(code.table().scratch()).fill((byte) 0x5a);
      code.fill(tables[i], i, threads, image.address(), addresses, weights, parameters);
    }
  }

  private long copy(byte[] bytes) {
    MemorySegment piece = memory.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, piece, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return piece.address();
  }

  /** Pieces of memory that the code writes or reads as tensors. */
  MemorySegment[] tensors() {
    return tensors;
  }

  NetworkCode code() {
    return code;
  }

  /** Runs all steps on an image; the last thread is the first at each meeting. */
  void run(float[] normalised) {
    MemorySegment.copy(
        normalised, 0, image, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, normalised.length);
    boolean[] meetings = code.meetings(tables.length).after();
    for (int first = 0, s = 0; s < meetings.length; s++) {
      if (meetings[s] || s == meetings.length - 1) {
        steps(first, s);
        first = s + 1;
      }
    }
  }

  /** Runs one step. */
  void step(int step) {
    steps(step, step);
  }

  private void steps(int first, int last) {
    for (int i = tables.length - 1; i >= 0; i--) {
      tables[i].set(ValueLayout.JAVA_LONG_UNALIGNED, Table.FIRST, first);
      tables[i].set(ValueLayout.JAVA_LONG_UNALIGNED, Table.LAST, last);
      executable.call(tables[i].address());
    }
  }

  /** Writes a tensor's codes, with its halo, as the step before would. */
  void put(int tensor, byte[] codes) {
    NativeTensor layout = code.layout().tensor(tensor);
    tensors[tensor].fill((byte) layout.zero());
    for (int i = 0; i < codes.length; i++) {
      int pixel = i / layout.channels();
      int value = layout.zero() != 0 ? codes[i] : codes[i] & 0xff;
      layout.put(
          tensors[tensor],
          0,
          pixel / layout.width(),
          pixel % layout.width(),
          i % layout.channels(),
          value);
    }
  }

  /** The first tensor, by its step's name, that differs from the reference's; empty if none. */
  String unlike(Tensors expected) {
    for (Step step : network.steps()) {
      PackedTensor tensor = network.tensors().get(step.output());
      NativeTensor layout = code.layout().tensor(step.output());
      MemorySegment from = tensors[step.output()];
      for (int i = 0; i < tensor.size(); i++) {
        int c = i % tensor.channels();
        int y = i / tensor.channels() / tensor.width();
        int x = i / tensor.channels() % tensor.width();
        boolean same =
            tensor.encoding() instanceof Encoding.Real
                ? Float.floatToRawIntBits(expected.result()[i])
                    == from.get(ValueLayout.JAVA_INT_UNALIGNED, layout.at(y, x) + 4L * c)
                : expected.codes(step.output())[i] == (byte) layout.code(from, 0, y, x, c);
        if (!same) {
          return step.name() + " at " + i;
        }
      }
    }
    return "";
  }

  @Override
  public void close() {
    executable.close();
    memory.close();
  }
}
