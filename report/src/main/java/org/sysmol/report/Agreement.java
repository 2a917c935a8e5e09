package org.sysmol.report;

import java.util.List;

/**
 * Whether all engines compute the same integers in every layer.
 *
 * @param parties what was compared with one another: engines and the trainer's evaluation
 * @param imagesCompared images whose integers were compared in all layers
 * @param integersCompared integers compared, over all images, layers and parties
 * @param mismatches integers that differed
 */
public record Agreement(
    List<String> parties, int imagesCompared, long integersCompared, long mismatches) {
  /** Copies the list. */
  public Agreement {
    parties = List.copyOf(parties);
  }
}
