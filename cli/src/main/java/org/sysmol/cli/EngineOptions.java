package org.sysmol.cli;

import java.io.PrintWriter;
import org.sysmol.runtime.EngineChoice;
import picocli.CommandLine.Option;

/** The options that choose how a packed network runs. */
final class EngineOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, machine-code, vector or scalar (default: ${DEFAULT-VALUE}).")
  private String engine = "auto";

  /** The engine asked for; says on {@code err} why faster ones were refused. */
  EngineChoice choose(PrintWriter err) {
    EngineChoice choice = EngineChoice.named(engine);
    choice.refused().forEach(why -> err.println("slower engine in use: " + why));
    return choice;
  }
}
