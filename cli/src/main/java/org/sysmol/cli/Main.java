package org.sysmol.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.machine.CpuFeatures;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The program. Exit codes: 0 done, 1 the work failed, 2 wrong usage or bad input; an error is one
 * sentence that says what, where, and what to do.
 */
@Command(
    name = "sysmol",
    version = Main.VERSION,
    mixinStandardHelpOptions = true,
    description =
        "Neural networks whose every input channel has its own precision (1, 2 or 4 bits),"
            + " constrained to what a chip can execute.",
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      RetargetCommand.class,
      CompileCommand.class,
      RunCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      ExplainCommand.class,
      KernelsCommand.class,
      SimulateCommand.class,
      FuzzCommand.class,
      RtlCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      ReproduceCommand.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  sysmol demo                          the whole way once, on real images",
      "  sysmol inspect demo-out/demo.smol    what is in a packed network",
      "  sysmol run demo-out/demo.smol --data datasets/fashion-mnist",
      "  sysmol import net.onnx               what is read from an ONNX file"
    })
public final class Main implements Runnable {
  /** Name and version, as files record it. */
  static final String VERSION = "sysmol 0.1.0";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // Asks the system for tiles (AMX), which it grants only before other native code starts
    // threads. Where there are none, commands that run nothing are spared what asking takes.
    if (mayHaveTiles()) {
      CpuFeatures ignored = CpuFeatures.detect();
    }
    System.exit(run(arguments));
  }

  /** False only if the system says that the processor has no tiles. */
  private static boolean mayHaveTiles() {
    try {
      String processors = Files.readString(Path.of("/proc/cpuinfo"));
      return !processors.contains("flags") || processors.contains(" amx_tile");
    } catch (IOException | RuntimeException unknown) {
      return true;
    }
  }

  /** Runs the command line. */
  static int run(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (problem, command, parsed) -> {
          if (problem instanceof SysmolException known) {
            command.getErr().println("sysmol: " + known.getMessage());
            return known.exitCode();
          }
          command
              .getErr()
              .println("sysmol: this is a fault of the program; please report what follows.");
          problem.printStackTrace(command.getErr());
          return 1;
        });
    line.setParameterExceptionHandler(Main::refused);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError full) {
      line.getErr()
          .println(
              "sysmol: there is not enough memory ("
                  + full.getMessage()
                  + "): a smaller --batch or --size takes less, or give Java more with"
                  + " SYSMOL_JVM_FLAGS=-Xmx8g.");
      return 1;
    }
  }

  /** Wrong usage: one sentence, and where to read on. */
  private static int refused(CommandLine.ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof SysmolException known) {
        command.getErr().println("sysmol: " + known.getMessage());
        return known.exitCode();
      }
    }
    String text =
        problem instanceof CommandLine.UnmatchedArgumentException unmatched
            ? "Nothing here takes " + String.join(" ", unmatched.getUnmatched())
            : String.valueOf(problem.getMessage())
                .strip()
                .replaceAll("is not an? (int|long)", "is no whole number that fits")
                .replaceAll("is not an? (double|float)", "is no number");
    String name = command.getCommandSpec().qualifiedName(" ");
    command
        .getErr()
        .println(
            "sysmol: "
                + text.replaceAll("\\R+", " ")
                + (text.endsWith(".") ? "" : ".")
                + " See "
                + name
                + " --help.");
    return 2;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
