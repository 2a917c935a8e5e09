package org.sysmol.report;

import java.util.List;

/**
 * The precisions of one layer's input channels.
 *
 * @param name the layer
 * @param searched whether its channels have their own precisions; an edge layer has one
 * @param precision bits by input channel, in the order in which the file stores the channels
 * @param wanted what training asked for: the continuous precision p^ by input channel in the same
 *     order, in bits; empty where unknown
 * @param registers how the channels fill registers; empty for an edge layer
 * @param weights number of weights
 * @param macs multiply-accumulates for one image
 */
public record LayerPrecision(
    String name,
    boolean searched,
    int[] precision,
    double[] wanted,
    List<RegisterPattern> registers,
    long weights,
    long macs) {

  /** Copies the list and checks that {@code wanted} fits the channels. */
  public LayerPrecision {
    registers = List.copyOf(registers);
    if (wanted.length != 0 && wanted.length != precision.length) {
      throw new IllegalArgumentException(
          "Layer '%s' has %d channels but %d wanted precisions."
              .formatted(name, precision.length, wanted.length));
    }
  }

  /** Number of input channels at {@code bits}. */
  public int channelsAt(int bits) {
    int count = 0;
    for (int p : precision) {
      count += p == bits ? 1 : 0;
    }
    return count;
  }

  /** Mean bits of an input channel, which are the layer's bits per weight; NaN without channels. */
  public double meanBits() {
    return precision.length == 0 ? Double.NaN : (double) channelBits() / precision.length;
  }

  /** Sum of the channels' precisions. */
  public long channelBits() {
    long sum = 0;
    for (int p : precision) {
      sum += p;
    }
    return sum;
  }

  /** Registers that hold all input channels once. */
  public int registerCount() {
    return registers.stream().mapToInt(RegisterPattern::registers).sum();
  }

  /** Bits that those registers have. */
  public long registerBits() {
    return registers.stream()
        .mapToLong(pattern -> (long) pattern.bits() * pattern.registers())
        .sum();
  }
}
