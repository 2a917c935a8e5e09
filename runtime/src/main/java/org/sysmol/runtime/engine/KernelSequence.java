package org.sysmol.runtime.engine;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;

/** A network as one kernel after the other: what the engines of this package prepare. */
public final class KernelSequence implements Engine.Prepared {
  private final PackedNetwork network;
  private final List<Kernel> kernels;
  private final Lifetime lifetime;

  /**
   * A sequence of kernels.
   *
   * @param network what they run
   * @param kernels one for each step
   */
  public KernelSequence(PackedNetwork network, List<Kernel> kernels) {
    this.network = network;
    this.kernels = List.copyOf(kernels);
    // Kernels live in the heap.
    lifetime = Lifetime.of(this, network.name(), () -> {});
  }

  @Override
  public List<String> kernels() {
    return kernels.stream().map(Kernel::name).toList();
  }

  @Override
  public List<Explanation> explain() {
    return IntStream.range(0, kernels.size())
        .mapToObj(
            s -> {
              Step step = network.steps().get(s);
              String kernel = kernels.get(s).name();
              return new Explanation(
                  kernel,
                  "the portable engine's only kernel for such a step",
                  Optional.of("runs as " + kernel + " in Java instead of machine code"),
                  Explanation.macs(step),
                  0,
                  Explanation.plainBytes(network, step));
            })
        .toList();
  }

  @Override
  public void close() {
    lifetime.close();
  }

  @Override
  public Engine.Context newContext(int threads) {
    lifetime.checkOpen();
    int ignored = Shapes.checkThreads(threads);
    return new SequenceContext();
  }

  /** The same: this engine always keeps all tensors. */
  @Override
  public Engine.Context newTracingContext(int threads) {
    return newContext(threads);
  }

  private final class SequenceContext implements Engine.Context {
    private final Tensors tensors = new Tensors(network);
    private final Lifetime.Use use = lifetime.open(this, () -> {});

    @Override
    public int threads() {
      return 1;
    }

    @Override
    public void run(float[] image, float[] result) {
      Shapes.check(network, image, result);
      use.enter();
      try {
        tensors.image(image);
        for (Kernel kernel : kernels) {
          kernel.run(tensors);
        }
        copyResult(result);
      } finally {
        use.leave(this);
      }
    }

    private void copyResult(float[] result) {
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
    public void runStep(int step) {
      use.enter();
      try {
        kernels.get(step).run(tensors);
      } finally {
        use.leave(this);
      }
    }

    @Override
    public void close() {
      use.close();
    }
  }
}
