package org.sysmol.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * A set in two parts: images to train with, and images that training never sees.
 *
 * @param training to train with
 * @param heldOut to measure with
 */
public record Partition(ImageSet training, ImageSet heldOut) {
  /** The largest share that can be held out. */
  public static final double MOST = 0.5;

  /**
   * Holds out a share of every class: every so-many-th of its images in the set's order, so that
   * the parts follow from the set and the share alone. Counted by class, not over the set, for sets
   * whose classes take turns would else lose a class as a whole. The first image of each class is
   * trained with.
   *
   * @param share above 0 and up to {@link #MOST}
   * @throws SysmolException if the share is another, or so small that no image is held out
   */
  public static Partition of(ImageSet images, double share) {
    // Written so that NaN is refused.
    if (!(share > 0 && share <= MOST)) {
      throw SysmolException.badInput(
          "A share of " + share + " can't be held out; give a number above 0 and up to 0.5.");
    }
    int classes = Math.max(1, images.classNames().size());
    // Classes count from different places, so that small ones give their share together.
    double[] owed = new double[classes];
    Arrays.setAll(owed, c -> (c + 0.5) / classes);
    boolean[] seen = new boolean[classes];
    List<Integer> kept = new ArrayList<>();
    List<Integer> held = new ArrayList<>();
    for (int i = 0; i < images.count(); i++) {
      int c = Math.clamp(images.label(i), 0, classes - 1);
      if (seen[c]) {
        owed[c] += share;
      }
      seen[c] = true;
      if (owed[c] >= 1) {
        owed[c] -= 1;
        held.add(i);
      } else {
        kept.add(i);
      }
    }
    if (held.isEmpty()) {
      throw SysmolException.badInput(
          "A share of %s of the %d images of %s holds none out; give a larger share or more images."
              .formatted(share, images.count(), images.name()));
    }
    return new Partition(
        selected("the part to train with of ", images, kept),
        selected("the part held out of ", images, held));
  }

  private static ImageSet selected(String what, ImageSet images, List<Integer> indices) {
    return new Selection(
        what + images.name(), images, indices.stream().mapToInt(Integer::intValue).toArray());
  }
}
