package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.machine.CpuClass;
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
      description = "avx2, avxvnni, avx512 or amx: machine code of no more than that class.")
  private @Nullable String isa;

  /** The engine asked for; says on {@code err} why faster ones were refused. */
  EngineChoice choose(PrintWriter err) {
    EngineChoice choice = EngineChoice.of(engine, Optional.ofNullable(isa).map(CpuClass::parse));
    choice.refused().forEach(why -> err.println("slower engine in use: " + why));
    return choice;
  }
}
