package org.sysmol.runtime.engine;

import org.sysmol.core.packed.PackedNetwork;

/**
 * The reference: plain loops, any machine, and the specification that every other engine must
 * equal.
 */
public final class ScalarEngine implements Engine {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String description() {
    return "plain Java loops, the reference";
  }

  @Override
  public Prepared prepare(PackedNetwork network) {
    PlainSteps plain = new PlainSteps(network);
    return new KernelSequence(network, network.steps().stream().map(plain::kernel).toList());
  }
}
