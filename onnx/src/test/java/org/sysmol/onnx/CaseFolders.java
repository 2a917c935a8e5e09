package org.sysmol.onnx;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the import cases of the tests lie, and copies of them that a test may change. */
final class CaseFolders {
  private CaseFolders() {}

  /** The folder of all cases. */
  static Path all() {
    URL url = Objects.requireNonNull(CaseFolders.class.getResource("/cases"));
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The folder of one case. */
  static Path of(String name) {
    return all().resolve(name);
  }

  /** The names of all cases, sorted. */
  static List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(all())) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** A copy of a case inside {@code target}. */
  static Path copy(String name, Path target) throws IOException {
    Path folder = Files.createDirectories(target.resolve(name));
    try (Stream<Path> entries = Files.list(of(name))) {
      for (Path entry : entries.toList()) {
        Files.copy(entry, folder.resolve(entry.getFileName().toString()));
      }
    }
    return folder;
  }
}
