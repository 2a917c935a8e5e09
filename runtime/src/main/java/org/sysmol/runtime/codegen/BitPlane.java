package org.sysmol.runtime.codegen;

import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.machine.CpuClass;

/**
 * Which one-bit channels of a tensor lie apart as single bits, to be counted: where the processor
 * counts bits, all readers are dense convolutions, and a convolution or requantisation writes the
 * tensor in whole blocks.
 */
public final class BitPlane {
  /** Channels of a word. */
  private static final int WORD = 32;

  private BitPlane() {}

  /** True if code of a class counts one-bit channels at all. */
  public static boolean counts(CpuClass cpuClass) {
    return new Target(cpuClass).countsBits();
  }

  /**
   * True if code of a class counts one-bit channels of a tensor that lie behind all others.
   *
   * @param tensor its index in the network
   */
  public static boolean serves(PackedNetwork network, int tensor, CpuClass cpuClass) {
    return serves(network, tensor, new Target(cpuClass));
  }

  static boolean serves(PackedNetwork network, int tensor, Target target) {
    PackedTensor packed = network.tensors().get(tensor);
    return target.countsBits()
        && packed.encoding() instanceof Encoding.Mixed mixed
        && !mixed.signed()
        && packed.channels() % WORD == 0
        && network.steps().stream()
            .filter(step -> step.output() == tensor)
            .allMatch(step -> step instanceof Step.Convolution || step instanceof Step.Requantise)
        && network.steps().stream()
            .filter(step -> step.reads().contains(tensor))
            .allMatch(step -> step instanceof Step.Convolution c && c.groups() == 1);
  }

  /** How many of so many one-bit channels are counted: those that fill whole words. */
  public static int counted(int ones) {
    return words(ones) * WORD;
  }

  /** Words that so many one-bit channels fill. */
  static int words(int ones) {
    return ones / WORD;
  }
}
