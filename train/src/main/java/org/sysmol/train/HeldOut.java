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
 *     to its end. 0: phases go to their end and have their last weights. Where the recipe averages,
 *     what is measured and kept after each epoch of the fine-tuning is the running mean as it is
 *     there, so what was best is what the phase ends with
 * @param maxDrop points of accuracy on them, from 0 to 100, that quantisation may cost: the budget
 *     is then estimated from the network in full precision, and the recipe's has no effect. Null:
 *     the recipe's budget
 */
public record HeldOut(@Nullable ImageSet images, int patience, @Nullable Double maxDrop) {
  /** Nothing is measured, no phase ends early. */
  public static final HeldOut NONE = new HeldOut(null, 0, null);

  /** Checks ranges, and that there are images where they are needed. */
  public HeldOut {
    if (patience < 0) {
      throw SysmolException.badInput(
          "A patience of " + patience + " epochs makes no sense; give a number of at least 0.");
    }
    if (patience > 0 && images == null) {
      throw SysmolException.badInput(
          "Patience looks at images that training never sees, and there are none; hold some out.");
    }
    // Written so that NaN is refused.
    if (maxDrop != null && !(maxDrop >= 0 && maxDrop <= 100)) {
      throw SysmolException.badInput(
          "A drop of " + maxDrop + " points makes no sense; give a number from 0 to 100.");
    }
    if (maxDrop != null && images == null) {
      throw SysmolException.badInput(
          "A drop is judged on images that training never sees, and there are none; hold some out.");
    }
  }

  /** What a checkpoint is compared with before it is resumed; empty for {@link #NONE}. */
  String text() {
    return (patience == 0 ? "" : " patience " + patience)
        + (maxDrop == null ? "" : " max drop " + maxDrop)
        + (images == null ? "" : " held out " + images.digest());
  }
}
