package org.sysmol.cli;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Packing;
import picocli.CommandLine.Option;

/** The chip that precisions are matched to, in one of two words. */
final class ArchitectureOptions {
  @Option(
      names = "--patterns",
      paramLabel = "SET",
      description =
          "What registers hold: U2, U4, P4, P8, P45, free, lane, register (what holds one precision"
              + " alone), or a list such as 128,0,0;0,0,32; with +taps where registers span filter"
              + " taps, +lanes, +256 or +512 (docs/patterns.md; train's default: P4).")
  private @Nullable String patterns;

  @Option(
      names = "--arch",
      paramLabel = "FILE",
      description =
          "The same as an architecture file, whose name has a dot or a slash, or the name of a"
              + " preset; instead of --patterns.")
  private @Nullable String arch;

  /** The text of the packing asked for, or of {@code usual} if there is none. */
  String packing(String usual) {
    if (patterns != null && arch != null) {
      throw SysmolException.badInput(
          "--patterns and --arch both say what registers hold; give one of them.");
    }
    if (arch != null) {
      return Architecture.named(arch).packing().text();
    }
    return Packing.parse(patterns == null ? usual : patterns).text();
  }

  /**
   * The text of the packing asked for.
   *
   * @throws SysmolException if there is none
   */
  String packing() {
    if (patterns == null && arch == null) {
      throw SysmolException.badInput(
          "What registers hold is missing; give --patterns, for instance P4, or --arch with a file.");
    }
    return packing("");
  }
}
