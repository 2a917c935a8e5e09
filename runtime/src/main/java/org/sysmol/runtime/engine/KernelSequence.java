package org.sysmol.runtime.engine;

import java.util.List;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;

/** A network as one kernel after the other: what the engines of this package prepare. */
public final class KernelSequence implements Engine.Prepared {
  private final PackedNetwork network;
  private final List<Kernel> kernels;
  private final Runnable release;
  private volatile boolean closed;

  /**
   * A sequence of kernels.
   *
   * @param network what they run
   * @param kernels one for each step
   * @param release gives back what they hold, called once
   */
  public KernelSequence(PackedNetwork network, List<Kernel> kernels, Runnable release) {
    this.network = network;
    this.kernels = List.copyOf(kernels);
    this.release = release;
  }

  @Override
  public List<String> kernels() {
    return kernels.stream().map(Kernel::name).toList();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }

  @Override
  public Engine.Context newContext() {
    if (closed) {
      throw new IllegalStateException("Network " + network.name() + " is closed.");
    }
    return new SequenceContext();
  }

  /** The same: this engine always keeps all tensors. */
  @Override
  public Engine.Context newTracingContext() {
    return newContext();
  }

  private final class SequenceContext implements Engine.Context {
    private final Tensors tensors = new Tensors(network);

    @Override
    public void run(float[] image, float[] result) {
      if (closed) {
        throw new IllegalStateException("Network " + network.name() + " is closed.");
      }
      Shapes.check(network, image, result);
      tensors.image(image);
      for (Kernel kernel : kernels) {
        kernel.run(tensors);
      }
      PackedTensor out = network.result();
      int pixels = out.height() * out.width();
      for (int c = 0; c < out.channels(); c++) {
        for (int p = 0; p < pixels; p++) {
          result[out.order()[c] * pixels + p] = tensors.result()[p * out.channels() + c];
        }
      }
    }

    @Override
    public Tensors tensors() {
      return tensors;
    }

    @Override
    public long[] profile(int runs) {
      long[][] times = new long[kernels.size()][runs];
      for (int r = 0; r < runs; r++) {
        for (int i = 0; i < times.length; i++) {
          long before = System.nanoTime();
          kernels.get(i).run(tensors);
          times[i][r] = System.nanoTime() - before;
        }
      }
      return Profile.medians(times);
    }
  }
}
