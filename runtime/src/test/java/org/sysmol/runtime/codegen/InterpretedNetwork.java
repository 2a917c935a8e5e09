package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.x86.InterpretedMemory;
import org.sysmol.runtime.x86.Interpreter;
import org.sysmol.runtime.x86.Program;

/**
 * A network's machine code, executed instruction by instruction, by one thread after the other. The
 * code sees its buffers and nothing else: one byte read or written beyond them is an error.
 */
final class InterpretedNetwork {
  private static final long MOST_INSTRUCTIONS = 50_000_000;

  private final PackedNetwork network;
  private final NetworkCode code;
  private final Program program;
  private long executed;

  /** The code for {@code target}. */
  InterpretedNetwork(PackedNetwork network, Target target) {
    this(network, new NetworkCode(network, target), UnaryOperator.identity());
  }

  private InterpretedNetwork(
      PackedNetwork network, NetworkCode code, UnaryOperator<Program> change) {
    this.network = network;
    this.code = code;
    program = change.apply(code.program());
  }

  /** The same code as {@code change} alters it. */
  InterpretedNetwork changed(UnaryOperator<Program> change) {
    return new InterpretedNetwork(network, code, change);
  }

  NetworkCode code() {
    return code;
  }

  Program program() {
    return program;
  }

  /** Instructions that all runs executed together. */
  long executed() {
    return executed;
  }

  /**
   * All integers of a run as text, in the form of {@code NetworkRuns.all}. Each thread gets to the
   * next meeting before the next thread begins.
   */
  List<String> run(float[] image, int threads) {
    // Whole vectors of pixels are read from the image, the last beyond its end.
    Run run = new Run(Arrays.copyOf(image, image.length + 16), threads);
    boolean[] meetings = code.meetings(threads).after();
    for (int first = 0, s = 0; s < meetings.length; s++) {
      if (meetings[s] || s == meetings.length - 1) {
        run.steps(first, s);
        first = s + 1;
      }
    }
    return text(run.tensors);
  }

  /** What one step leaves in its output's memory, halo included, when it reads {@code given}. */
  byte[] step(int step, Tensors given, int threads) {
    Run run = new Run(new float[0], threads);
    Step packed = network.steps().get(step);
    for (int t : packed.reads()) {
      run.tensors[t].copyFrom(MemorySegment.ofArray(memory(t, given)));
    }
    run.steps(step, step);
    return run.tensors[packed.output()].toArray(ValueLayout.JAVA_BYTE);
  }

  /** A tensor's codes as its memory holds them, halo included, unused channels as code 0. */
  byte[] memory(int t, Tensors given) {
    NativeTensor layout = code.layout().tensor(t);
    byte[] bytes = new byte[Math.toIntExact(layout.bytes())];
    Arrays.fill(bytes, (byte) layout.zero());
    byte[] codes = given.codes(t);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    for (int i = 0; i < codes.length; i++) {
      int pixel = i / layout.channels();
      int value = layout.zero() != 0 ? codes[i] : codes[i] & 0xff;
      int y = pixel / layout.width();
      layout.put(memory, 0, y, pixel % layout.width(), i % layout.channels(), value);
    }
    return bytes;
  }

  /**
   * True if all channels and the halo agree, and what lies behind the last channel where look-ups
   * count it: among unsigned mixed codes.
   */
  boolean agree(int t, byte[] expected, byte[] got) {
    NativeTensor layout = code.layout().tensor(t);
    boolean gaps = countsGaps(network.tensors().get(t)) && layout.words() == 0;
    for (int i = 0; i < expected.length; i++) {
      boolean read = gaps || i % layout.pitch() < layout.channels();
      if (read && expected[i] != got[i]) {
        return false;
      }
    }
    return true;
  }

  /** Memory with everything that the code reads and writes. */
  private final class Run {
    private final InterpretedMemory memory = new InterpretedMemory();
    private final MemorySegment[] tensors = new MemorySegment[network.tensors().size()];
    private final MemorySegment[] tables;
    private final long[] tableAddresses;

    Run(float[] image, int threads) {
      long imageAddress = memory.readable("image", MemorySegment.ofArray(image));
      long[] addresses = new long[tensors.length];
      for (int t = 0; t < tensors.length; t++) {
        byte[] bytes = new byte[Math.toIntExact(code.layout().tensor(t).bytes())];
        // What a halo holds must not depend on what the memory held before.
        Arrays.fill(bytes, (byte) 0x5a);
        tensors[t] = MemorySegment.ofArray(bytes);
        addresses[t] = memory.writable(network.tensors().get(t).name(), tensors[t]);
      }
      List<LayerCode> layers = code.layers();
      long[] weights = new long[layers.size()];
      long[] parameters = new long[layers.size()];
      for (int s = 0; s < layers.size(); s++) {
        LayerData data = layers.get(s).data();
        weights[s] = memory.readable("weights", MemorySegment.ofArray(data.weights()));
        parameters[s] = memory.readable("parameters", MemorySegment.ofArray(data.parameters()));
      }
      tables = new MemorySegment[threads];
      tableAddresses = new long[threads];
      for (int i = 0; i < threads; i++) {
        // Native memory, because the scratch must lie behind the table.
        MemorySegment both = Arena.ofAuto().allocate(code.threadBytes(), 64);
        both.asSlice(code.table().scratch()).fill((byte) 0x5a);
        tables[i] = both.asSlice(0, code.table().bytes());
        code.fill(tables[i], i, threads, imageAddress, addresses, weights, parameters);
        tableAddresses[i] = memory.readable("table", tables[i]);
        memory.writable("scratch", both.asSlice(code.table().scratch()));
      }
    }

    void steps(int first, int last) {
      for (int i = 0; i < tables.length; i++) {
        tables[i].set(ValueLayout.JAVA_LONG_UNALIGNED, Table.FIRST, first);
        tables[i].set(ValueLayout.JAVA_LONG_UNALIGNED, Table.LAST, last);
        Interpreter interpreter = new Interpreter(memory, MOST_INSTRUCTIONS);
        interpreter.call(program, tableAddresses[i]);
        executed += interpreter.executed();
      }
    }
  }

  private byte[] codes(int t, MemorySegment from) {
    PackedTensor tensor = network.tensors().get(t);
    NativeTensor layout = code.layout().tensor(t);
    byte[] codes = new byte[tensor.size()];
    for (int i = 0; i < codes.length; i++) {
      int pixel = i / layout.channels();
      int y = pixel / layout.width();
      codes[i] = (byte) layout.code(from, 0, y, pixel % layout.width(), i % layout.channels());
    }
    return codes;
  }

  private static boolean countsGaps(PackedTensor tensor) {
    return tensor.encoding() instanceof Encoding.Mixed mixed && !mixed.signed();
  }

  /** Look-ups count what lies behind the last channel: of unsigned mixed codes it must be 0. */
  private static void checkGaps(PackedTensor tensor, NativeTensor layout, MemorySegment memory) {
    if (!countsGaps(tensor)) {
      return;
    }
    for (int y = 0; y < layout.height(); y++) {
      for (int x = 0; x < layout.width(); x++) {
        for (int c = layout.byteChannels(); c < layout.pitch(); c++) {
          if (memory.get(ValueLayout.JAVA_BYTE, layout.at(y, x) + c) != 0) {
            throw new AssertionError(
                "Tensor "
                    + tensor.name()
                    + " holds something behind its last channel, at byte "
                    + c
                    + ".");
          }
        }
      }
    }
  }

  private List<String> text(MemorySegment[] tensors) {
    List<String> all = new ArrayList<>();
    StringBuilder bits = new StringBuilder("result");
    for (int t = 0; t < tensors.length; t++) {
      PackedTensor tensor = network.tensors().get(t);
      NativeTensor layout = code.layout().tensor(t);
      if (!(tensor.encoding() instanceof Encoding.Real)) {
        checkGaps(tensor, layout, tensors[t]);
        all.add(tensor.name() + Arrays.toString(codes(t, tensors[t])));
        continue;
      }
      for (int i = 0; i < tensor.size(); i++) {
        int pixel = i / layout.channels();
        int at = layout.at(pixel / layout.width(), pixel % layout.width());
        long place = at + 4L * (i % layout.channels());
        bits.append(' ').append(tensors[t].get(ValueLayout.JAVA_INT_UNALIGNED, place));
      }
    }
    all.add(bits.toString());
    return all;
  }
}
