package org.sysmol.hardware.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.AtomicFile;

/** A temporary folder for a program's files, removed when closed. */
public final class WorkFolder implements AutoCloseable {
  private final Path path;

  private WorkFolder(Path path) {
    this.path = path;
  }

  /** Makes one in the system's folder for temporary files. */
  public static WorkFolder create() {
    try {
      return new WorkFolder(Files.createTempDirectory("sysmol-rtl"));
    } catch (IOException e) {
      throw SysmolException.failed(
          "No temporary folder can be made (%s); free some space or set TMPDIR."
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Writes a text into it. */
  public Path write(String name, String text) {
    Path file = path.resolve(name);
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  /** Reads a text that a program wrote into it. */
  public String read(String name) {
    Path file = path.resolve(name);
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw SysmolException.failed(
          "A tool ended without error but its result %s can't be read (%s); check that there is room in %s."
              .formatted(name, e.getMessage(), path.getParent()),
          e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      throw SysmolException.failed(
          "The temporary folder %s can't be removed (%s); remove it by hand."
              .formatted(path, e.getMessage()),
          e);
    }
  }
}
