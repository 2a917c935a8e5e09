package org.sysmol.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole way once, on real images. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "The whole way once: trains on Fashion-MNIST, searches precisions, assigns them to hardware"
            + " patterns, fine-tunes, packs, compares all engines bit for bit, times, and reports.",
    footer = {
      "",
      "Examples:",
      "  sysmol demo",
      "  sysmol demo --bits 1.5 --patterns P8 --out eight"
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private TrainingOptions options = new TrainingOptions();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "demo-out",
      description =
          "Where to write; a run that was cut off goes on where it stopped (default:"
              + " ${DEFAULT-VALUE}).")
  private Path out = Path.of("demo-out");

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Images on which engines are compared (default: ${DEFAULT-VALUE}).")
  private int compared = 1000;

  @Override
  public Integer call() {
    CommandSpec command = Objects.requireNonNull(spec);
    PrintWriter print = command.commandLine().getOut();
    OptionValues.requireAtLeast("--images", compared, 1);
    String line = Training.commandLine(command.commandLine());
    Demo demo = new Demo(options, out, compared, line);
    Demo.Outcome outcome = demo.run();
    if (!json.toStandardOutput()) {
      outcome.lines().forEach(print::println);
    }
    json.write(outcome.summary(), print);
    print.flush();
    return outcome.mismatches() == 0 ? 0 : 1;
  }
}
