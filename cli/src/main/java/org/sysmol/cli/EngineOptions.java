package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.EngineClass;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.cost.CostCache;
import picocli.CommandLine.Option;

/** The options that choose how a packed network runs. */
final class EngineOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, machine-code, vector or scalar (default: ${DEFAULT-VALUE}).")
  private String engine = "auto";

  @Option(
      names = "--isa",
      paramLabel = "CLASS",
      description =
          "avx2, avxvnni, avx512 or amx: machine code of no more than that class (default: all that"
              + " the processor has).")
  private @Nullable String isa;

  /** What is asked for. */
  EngineClass asked() {
    return EngineClass.parse(engine, Optional.ofNullable(isa));
  }

  /**
   * The engine asked for, with the costs kept for this machine if there are any; says on {@code
   * err} why faster ones were refused.
   */
  EngineChoice choose(PrintWriter err) {
    CostCache cache = CostCache.ofUser(err::println);
    EngineChoice choice = asked().choose(cache::kept);
    report(choice, err);
    return choice;
  }

  /**
   * Refuses what only machine code can follow, if none will run.
   *
   * @param threads for one image
   * @param options that are about machine code and were given, by name
   * @throws SysmolException (bad input) that names the option and the engine
   */
  void refusePortable(int threads, List<String> options) {
    EngineChoice choice = asked().choose();
    if (asked().classOf(choice).isPresent()) {
      return;
    }
    String portable =
        "engine "
            + choice.engine().name()
            + (choice.refused().isEmpty() ? "" : ", to which this machine falls back,");
    if (threads > 1) {
      throw SysmolException.badInput(
          "--threads "
              + threads
              + " needs machine code: "
              + portable
              + " computes an image on one thread; leave --threads out.");
    }
    if (!options.isEmpty()) {
      throw SysmolException.badInput(
          options.getFirst()
              + " has nothing to do: "
              + portable
              + " runs no machine code, and only its kernels are measured; leave it out.");
    }
  }

  /** Says why faster engines were refused, and how the one in use gets what it needs. */
  static void report(EngineChoice choice, PrintWriter err) {
    choice.refused().forEach(why -> err.println("slower engine in use: " + why));
    // The launcher expected machine code, which needs none of the JVM's second compiler.
    if (!choice.refused().isEmpty() && System.getProperty("sysmol.compilers", "").equals("1")) {
      err.println(
          "this engine wants both of the JVM's compilers: set SYSMOL_JVM_FLAGS=-XX:TieredStopAtLevel=4 in the environment");
    }
  }
}
