package org.sysmol.core.packed;

import java.util.Optional;
import java.util.stream.IntStream;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.VectorRegisters;

/** Counts the registers that the layers of a network take, of its own chip or of another. */
public final class RegisterCount {
  private final PackedNetwork network;
  private final Optional<VectorRegisters> registers;

  private RegisterCount(PackedNetwork network, Optional<VectorRegisters> registers) {
    this.network = network;
    this.registers = registers;
  }

  /**
   * The registers that the network was made for. Those of a plain packing are stored in it; those
   * of others follow from its precisions.
   *
   * @throws SysmolException if it names a packing that does not exist
   */
  public static RegisterCount of(PackedNetwork network) {
    String name = network.patterns();
    Packing packing;
    try {
      packing = Packing.parse(name);
    } catch (SysmolException e) {
      if (!name.contains("+")) {
        // Sets of files from before packings have any name.
        return new RegisterCount(network, Optional.empty());
      }
      throw SysmolException.badInput(
          "Network %s says that its registers are '%s', which is no packing; compile it again from its .trained file."
              .formatted(network.name(), name),
          e);
    }
    return packing.plain() ? new RegisterCount(network, Optional.empty()) : of(network, packing);
  }

  /** The registers of another chip. */
  public static RegisterCount of(PackedNetwork network, Packing packing) {
    return new RegisterCount(network, Optional.of(VectorRegisters.of(packing)));
  }

  /** Bits of a register: 128, 256 or 512. */
  public int registerBits() {
    return registers.map(r -> r.packing().registerBits()).orElse(Pattern.BITS);
  }

  /** The text of the packing. */
  public String packing() {
    return registers.map(r -> r.packing().text()).orElse(network.patterns());
  }

  /**
   * What a layer takes.
   *
   * @return nothing for layers that fill no registers: edge and depthwise ones
   * @throws SysmolException if a channel's precision has no slots in the registers
   */
  public Optional<RegisterUse> of(Step.Convolution layer) {
    for (Placement placement : network.placements()) {
      if (placement.tensor() == layer.input()) {
        return Optional.of(
            registers.map(r -> computed(layer, r)).orElseGet(() -> stored(layer, placement)));
      }
    }
    return Optional.empty();
  }

  private static RegisterUse stored(Step.Convolution layer, Placement placement) {
    PackedWeights w = layer.weights();
    // Registers of all channel groups; each output reads those of one group.
    long vectors = (long) w.outputs() / w.groups() * w.taps();
    return new RegisterUse(
        placement.patterns(), vectors, vectors * Pattern.BITS * placement.registers());
  }

  private static RegisterUse computed(Step.Convolution layer, VectorRegisters registers) {
    Packing packing = registers.packing();
    PackedWeights w = layer.weights();
    byte[] precision = w.precision();
    int taps = packing.spansTaps() ? w.taps() : 1;
    long vectors = (long) w.outputs() / w.groups() * (w.taps() / taps);
    IntStream.Builder slots = IntStream.builder();
    long bits = 0;
    for (int g = 0; g < w.groups(); g++) {
      int[] counts = new int[5];
      for (int c = 0; c < w.channelsPerOutput(); c++) {
        counts[precision[g * w.channelsPerOutput() + c]]++;
      }
      Demand channels = new Demand(counts[1], counts[2], counts[4]);
      var patterns = registers.registers(channels, taps);
      for (Pattern p : patterns) {
        slots.add(packing.repeats() * p.n1());
        slots.add(packing.repeats() * p.n2());
        slots.add(packing.repeats() * p.n4());
      }
      bits +=
          packing.wholeLanes()
              ? Pattern.LANE_BITS * VectorRegisters.lanes(channels, taps)
              : (long) packing.registerBits() * patterns.size();
    }
    return new RegisterUse(slots.build().toArray(), vectors, vectors * bits);
  }
}
