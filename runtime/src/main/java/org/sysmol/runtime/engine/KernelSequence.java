package org.sysmol.runtime.engine;

import java.util.List;
import org.sysmol.core.SysmolException;
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

  private final class SequenceContext implements Engine.Context {
    private final Tensors tensors = new Tensors(network);
    private final long[] nanoseconds = new long[kernels.size()];

    @Override
    public void run(float[] image, float[] result) {
      if (closed) {
        throw new IllegalStateException("Network " + network.name() + " is closed.");
      }
      PackedTensor in = network.image();
      requireLength("image", in.channels() + "x" + in.height() + "x" + in.width(), in, image);
      requireLength("result", network.result().channels() + "", network.result(), result);
      tensors.image(image);
      long before = System.nanoTime();
      for (int i = 0; i < nanoseconds.length; i++) {
        kernels.get(i).run(tensors);
        long after = System.nanoTime();
        nanoseconds[i] = after - before;
        before = after;
      }
      PackedTensor out = network.result();
      int pixels = out.height() * out.width();
      for (int c = 0; c < out.channels(); c++) {
        for (int p = 0; p < pixels; p++) {
          result[out.order()[c] * pixels + p] = tensors.result()[p * out.channels() + c];
        }
      }
    }

    private void requireLength(String what, String shape, PackedTensor tensor, float[] given) {
      if (given.length != tensor.size()) {
        throw SysmolException.badInput(
            "Network "
                + network.name()
                + " takes an "
                + what
                + " of "
                + tensor.size()
                + " values ("
                + shape
                + ") but got "
                + given.length
                + ".");
      }
    }

    @Override
    public Tensors tensors() {
      return tensors;
    }

    @Override
    public long[] nanoseconds() {
      return nanoseconds.clone();
    }
  }
}
