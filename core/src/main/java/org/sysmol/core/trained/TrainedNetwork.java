package org.sysmol.core.trained;

import java.util.List;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * A trained network with its precisions: what {@code train} makes and {@code compile} packs.
 *
 * @param network float weights and statistics
 * @param plan how it is cut into stages
 * @param quantisers steps and precisions
 * @param patterns text of the packing ({@link org.sysmol.core.pattern.Packing#text}) that its
 *     precisions were matched to
 * @param assign name of the rule that matched them, {@code budget}, {@code registers} or {@code
 *     paper}
 * @param preprocessing how a picture becomes its input
 * @param classNames names of its results, in order; empty if unknown
 * @param provenance where it comes from
 */
public record TrainedNetwork(
    Network network,
    Plan plan,
    Quantisers quantisers,
    String patterns,
    String assign,
    Preprocessing preprocessing,
    List<String> classNames,
    Provenance provenance) {
  /** Copies the list. */
  public TrainedNetwork {
    classNames = List.copyOf(classNames);
  }

  /** The same network with another origin. */
  public TrainedNetwork withProvenance(Provenance other) {
    return new TrainedNetwork(
        network, plan, quantisers, patterns, assign, preprocessing, classNames, other);
  }
}
