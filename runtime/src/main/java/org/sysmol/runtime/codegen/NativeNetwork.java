package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.engine.Lifetime;
import org.sysmol.runtime.engine.Preparation;
import org.sysmol.runtime.engine.Shapes;
import org.sysmol.runtime.machine.CodeLoading;
import org.sysmol.runtime.machine.ExecutableCode;
import org.sysmol.runtime.x86.Encoder;

/** A network as machine code in memory with its weights: immutable, shared by all contexts. */
final class NativeNetwork implements Engine.Prepared {
  private final PackedNetwork network;
  private final NetworkCode generated;
  private final ExecutableCode code;
  private final MemorySegment data;
  private final long[] weights;
  private final long[] parameters;
  private final long[] dataBytes;
  private final ContextPlan shared;
  private final Lifetime lifetime;
  private final Preparation preparation;

  // The arena lives as long as the network's lifetime: its end closes the arena.
  @SuppressWarnings("MustBeClosedChecker")
  NativeNetwork(PackedNetwork network, Target target) {
    this.network = network;
    generated = new NetworkCode(network, target);
    List<LayerCode> layers = generated.layers();
    DataMaker maker = DataMaker.start(layers);
    shared = ContextPlan.of(network, generated.layout(), generated.places(1));
    long begun = System.nanoTime();
    byte[] bytes = Encoder.bytes(generated.program());
    final long codeNanos = System.nanoTime() - begun;
    List<LayerData> all = maker.finish();
    byte[][] pieces = new byte[2 * layers.size()][];
    long[] offset = new long[pieces.length];
    long end = 0;
    for (int s = 0; s < layers.size(); s++) {
      LayerData data = all.get(s);
      pieces[2 * s] = data.weights();
      pieces[2 * s + 1] = data.parameters();
      for (int i = 2 * s; i < 2 * s + 2; i++) {
        offset[i] = end;
        end = (end + pieces[i].length + 127) & -64;
      }
    }
    code =
        switch (ExecutableCode.load(bytes)) {
          case CodeLoading.Loaded loaded -> loaded.code();
          case CodeLoading.Refused refused -> throw SysmolException.failed(refused.reason());
        };
    Arena arena = Arena.ofShared();
    lifetime = Lifetime.of(this, network.name(), release(code, arena));
    data = arena.allocate(Math.max(64, end), 64);
    weights = new long[layers.size()];
    parameters = new long[layers.size()];
    dataBytes = new long[layers.size()];
    for (int i = 0; i < pieces.length; i++) {
      MemorySegment.copy(pieces[i], 0, data, ValueLayout.JAVA_BYTE, offset[i], pieces[i].length);
      (i % 2 == 0 ? weights : parameters)[i / 2] = data.address() + offset[i];
      dataBytes[i / 2] += pieces[i].length;
    }
    preparation = new Preparation(codeNanos, bytes.length, maker.nanos(), end);
  }

  /** What gives everything back; must not know the network. */
  private static Runnable release(ExecutableCode code, Arena arena) {
    return () -> {
      code.close();
      arena.close();
    };
  }

  PackedNetwork network() {
    return network;
  }

  NetworkCode generated() {
    return generated;
  }

  ExecutableCode code() {
    return code;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  /** Addresses of the steps' weights; not to be changed. */
  long[] weights() {
    return weights;
  }

  /** Addresses of the steps' parameters; not to be changed. */
  long[] parameters() {
    return parameters;
  }

  @Override
  public Preparation preparation() {
    return preparation;
  }

  @Override
  public List<String> kernels() {
    return generated.kernels();
  }

  @Override
  public List<Explanation> explain() {
    return generated.explain(dataBytes);
  }

  @Override
  public Engine.Context newContext(int threads) {
    return newContext(threads, Thread::start);
  }

  Engine.Context newContext(int threads, WorkerTeam.Starter starter) {
    lifetime.checkOpen();
    Shapes.checkThreads(threads);
    ContextPlan plan =
        threads == 1
            ? shared
            : ContextPlan.of(network, generated.layout(), generated.places(threads));
    return new NativeContext(this, plan, false, threads, starter);
  }

  @Override
  public Engine.Context newTracingContext(int threads) {
    lifetime.checkOpen();
    ContextPlan apart = ContextPlan.of(network, generated.layout(), generated.layout().apart());
    return new NativeContext(this, apart, true, Shapes.checkThreads(threads), Thread::start);
  }

  @Override
  public void close() {
    lifetime.close();
  }
}
