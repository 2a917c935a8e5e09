package org.sysmol.hardware.tool;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.sysmol.core.SysmolException;

/** Programs that hardware is checked and measured with, and the Debian packages that have them. */
public enum ExternalProgram {
  VERILATOR("verilator", "verilator"),
  GXX("g++", "g++"),
  MAKE("make", "make"),
  IVERILOG("iverilog", "iverilog"),
  VVP("vvp", "iverilog"),
  YOSYS("yosys", "yosys"),
  ABC("berkeley-abc", "berkeley-abc"),
  STA("sta", "opensta"),
  LLVM_MC("llvm-mc-19", "llvm-19"),
  LLVM_MCA("llvm-mca-19", "llvm-19");

  private static final int SHOWN_LINES = 6;

  private final String command;
  private final String debianPackage;

  ExternalProgram(String command, String debianPackage) {
    this.command = command;
    this.debianPackage = debianPackage;
  }

  /** Whether it is on the PATH. */
  public boolean present() {
    String path = System.getenv("PATH");
    if (path == null) {
      return false;
    }
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  /** The Debian package that has it. */
  public String debianPackage() {
    return debianPackage;
  }

  /**
   * Refuses if it is missing.
   *
   * @param purpose what it is for, as the end of "... is needed to"
   * @throws SysmolException (bad input) that names the Debian package
   */
  public void require(String purpose) {
    if (!present()) {
      throw SysmolException.badInput(
          "The program %s is needed to %s and is not on the PATH: install the Debian package %s."
              .formatted(command, purpose, debianPackage));
    }
  }

  /**
   * Runs it to its end and returns what it wrote, standard output and errors together.
   *
   * @param folder its working directory
   * @param minutes after which it is ended
   * @throws SysmolException (failed) if it can't be started, ends with another code than 0, or
   *     takes too long
   */
  public String run(Path folder, int minutes, List<String> arguments) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(arguments);
    return run(line, folder, minutes);
  }

  /**
   * Runs it as {@link #run(Path, int, List)} does, but for a time that it may well exceed.
   *
   * @return what it wrote; empty if it did not end in time and was ended
   */
  public Optional<String> runWithin(Path folder, Duration limit, List<String> arguments) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(arguments);
    return attempt(line, folder, limit);
  }

  /** Runs a program by its path, as {@link #run(Path, int, List)} does. */
  public static String run(List<String> line, Path folder, int minutes) {
    return attempt(line, folder, Duration.ofMinutes(minutes))
        .orElseThrow(
            () ->
                SysmolException.failed(
                    "%s did not end within %d minutes; free the machine's processors and try again."
                        .formatted(line.getFirst(), minutes)));
  }

  private static Optional<String> attempt(List<String> line, Path folder, Duration limit) {
    try {
      Path log = Files.createTempFile(folder, "output", ".log");
      Process process =
          new ProcessBuilder(line)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(log.toFile())
              .start();
      boolean ended = false;
      try {
        ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        if (!ended) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      }
      if (!ended) {
        return Optional.empty();
      }
      String output = Files.readString(log, StandardCharsets.ISO_8859_1);
      if (process.exitValue() != 0) {
        List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
        throw SysmolException.failed(
            "%s ended with code %d; its last lines are: %s"
                .formatted(
                    line.getFirst(),
                    process.exitValue(),
                    String.join(
                        " | ",
                        lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()))));
      }
      return Optional.of(output);
    } catch (IOException e) {
      throw SysmolException.failed(
          "%s could not be run (%s); check that it is installed and that there is room in %s."
              .formatted(line.getFirst(), e.getMessage(), folder),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SysmolException.failed(line.getFirst() + " was interrupted; run it again.", e);
    }
  }
}
