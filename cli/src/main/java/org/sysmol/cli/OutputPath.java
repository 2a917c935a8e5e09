package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sysmol.core.SysmolException;

/** Refuses, before any work is done, places that results could not or should not be written to. */
final class OutputPath {
  private OutputPath() {}

  /**
   * Refuses a file that could not be written.
   *
   * @param option that names it
   */
  static void check(String option, Path file) {
    if (Files.isDirectory(file)) {
      throw SysmolException.badInput(
          "%s %s is a folder: name a file in it.".formatted(option, file));
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw SysmolException.badInput(
          "%s %s can't be written because its folder does not exist: make the folder or choose another."
              .formatted(option, file));
    }
    if (!Files.isWritable(Files.exists(file) ? file : parent)) {
      throw SysmolException.badInput(
          "%s %s can't be written; choose another place.".formatted(option, file));
    }
  }

  /**
   * Refuses to write over what is read.
   *
   * @param option that names the output
   * @param input that must stay as it is
   */
  static void checkOther(String option, Path output, Path input) {
    boolean same;
    try {
      same = Files.exists(output) && Files.exists(input) && Files.isSameFile(output, input);
    } catch (IOException e) {
      same = output.toAbsolutePath().normalize().equals(input.toAbsolutePath().normalize());
    }
    if (same) {
      throw SysmolException.badInput(
          "%s %s is the file that is read, which would be lost; choose another name."
              .formatted(option, output));
    }
  }
}
