package org.sysmol.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * The binary version of CIFAR-10: {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code
 * test_batch.bin}.
 *
 * <p>A file is a row of records of 3,073 bytes: the label, then 32 x 32 reds, greens and blues.
 */
final class Cifar10Folder {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final String TEST = "test_batch.bin";

  private Cifar10Folder() {}

  /** Whether the folder holds at least one file of this layout. */
  static boolean fits(Path folder) {
    return Files.isRegularFile(folder.resolve(TEST)) || !trainFiles(folder).isEmpty();
  }

  /** Whether the name is that of a file of this layout. */
  static boolean isBatchFile(Path file) {
    return DataSource.fileName(file).matches("data_batch_[1-9]\\.bin|test_batch\\.bin");
  }

  /** Reads one part, or both; training batches that are absent are left out. */
  static ImageSet open(Path folder, Split split, List<String> classNames) {
    List<Path> files = new ArrayList<>();
    if (split != Split.TEST) {
      files.addAll(trainFiles(folder));
    }
    if (split != Split.TRAIN && Files.isRegularFile(folder.resolve(TEST))) {
      files.add(folder.resolve(TEST));
    }
    if (files.isEmpty()) {
      throw SysmolException.badInput(
          "The folder "
              + folder
              + " has no file "
              + (split == Split.TRAIN ? "data_batch_1.bin" : TEST)
              + ", which its other CIFAR-10 files need: add it.");
    }
    return read(folder.toString(), folder, files, classNames);
  }

  /** Reads one file. */
  static ImageSet openFile(Path file, List<String> classNames) {
    Path folder = file.toAbsolutePath().getParent();
    return read(file.toString(), folder == null ? file : folder, List.of(file), classNames);
  }

  private static List<Path> trainFiles(Path folder) {
    List<Path> files = new ArrayList<>();
    for (int number = 1; number <= 9; number++) {
      Path file = folder.resolve("data_batch_" + number + ".bin");
      if (Files.isRegularFile(file)) {
        files.add(file);
      }
    }
    return files;
  }

  private static ImageSet read(
      String name, Path folder, List<Path> files, List<String> classNames) {
    long count = 0;
    List<Integer> counts = new ArrayList<>();
    for (Path file : files) {
      int images = countIn(file);
      counts.add(images);
      count += images;
    }
    if (count * 3 * PLANE > Integer.MAX_VALUE - 16) {
      throw SysmolException.badInput(
          name + " holds " + count + " images, more than can be read at once: take files away.");
    }
    byte[] pixels = new byte[(int) count * 3 * PLANE];
    int[] labels = new int[(int) count];
    int index = 0;
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      try (InputStream in = Files.newInputStream(file)) {
        byte[] record = new byte[RECORD];
        for (int image = 0; image < counts.get(i); image++) {
          if (in.readNBytes(record, 0, RECORD) < RECORD) {
            throw SysmolException.badInput(
                "The file " + file + " became shorter while it was read: read it again.");
          }
          labels[index] = record[0] & 0xFF;
          interleave(record, pixels, index * 3 * PLANE);
          index++;
        }
      } catch (IOException e) {
        throw Failure.reading(file, e);
      }
    }
    List<String> names = classNames.isEmpty() ? ClassNames.ofCifar10(folder) : classNames;
    return new MemoryImageSet(name, 3, SIDE, SIDE, pixels, labels, names);
  }

  private static int countIn(Path file) {
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      throw Failure.reading(file, e);
    }
    if (size == 0 || size % RECORD != 0 || size > Integer.MAX_VALUE) {
      throw SysmolException.badInput(
          "The file "
              + file
              + " has "
              + size
              + " bytes, but CIFAR-10 needs a multiple of "
              + RECORD
              + " (a label and 32 x 32 x 3 bytes for each image): fetch it again.");
    }
    return (int) (size / RECORD);
  }

  /** Three planes behind a label become the bytes of one pixel after the other. */
  private static void interleave(byte[] record, byte[] hwc, int offset) {
    for (int pixel = 0; pixel < PLANE; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        hwc[offset + 3 * pixel + channel] = record[1 + channel * PLANE + pixel];
      }
    }
  }
}
