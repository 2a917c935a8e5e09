package org.sysmol.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.SysmolException;

/**
 * A folder in the layout of MNIST: {@code train-images-idx3-ubyte} with {@code
 * train-labels-idx1-ubyte}, and the same for {@code t10k}, each plain or with {@code .gz}.
 */
final class IdxFolder {
  private static final String IMAGES = "-images-idx3-ubyte";
  private static final String LABELS = "-labels-idx1-ubyte";

  private IdxFolder() {}

  /** Whether the folder holds images in this layout, of whichever part. */
  static boolean fits(Path folder) {
    return find(folder, "train" + IMAGES).isPresent() || find(folder, "t10k" + IMAGES).isPresent();
  }

  /** Whether the name is that of an images file in this layout. */
  static boolean isImagesFile(Path file) {
    String name = DataSource.fileName(file);
    return name.endsWith(IMAGES) || name.endsWith(IMAGES + ".gz");
  }

  /** Reads one part, or both. */
  static ImageSet open(Path folder, Split split, List<String> classNames) {
    return switch (split) {
      case TRAIN -> part(folder, "train", classNames);
      case TEST -> part(folder, "t10k", classNames);
      case ALL -> {
        if (find(folder, "t10k" + IMAGES).isEmpty()) {
          yield part(folder, "train", classNames);
        }
        if (find(folder, "train" + IMAGES).isEmpty()) {
          yield part(folder, "t10k", classNames);
        }
        yield new Joined(part(folder, "train", classNames), part(folder, "t10k", classNames));
      }
    };
  }

  /** Reads the images file {@code file} with the labels that lie beside it. */
  static ImageSet openFile(Path file, List<String> classNames) {
    String name = DataSource.fileName(file);
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw Failure.missing(file);
    }
    return pair(folder, file, name.substring(0, name.lastIndexOf(IMAGES)), classNames);
  }

  private static ImageSet part(Path folder, String prefix, List<String> classNames) {
    Path images = find(folder, prefix + IMAGES).orElseThrow(() -> absent(folder, prefix + IMAGES));
    return pair(folder, images, prefix, classNames);
  }

  private static ImageSet pair(
      Path folder, Path imagesFile, String prefix, List<String> classNames) {
    Path labelsFile =
        find(folder, prefix + LABELS).orElseThrow(() -> absent(folder, prefix + LABELS));
    IdxFile labels = IdxFile.labels(labelsFile);
    IdxFile images = IdxFile.images(imagesFile);
    return combine(
        imagesFile.toString(),
        images,
        labels,
        classNames.isEmpty() ? ClassNames.ofIdx(folder) : classNames);
  }

  /** Images with their labels; the counts must be equal. */
  static ImageSet combine(String name, IdxFile images, IdxFile labels, List<String> classNames) {
    int count = images.lengths()[0];
    if (labels.lengths()[0] != count) {
      throw SysmolException.badInput(
          name
              + " holds "
              + count
              + " images, but the file of labels beside it "
              + labels.lengths()[0]
              + " labels: the two files do not belong together.");
    }
    int[] numbers = new int[count];
    for (int index = 0; index < count; index++) {
      numbers[index] = labels.bytes()[index] & 0xFF;
    }
    return new MemoryImageSet(
        name, 1, images.lengths()[1], images.lengths()[2], images.bytes(), numbers, classNames);
  }

  private static Optional<Path> find(Path folder, String name) {
    for (String suffix : List.of("", ".gz")) {
      Path file = folder.resolve(name + suffix);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private static SysmolException absent(Path folder, String name) {
    return SysmolException.badInput(
        "The folder "
            + folder
            + " has no file "
            + name
            + " or "
            + name
            + ".gz, which its other IDX files need: add it.");
  }
}
