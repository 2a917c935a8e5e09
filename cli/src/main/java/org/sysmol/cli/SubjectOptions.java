package org.sysmol.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.engine.Shapes;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is timed, a packed network from a file or a known architecture, and on how many threads. */
final class SubjectOptions {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NET.smol",
      description = "The packed network.")
  private @Nullable Path file;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      completionCandidates = NetworkNames.class,
      description = "A network without training, one of ${COMPLETION-CANDIDATES}.")
  private @Nullable String name;

  @Option(
      names = "--mix",
      paramLabel = "A,B,C",
      description =
          "With --network: percentages of 1-, 2- and 4-bit channels in every searched layer"
              + " (default: 50,30,20).")
  private @Nullable String mix;

  @Option(
      names = "--bits",
      paramLabel = "B",
      description = "With --network: mean bits of the searched layers instead of a mix, 1 to 4.")
  private @Nullable Double bits;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "With --network: of weights and channels (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads for one image (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  /** Threads for one image, at least 1. */
  int threads() {
    return threads;
  }

  /** The seed of weights, channels and pictures. */
  long seed() {
    return seed;
  }

  /** True if the network comes from a file. */
  boolean fromFile() {
    return file != null;
  }

  /**
   * Refuses what does not go together.
   *
   * @param command name of the command, for the message
   */
  void check(String command) {
    if ((file == null) == (name == null)) {
      throw SysmolException.badInput(
          command + " takes either a packed network NET.smol or --network NAME.");
    }
    if (file != null && (mix != null || bits != null)) {
      throw SysmolException.badInput(
          "--mix and --bits go with --network: the precisions of "
              + file
              + " are in the file already.");
    }
    if (mix != null && bits != null) {
      throw SysmolException.badInput("--mix and --bits say the same thing; give one of them.");
    }
    if (threads < 1 || threads > Shapes.MOST_THREADS) {
      throw SysmolException.badInput("--threads takes 1 to " + Shapes.MOST_THREADS + ".");
    }
  }

  /** Reads or makes it. */
  Subject subject(Optional<Path> onnx) {
    if (file != null) {
      return Subject.ofFile(file, onnx);
    }
    ChannelMix channels =
        bits != null
            ? ChannelMix.ofBits(bits)
            : mix != null ? ChannelMix.parse(mix) : new ChannelMix(50, 30, 20);
    return Subject.ofZoo(Objects.requireNonNull(name), channels, seed);
  }
}
