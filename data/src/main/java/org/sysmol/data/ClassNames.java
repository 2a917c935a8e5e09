package org.sysmol.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.sysmol.core.SysmolException;

/** Where the names of numbered classes come from. */
final class ClassNames {
  /** A file of names, one in a line, in the order of labels. */
  static final String FILE = "classes.txt";

  static final List<String> DIGITS = IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  static final List<String> CIFAR_10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final int MOST_BYTES = 1 << 20;

  private ClassNames() {}

  /**
   * For IDX files in {@code folder}: the names in its {@code classes.txt}; without that file, those
   * of Fashion-MNIST if the folder's name says fashion, else the ten digits.
   */
  static List<String> ofIdx(Path folder) {
    Path file = folder.resolve(FILE);
    if (Files.exists(file)) {
      return read(file);
    }
    Path last = folder.toAbsolutePath().normalize().getFileName();
    boolean fashion = last != null && last.toString().toLowerCase(Locale.ROOT).contains("fashion");
    return fashion ? FashionMnist.CLASS_NAMES : DIGITS;
  }

  /** For CIFAR-10 in {@code folder}: the names in its {@code batches.meta.txt}, else the usual. */
  static List<String> ofCifar10(Path folder) {
    Path file = folder.resolve("batches.meta.txt");
    return Files.exists(file) ? read(file) : CIFAR_10;
  }

  private static List<String> read(Path file) {
    String text;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw SysmolException.badInput(
            "The file " + file + " is longer than a list of class names can be (1 MiB).");
      }
      text = new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Failure.reading(file, e);
    }
    List<String> names = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (names.isEmpty() || names.stream().distinct().count() != names.size()) {
      throw SysmolException.badInput(
          "The file " + file + " must hold class names, one in a line and each once: correct it.");
    }
    return names;
  }
}
