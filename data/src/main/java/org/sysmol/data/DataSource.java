package org.sysmol.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.core.preprocess.Preprocessing;

/**
 * Opens whatever holds images, recognising it by its files.
 *
 * <ul>
 *   <li>a folder of IDX files (MNIST, Fashion-MNIST), or one IDX file of images;
 *   <li>a folder of CIFAR-10's binary batches, or one batch;
 *   <li>a folder with a folder of pictures for each class, or with {@code train} and {@code test}
 *       above those; a folder of pictures without classes; one picture.
 * </ul>
 */
public final class DataSource {
  private DataSource() {}

  /**
   * Opens images that have a size of their own: IDX or CIFAR-10.
   *
   * @throws SysmolException if there are none, or they are pictures, whose size must be said
   */
  public static ImageSet open(Path path, Split split) {
    return open(path, split, Optional.empty(), List.of());
  }

  /**
   * Opens images for a network that takes what {@code preprocessing} says. Pictures are resized and
   * cropped to it; images of a fixed size must have its shape.
   */
  public static ImageSet open(Path path, Split split, Preprocessing preprocessing) {
    return open(path, split, Optional.of(preprocessing), List.of());
  }

  /**
   * Opens images for a network that knows its classes.
   *
   * @param split a single file is taken whole, whatever this says
   * @param preprocessing what the network takes; needed for pictures
   * @param classNames the network's classes in the order of labels; folders of pictures must be
   *     named for them, and numbered labels mean them; empty: as the data says
   * @throws SysmolException if nothing fits, with what was expected
   */
  public static ImageSet open(
      Path path, Split split, Optional<Preprocessing> preprocessing, List<String> classNames) {
    if (!Files.exists(path)) {
      throw Failure.missing(path);
    }
    ImageSet set =
        Files.isDirectory(path)
            ? openFolder(path, split, preprocessing, classNames)
            : openFile(path, preprocessing, classNames);
    preprocessing.ifPresent(
        it -> it.requireShape(set.name(), set.channels(), set.height(), set.width()));
    return set;
  }

  private static ImageSet openFolder(
      Path folder, Split split, Optional<Preprocessing> preprocessing, List<String> classNames) {
    if (IdxFolder.fits(folder)) {
      return IdxFolder.open(folder, split, classNames);
    }
    if (Cifar10Folder.fits(folder)) {
      return Cifar10Folder.open(folder, split, classNames);
    }
    if (PictureFolder.fits(folder)) {
      return PictureFolder.open(folder, split, required(folder, preprocessing), classNames);
    }
    throw SysmolException.badInput(
        "The folder "
            + folder
            + " holds no images that are recognised: expected train-images-idx3-ubyte[.gz] and its"
            + " labels (MNIST family), data_batch_1.bin (CIFAR-10), or a folder of JPEG, PNG or BMP"
            + " pictures for each class.");
  }

  private static ImageSet openFile(
      Path file, Optional<Preprocessing> preprocessing, List<String> classNames) {
    if (IdxFolder.isImagesFile(file)) {
      return IdxFolder.openFile(file, classNames);
    }
    if (Cifar10Folder.isBatchFile(file)) {
      return Cifar10Folder.openFile(file, classNames);
    }
    if (PictureFolder.isPicture(file)) {
      return PictureFolder.openFile(file, required(file, preprocessing), classNames);
    }
    throw SysmolException.badInput(
        "The file "
            + file
            + " is not recognised: expected a name that ends in .jpg, .jpeg, .png or .bmp, in"
            + " -images-idx3-ubyte[.gz] (MNIST family), or data_batch_1.bin (CIFAR-10).");
  }

  private static Preprocessing required(Path path, Optional<Preprocessing> preprocessing) {
    return preprocessing.orElseThrow(
        () ->
            SysmolException.badInput(
                "The pictures in "
                    + path
                    + " may have any size, so the size that the network takes must be said (--size)."));
  }

  /** The last part of a path, as a string; empty for a root. */
  static String fileName(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }
}
