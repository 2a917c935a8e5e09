package org.sysmol.runtime.codegen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
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
  private volatile boolean closed;

  NativeNetwork(PackedNetwork network, Target target) {
    this.network = network;
    generated = new NetworkCode(network, target);
    List<LayerCode> layers = generated.layers();
    byte[][] pieces = new byte[2 * layers.size()][];
    long[] offset = new long[pieces.length];
    long end = 0;
    for (int s = 0; s < layers.size(); s++) {
      pieces[2 * s] = layers.get(s).weights();
      pieces[2 * s + 1] = layers.get(s).parameters();
      for (int i = 2 * s; i < 2 * s + 2; i++) {
        offset[i] = end;
        end = (end + pieces[i].length + 127) & -64;
      }
    }
    // The garbage collector frees the weights of a network that was forgotten.
    data = Arena.ofAuto().allocate(Math.max(64, end), 64);
    weights = new long[layers.size()];
    parameters = new long[layers.size()];
    for (int i = 0; i < pieces.length; i++) {
      MemorySegment.copy(pieces[i], 0, data, ValueLayout.JAVA_BYTE, offset[i], pieces[i].length);
      (i % 2 == 0 ? weights : parameters)[i / 2] = data.address() + offset[i];
    }
    code =
        switch (ExecutableCode.load(Encoder.encode(generated.program()).bytes())) {
          case CodeLoading.Loaded loaded -> loaded.code();
          case CodeLoading.Refused refused -> throw SysmolException.failed(refused.reason());
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

  /** Address of a step's weights. */
  long weights(int step) {
    return weights[step];
  }

  /** Address of a step's parameters. */
  long parameters(int step) {
    return parameters[step];
  }

  /** Bytes of weights and parameters outside the heap. */
  long dataBytes() {
    return data.byteSize();
  }

  @Override
  public List<String> kernels() {
    return generated.kernels();
  }

  @Override
  public Engine.Context newContext() {
    checkOpen();
    return new NativeContext(this, generated.layout().shared(), false);
  }

  @Override
  public Engine.Context newTracingContext() {
    checkOpen();
    return new NativeContext(this, generated.layout().apart(), true);
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("Network " + network.name() + " is closed.");
    }
  }

  @Override
  public void close() {
    closed = true;
    code.close();
  }
}
