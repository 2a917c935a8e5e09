package org.sysmol.runtime.engine;

import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;

/**
 * The portable fast engine, on the JDK's Vector API: convolutions with outputs in lanes; other
 * steps as the reference does them.
 *
 * <p>It needs the module {@code jdk.incubator.vector} ({@code --add-modules jdk.incubator.vector});
 * see {@link EngineChoice}.
 */
public final class VectorEngine implements Engine {
  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "Vector API, " + VectorConvolution.laneBits() + "-bit vectors";
  }

  @Override
  public Prepared prepare(PackedNetwork network) {
    PlainSteps plain = new PlainSteps(network);
    return new KernelSequence(
        network,
        network.steps().stream()
            .map(
                step ->
                    step instanceof Step.Convolution c && c.groups() == 1
                        ? new VectorConvolution(network, c)
                        : plain.kernel(step))
            .toList());
  }
}
