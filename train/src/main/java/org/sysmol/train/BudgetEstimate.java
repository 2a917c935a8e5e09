package org.sysmol.train;

import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.sysmol.core.network.Network;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.ImageSet;

/**
 * The fewest bits that a trained network is likely to do with: those at which it, calibrated
 * without training ({@link Trainer#calibrate}), loses no more accuracy on held-out images than
 * asked for. Fine-tuning makes up for much of what calibration loses, so this is rather too many
 * bits than too few; what it comes to must be measured in the end.
 *
 * <p>Accuracy does not fall steadily with bits, least of all on few images; bisection finds one of
 * the places where it crosses the bound, always the same.
 */
final class BudgetEstimate {
  /** Budgets between the least and the most that are looked at. */
  private static final int PARTS = 32;

  private final Network full;
  private final ImageSet images;
  private final Preprocessing preprocessing;
  private final TrainingRecipe recipe;
  private final HeldOut heldOut;
  private final TrainingListener listener;

  /**
   * An estimate.
   *
   * @param full trained in full precision
   * @param images to calibrate with
   * @param recipe its patterns, batch, seed and threads count; its budget doesn't
   * @param heldOut with images
   * @param listener hears each budget that was tried
   */
  BudgetEstimate(
      Network full,
      ImageSet images,
      Preprocessing preprocessing,
      TrainingRecipe recipe,
      HeldOut heldOut,
      TrainingListener listener) {
    this.full = full;
    this.images = images;
    this.preprocessing = preprocessing;
    this.recipe = recipe;
    this.heldOut = heldOut;
    this.listener = listener;
  }

  /**
   * The estimate in bits per weight over all layers: at most what all channels take at the most
   * bits that the patterns have, also where not even those keep within the bound.
   *
   * @param maxDrop points of accuracy
   * @param assigner by the recipe's patterns
   */
  double bits(double maxDrop, PrecisionAssigner assigner) {
    ImageSet held = Objects.requireNonNull(heldOut.images());
    double whole = Trainer.accuracy(full, held, preprocessing);
    double least = assigner.least();
    double most = Math.max(least, assigner.most());
    int low = -1;
    int high = PARTS;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      double bits = between(least, most, middle);
      double drop = whole - calibrated(bits, held);
      listener.estimated(bits, drop);
      if (drop <= maxDrop) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return between(least, most, high);
  }

  private static double between(double least, double most, int part) {
    return Math.min(8, least + (most - least) * part / PARTS);
  }

  /** Percent right. */
  private double calibrated(double bits, ImageSet held) {
    TrainingRecipe tried = recipe.with(bits, recipe.patterns(), recipe.assign());
    try (PointerScope _ = new PointerScope()) {
      var trained = Trainer.calibrate(full, images, preprocessing, tried);
      return 100 * new QuantisedEvaluation(trained).accuracy(held, preprocessing);
    }
  }
}
