package org.sysmol.train;

import java.util.function.Function;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.Batch;
import org.sysmol.data.Batches;
import org.sysmol.data.Epoch;
import org.sysmol.data.ImageSet;

/** Counts how often a network is right. */
final class Accuracy {
  /** Images evaluated together; results don't depend on it. */
  private static final int BATCH = 100;

  private Accuracy() {}

  /**
   * The share of right answers.
   *
   * @param evaluation from a batch to {@code [N, classes]} results
   * @return between 0 and 1
   */
  static double of(
      ImageSet images, Preprocessing preprocessing, Function<Batch, float[]> evaluation) {
    long right = 0;
    try (Batches batches = new Batches(images, preprocessing, Epoch.inOrder(BATCH))) {
      while (batches.hasNext()) {
        Batch batch = batches.next();
        right += right(evaluation.apply(batch), batch.labels(), batch.size(), images.name());
      }
    }
    return (double) right / images.count();
  }

  /** How many results of a batch are largest at the label; the first of equals counts. */
  static int right(float[] results, int[] labels, int count, String source) {
    int classes = results.length / count;
    int right = 0;
    for (int n = 0; n < count; n++) {
      if (labels[n] < 0 || labels[n] >= classes) {
        throw SysmolException.badInput(
            "An image of "
                + source
                + " has the label "
                + labels[n]
                + ", but the network knows "
                + classes
                + " classes: use images with labels from 0 to "
                + (classes - 1)
                + ".");
      }
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (results[n * classes + c] > results[n * classes + best]) {
          best = c;
        }
      }
      right += best == labels[n] ? 1 : 0;
    }
    return right;
  }
}
