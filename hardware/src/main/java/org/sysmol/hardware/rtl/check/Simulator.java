package org.sysmol.hardware.rtl.check;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/** A public simulator that runs a testbench. */
public enum Simulator {
  /** Compiles to machine code: the faster one. Needs g++ and make too. */
  VERILATOR,
  /** Interprets. */
  IVERILOG;

  private static final int MINUTES = 30;
  private static final Pattern RESULT = Pattern.compile("checked (\\d+) mismatches (\\d+)");

  /** What a testbench counted. */
  record Count(int checked, int mismatches) {}

  /** Whether its programs are on the PATH. */
  public boolean present() {
    return this == VERILATOR
        ? ExternalProgram.VERILATOR.present()
            && ExternalProgram.GXX.present()
            && ExternalProgram.MAKE.present()
        : ExternalProgram.IVERILOG.present() && ExternalProgram.VVP.present();
  }

  /**
   * The best one that is there.
   *
   * @throws SysmolException (bad input) naming packages if there is none
   */
  public static Simulator best() {
    for (Simulator simulator : values()) {
      if (simulator.present()) {
        return simulator;
      }
    }
    throw SysmolException.badInput(
        "Checking the RTL needs a simulator and none is on the PATH: install the Debian package iverilog, or verilator with g++ and make.");
  }

  /** Runs {@code unit}'s testbench on the vectors that lie in {@code folder}. */
  Count run(WorkFolder folder, Testbench testbench, String unit) {
    folder.write("unit.v", unit);
    folder.write("testbench.v", testbench.emit());
    String output;
    if (this == VERILATOR) {
      // Verilator 5.006 miscomputes netlists rich in XOR unless the first of these optimisations is
      // off; with the other two on, a lane's adders become expressions of megabytes.
      ExternalProgram.VERILATOR.run(
          folder.path(),
          MINUTES,
          List.of(
              "--binary",
              "-O1",
              "-fno-const-bit-op-tree",
              "-fno-gate",
              "-fno-inline",
              "-Wno-fatal",
              "-Wno-lint",
              "-Wno-style",
              "--top-module",
              Testbench.NAME,
              "-Mdir",
              "made",
              "-MAKEFLAGS",
              "OPT_FAST=-O1",
              "testbench.v",
              "unit.v"));
      output =
          ExternalProgram.run(
              List.of(folder.path().resolve("made/V" + Testbench.NAME).toString()),
              folder.path(),
              MINUTES);
    } else {
      ExternalProgram.IVERILOG.run(
          folder.path(),
          MINUTES,
          List.of("-g2005", "-o", "made.vvp", "-s", Testbench.NAME, "testbench.v", "unit.v"));
      output = ExternalProgram.VVP.run(folder.path(), MINUTES, List.of("-N", "made.vvp"));
    }
    Matcher result = RESULT.matcher(output);
    if (!result.find()) {
      throw SysmolException.failed(
          "The simulator did not finish its testbench of %s; it wrote: %s"
              .formatted(testbench.module(), output.strip().lines().limit(6).toList()));
    }
    return new Count(Integer.parseInt(result.group(1)), Integer.parseInt(result.group(2)));
  }
}
