package org.sysmol.runtime;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.Goldens;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;

/**
 * Lets any engine check itself against digests that the scalar reference left in the file, see
 * {@link Goldens}.
 */
public final class SelfCheck {
  private static final long[] SEEDS = {1, 2, 3};

  private SelfCheck() {}

  /** The network with digests computed by the scalar reference. */
  public static PackedNetwork sign(PackedNetwork network) {
    List<PackedNetwork.Golden> goldens = new ArrayList<>();
    try (SmolNetwork loaded =
        SmolNetwork.of(network, new EngineChoice(new ScalarEngine(), List.of()))) {
      for (long seed : SEEDS) {
        goldens.add(new PackedNetwork.Golden(seed, digest(loaded, seed)));
      }
    }
    return network.withGoldens(goldens);
  }

  /**
   * Runs the file's digests on the network's engine.
   *
   * @return how many were checked
   * @throws SysmolException if the file has none or one differs
   */
  public static int verify(SmolNetwork network) {
    List<PackedNetwork.Golden> goldens = network.packed().goldens();
    if (goldens.isEmpty()) {
      throw SysmolException.badInput(
          "Network " + network.packed().name() + " carries no digests; compile it again.");
    }
    for (PackedNetwork.Golden golden : goldens) {
      if (!MessageDigest.isEqual(golden.digest(), digest(network, golden.seed()))) {
        throw SysmolException.failed(
            "Engine "
                + network.engine().engine().name()
                + " does not give the digest that network "
                + network.packed().name()
                + " carries for image seed "
                + golden.seed()
                + "; do not trust its results and report the processor.");
      }
    }
    return goldens.size();
  }

  private static byte[] digest(SmolNetwork network, long seed) {
    PackedNetwork packed = network.packed();
    SmolNetwork.Session session = network.newTracingSession();
    session.run(Goldens.image(seed, packed));
    Tensors tensors = session.tensors();
    List<byte[]> codes = new ArrayList<>();
    for (int t = 0; t < packed.tensors().size(); t++) {
      codes.add(tensors.codes(t));
    }
    return Goldens.digest(packed, codes, tensors.result());
  }
}
