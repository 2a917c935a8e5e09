package org.sysmol.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.sysmol.core.SysmolException;

/** Sentences for what the file system refuses. */
final class Failure {
  private Failure() {}

  /** Why {@code file} could not be read. */
  static SysmolException reading(Path file, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return missing(file);
    }
    if (cause instanceof AccessDeniedException) {
      return SysmolException.badInput(
          "The file " + file + " may not be read: allow it to the user who runs sysmol.", cause);
    }
    return SysmolException.badInput(
        "The file " + file + " could not be read (" + cause.getMessage() + "): check the file.",
        cause);
  }

  /** There is nothing at {@code path}. */
  static SysmolException missing(Path path) {
    return SysmolException.badInput(
        "There is no file or folder " + path + ": check the path that was given.");
  }
}
