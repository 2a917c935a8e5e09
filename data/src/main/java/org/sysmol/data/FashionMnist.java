package org.sysmol.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;
import org.sysmol.core.preprocess.Resize;

/** Fashion-MNIST: 70,000 grey pictures of clothes, 28 x 28, in ten classes. */
public final class FashionMnist {
  /** The classes in the order of labels, as their makers name them. */
  public static final List<String> CLASS_NAMES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  /** Where Debian's package {@code dataset-fashion-mnist} puts all of it. */
  public static final Path PACKAGE_FOLDER = Path.of("/usr/share/datasets/fashion-mnist");

  private FashionMnist() {}

  /**
   * What networks for it take: 28 x 28 grey, normalised by mean 0.2860 and standard deviation
   * 0.3530 of all 60,000 training images. Pictures of other sizes are resized to it.
   */
  public static Preprocessing preprocessing() {
    return new Preprocessing(
        1, 28, 28, new Resize.Exact(28, 28), new float[] {0.2860f}, new float[] {0.3530f});
  }

  /** All 60,000 training or 10,000 test images from the installed package. */
  public static ImageSet full(Split split) {
    return full(PACKAGE_FOLDER, split);
  }

  static ImageSet full(Path folder, Split split) {
    if (!Files.isDirectory(folder)) {
      throw SysmolException.badInput(
          "All of Fashion-MNIST is read from "
              + folder
              + ", which is not there: install Debian's package dataset-fashion-mnist (apt-get"
              + " install dataset-fashion-mnist).");
    }
    return DataSource.open(folder, split, preprocessing());
  }
}
