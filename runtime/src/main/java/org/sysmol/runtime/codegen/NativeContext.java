package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Profile;
import org.sysmol.runtime.engine.Shapes;
import org.sysmol.runtime.engine.Tensors;

/** The native memory of one run: image, tensors and the table that the code reads. */
final class NativeContext implements Engine.Context {
  private static final int SLACK = 64;

  private final NativeNetwork network;
  private final PackedNetwork packed;
  private final NetworkLayout.Places places;
  private final boolean tracing;
  private final MemorySegment image;
  private final MemorySegment tensors;
  private final MemorySegment table;
  private final int[] resultAt;

  NativeContext(NativeNetwork network, NetworkLayout.Places places, boolean tracing) {
    this.network = network;
    this.packed = network.network();
    this.places = places;
    this.tracing = tracing;
    // Reclaimed by the garbage collector together with the context.
    Arena arena = Arena.ofAuto();
    image = arena.allocate(4L * packed.image().size() + SLACK, 64);
    tensors = arena.allocate(places.bytes() + SLACK, 64);
    table = arena.allocate(network.generated().table().bytes(), 64);
    fill(network.generated(), table, 0, 1, image.address(), tensors.address());
    resultAt = resultPlaces();
  }

  /** Writes the table of thread {@code part} of {@code parts}. */
  private void fill(
      NetworkCode code, MemorySegment to, int part, int parts, long image, long tensors) {
    long[] tensorAddresses = new long[places.offset().length];
    for (int t = 0; t < tensorAddresses.length; t++) {
      tensorAddresses[t] = tensors + places.offset()[t];
    }
    int steps = code.layers().size();
    long[] weights = new long[steps];
    long[] parameters = new long[steps];
    for (int s = 0; s < steps; s++) {
      weights[s] = network.weights(s);
      parameters[s] = network.parameters(s);
    }
    code.fill(to, part, parts, image, tensorAddresses, weights, parameters);
  }

  /** Bytes from the context's tensors to each result, in the order of the float network. */
  private int[] resultPlaces() {
    int index = packed.steps().getLast().output();
    PackedTensor result = packed.result();
    NativeTensor layout = network.generated().layout().tensor(index);
    int[] at = new int[result.size()];
    for (int c = 0; c < result.channels(); c++) {
      for (int y = 0; y < result.height(); y++) {
        for (int x = 0; x < result.width(); x++) {
          at[(result.order()[c] * result.height() + y) * result.width() + x] =
              Math.toIntExact(places.offset()[index] + layout.at(y, x) + 4L * c);
        }
      }
    }
    return at;
  }

  @Override
  public void run(float[] input, float[] result) {
    network.checkOpen();
    Shapes.check(packed, input, result);
    MemorySegment.copy(input, 0, image, ValueLayout.JAVA_FLOAT, 0, input.length);
    call(0, network.generated().layers().size() - 1);
    for (int i = 0; i < result.length; i++) {
      result[i] = tensors.get(ValueLayout.JAVA_FLOAT, resultAt[i]);
    }
  }

  private void call(int first, int last) {
    table.set(ValueLayout.JAVA_LONG, Table.FIRST, first);
    table.set(ValueLayout.JAVA_LONG, Table.LAST, last);
    try {
      network.code().call(table.address());
    } finally {
      // The code knows addresses only: what they point to must outlive the call.
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public Tensors tensors() {
    if (!tracing) {
      throw new IllegalStateException(
          "This session reuses the memory of its tensors; only a tracing session keeps them.");
    }
    Tensors all = new Tensors(packed);
    for (int t = 0; t < packed.tensors().size(); t++) {
      PackedTensor tensor = packed.tensors().get(t);
      NativeTensor layout = network.generated().layout().tensor(t);
      for (int y = 0; y < tensor.height(); y++) {
        for (int x = 0; x < tensor.width(); x++) {
          int to = (y * tensor.width() + x) * tensor.channels();
          for (int c = 0; c < tensor.channels(); c++) {
            long start = places.offset()[t];
            if (layout.real()) {
              long at = start + layout.at(y, x) + 4L * c;
              all.result()[to + c] = tensors.get(ValueLayout.JAVA_FLOAT, at);
            } else {
              all.codes(t)[to + c] = (byte) layout.code(tensors, start, y, x, c);
            }
          }
        }
      }
    }
    return all;
  }

  @Override
  public long[] profile(int runs) {
    int steps = network.generated().layers().size();
    long[][] times = new long[steps][runs];
    for (int r = 0; r < runs; r++) {
      for (int s = 0; s < steps; s++) {
        long before = System.nanoTime();
        call(s, s);
        times[s][r] = System.nanoTime() - before;
      }
    }
    return Profile.medians(times);
  }
}
