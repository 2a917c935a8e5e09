package org.sysmol.train;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.data.ImageSet;

/**
 * What training is watched by: images that it never sees. Accuracy on them is measured after every
 * epoch but those of the search, whose noise is no network to be measured.
 *
 * @param images labelled, or null for none
 * @param patience epochs without a better accuracy on them after which a phase other than the
 *     search ends; it then has the weights of its best epoch, the first of equals, also if it went
 *     to its end. 0: phases go to their end and have their last weights
 */
public record HeldOut(@Nullable ImageSet images, int patience) {
  /** Nothing is measured, no phase ends early. */
  public static final HeldOut NONE = new HeldOut(null, 0);

  /** Checks that patience has images to look at. */
  public HeldOut {
    if (patience < 0) {
      throw SysmolException.badInput(
          "A patience of " + patience + " epochs makes no sense; give a number of at least 0.");
    }
    if (patience > 0 && images == null) {
      throw SysmolException.badInput(
          "Patience looks at images that training never sees, and there are none; hold some out.");
    }
  }

  /** What a checkpoint is compared with before it is resumed; empty for {@link #NONE}. */
  String text() {
    return (patience == 0 ? "" : " patience " + patience)
        + (images == null ? "" : " held out " + images.digest());
  }
}
