package org.sysmol.core.packed;

/**
 * The sizes of a packed network: three figures that are never confused.
 *
 * @param weights number of weights of convolutions and linear layers, edge layers included
 * @param searchedWeights those of searched layers
 * @param macs multiply-accumulates for one image
 * @param bitsAll bits per weight over all layers, edge layers at 8 bits included
 * @param bitsSearched bits per weight over searched layers, 0 if there are none
 * @param bitsSearchedByMacs the same, each layer counted by its multiply-accumulates
 * @param bytesFp32 4 bytes for each weight and for the one bias per output channel that remains
 *     after folding batch normalisation
 * @param registers registers that the weights of searched layers fill, over all outputs and taps;
 *     where whole lanes are charged, as many as all lanes fill together
 * @param registerBits bits of these registers or lanes, empty slots included
 */
public record NetworkSize(
    long weights,
    long searchedWeights,
    long macs,
    double bitsAll,
    double bitsSearched,
    double bitsSearchedByMacs,
    long bytesFp32,
    long registers,
    long registerBits) {
  /**
   * Counts a network, its registers being those of the packing that it was trained for.
   *
   * @throws org.sysmol.core.SysmolException if the network names a packing that does not exist or
   *     cannot hold its channels
   */
  public static NetworkSize of(PackedNetwork network) {
    return of(network, RegisterCount.of(network));
  }

  /**
   * Counts a network as other registers would hold it.
   *
   * @throws org.sysmol.core.SysmolException if they have no slots of a precision that a channel has
   */
  public static NetworkSize of(PackedNetwork network, RegisterCount registers) {
    long weights = 0;
    long biases = 0;
    long macs = 0;
    long bits = 0;
    long searchedWeights = 0;
    long searchedBits = 0;
    double searchedMacs = 0;
    double searchedMacBits = 0;
    long registerBits = 0;
    for (Step step : network.steps()) {
      if (!(step instanceof Step.Convolution c)) {
        continue;
      }
      PackedWeights w = c.weights();
      long perChannel = (long) w.outputs() / w.groups() * w.taps();
      long layerBits = 0;
      for (byte p : w.precision()) {
        layerBits += p * perChannel;
      }
      long layerWeights = perChannel * w.precision().length;
      weights += layerWeights;
      biases += w.outputs();
      bits += layerBits;
      macs += layerWeights * c.window().outputs();
      if (network.tensors().get(c.input()).encoding() instanceof Encoding.Mixed) {
        searchedWeights += layerWeights;
        searchedBits += layerBits;
        searchedMacs += (double) layerWeights * c.window().outputs();
        searchedMacBits += (double) layerBits * c.window().outputs();
      }
      registerBits += registers.of(c).map(RegisterUse::bits).orElse(0L);
    }
    return new NetworkSize(
        weights,
        searchedWeights,
        macs,
        ratio((double) bits, (double) weights),
        ratio((double) searchedBits, (double) searchedWeights),
        ratio(searchedMacBits, searchedMacs),
        4 * (weights + biases),
        Math.ceilDiv(registerBits, (long) registers.registerBits()),
        registerBits);
  }

  private static double ratio(double bits, double count) {
    return count == 0 ? 0 : bits / count;
  }
}
