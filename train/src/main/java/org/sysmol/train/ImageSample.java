package org.sysmol.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.data.Augmentation;
import org.sysmol.data.Batch;
import org.sysmol.data.Batches;
import org.sysmol.data.Epoch;
import org.sysmol.data.ImageSet;

/**
 * Some images of all classes, in whatever order the set has them: what quantisers are fitted to and
 * errors are measured on. The same for equal parts.
 *
 * @param batch images of a batch; there are as many batches as {@link #IMAGES} fill, the last one
 *     whole where the set has enough
 * @param seed of which images
 */
record ImageSample(ImageSet images, Preprocessing preprocessing, int batch, long seed) {
  private static final int IMAGES = 500;

  /** Batches. */
  int count() {
    return Math.ceilDiv(Math.min(IMAGES, images.count()), batch);
  }

  /** Gives each batch, normalised, with its labels, unchanged by augmentation. */
  void forEach(Consumer<Batch> look) {
    Epoch some = new Epoch(batch, true, seed, 0, Augmentation.NONE, false, 0);
    try (Batches all = new Batches(images, preprocessing, some)) {
      for (int i = 0; i < count(); i++) {
        look.accept(all.next());
      }
    }
  }

  /** All batches at once. */
  List<Batch> batches() {
    List<Batch> batches = new ArrayList<>();
    forEach(batches::add);
    return batches;
  }
}
