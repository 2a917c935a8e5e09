package org.sysmol.hardware.silicon;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/**
 * Whether a mapped netlist does what the Verilog that it was made of does: yosys makes an
 * and-inverter graph of each, the netlist's cells by their functions in the Liberty file, and abc
 * (dsec) proves that no sequence of inputs makes their outputs differ, registers starting at 0.
 */
public final class Equivalence {
  /** What abc found. */
  public enum Verdict {
    /** No input makes them differ. */
    PROVED,
    /** Some input makes them differ. */
    REFUTED,
    /** Neither was found in the time allowed. */
    UNDECIDED
  }

  /**
   * A verdict.
   *
   * @param seconds that abc took
   */
  public record Result(Verdict verdict, double seconds) {}

  private static final int MINUTES = 60;

  // Both sides alike from here on. Registers start at 0: dsec compares from a state that both
  // share.
  private static final String TO_GRAPH =
      """
      proc -norom
      flatten
      async2sync
      opt -fast
      techmap
      opt -fast
      dffunmap
      setundef -init -zero
      aigmap
      splitnets -ports
      opt_clean -purge
      """;

  private Equivalence() {}

  /** Refuses if a program that is needed is missing. */
  public static void requireTools() {
    ExternalProgram.YOSYS.require("read a netlist for its proof");
    ExternalProgram.ABC.require("prove a netlist");
  }

  /**
   * Compares.
   *
   * @param module the top module of both
   * @param verilog as it was written
   * @param netlist as it was mapped
   * @param liberty the text of the netlist's library
   * @param limit how long abc may take
   * @throws SysmolException (failed) if the two have different ports, or a tool fails
   */
  public static Result of(
      String module, String verilog, String netlist, String liberty, Duration limit) {
    try (WorkFolder folder = WorkFolder.create()) {
      folder.write("cells.lib", liberty);
      folder.write("written.v", verilog);
      folder.write("mapped.v", netlist);
      graph(folder, module, "read_verilog written.v\n", "written");
      graph(
          folder,
          module,
          "read_liberty -ignore_miss_func cells.lib\nread_verilog mapped.v\n",
          "mapped");
      long start = System.nanoTime();
      Optional<String> said =
          ExternalProgram.ABC.runWithin(
              folder.path(), limit, List.of("-c", "dsec written.aig mapped.aig"));
      double seconds = (System.nanoTime() - start) * 1e-9;
      return new Result(verdict(module, said), seconds);
    }
  }

  private static void graph(WorkFolder folder, String module, String reading, String name) {
    folder.write(
        name + ".ys",
        reading
            + "hierarchy -check -top %s\n".formatted(module)
            + TO_GRAPH
            + "write_aiger -zinit -symbols %s.aig\n".formatted(name));
    ExternalProgram.YOSYS.run(folder.path(), MINUTES, List.of("-q", "-s", name + ".ys"));
  }

  private static Verdict verdict(String module, Optional<String> said) {
    if (said.isEmpty()) {
      return Verdict.UNDECIDED;
    }
    String text = said.get();
    if (text.contains("Networks are equivalent")) {
      return Verdict.PROVED;
    }
    if (text.contains("Networks are NOT EQUIVALENT")) {
      return Verdict.REFUTED;
    }
    if (text.contains("Networks are UNDECIDED")) {
      return Verdict.UNDECIDED;
    }
    throw SysmolException.failed(
        "abc could not compare %s with its netlist; it wrote: %s"
            .formatted(module, text.strip().lines().filter(l -> !l.isBlank()).limit(6).toList()));
  }
}
