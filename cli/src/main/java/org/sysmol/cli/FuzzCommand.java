package org.sysmol.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sysmol.bench.Machine;
import org.sysmol.bench.fuzz.Fuzzing;
import org.sysmol.core.SysmolException;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.machine.CpuClass;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for networks that an engine computes otherwise than the reference. */
@Command(
    name = "fuzz",
    mixinStandardHelpOptions = true,
    description =
        "Runs random networks on every engine and class of instructions of this machine and compares"
            + " all integers with those of the scalar reference.",
    footer = {
      "",
      "Examples:",
      "  sysmol fuzz --minutes 60",
      "  sysmol fuzz --isa avx2 --seed 7 --networks 1000",
      "",
      "The networks' seeds are numbers one after the other, beginning with --seed; a difference ends",
      "the run with one sentence that names the seed, and exit code 1."
    })
final class FuzzCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOutput json = new JsonOutput();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the first network (default: from the clock).")
  private @Nullable Long seed;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "How long (default: 1, or without end where --networks is given).")
  private @Nullable Double minutes;

  @Option(
      names = "--networks",
      paramLabel = "N",
      description = "How many networks (default: as many as the time allows).")
  private @Nullable Long networks;

  @Option(
      names = "--isa",
      paramLabel = "CLASS",
      description = "avx2, avxvnni, avx512 or amx: only machine code of this class (default: all).")
  private @Nullable String isa;

  @Override
  public Integer call() {
    if ((minutes != null && !(minutes > 0 && minutes < 1e6))
        || (networks != null && networks < 1)) {
      throw SysmolException.badInput("--minutes and --networks take numbers above 0.");
    }
    Optional<CpuClass> only = Optional.ofNullable(isa).map(CpuClass::parse);
    if (only.isPresent()) {
      // Refuses a class that is not there.
      EngineChoice ignored = EngineChoice.of("machine-code", only);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    long first = seed != null ? seed : System.currentTimeMillis() * 1000;
    Fuzzing fuzzing = Fuzzing.ofThisMachine(only, err::println);
    err.println("seed " + first + ", CPU class " + Machine.here().cpuClass());
    for (Engine engine : fuzzing.engines()) {
      err.println("compared: " + engine.description());
    }
    err.flush();
    double time = minutes != null ? minutes : networks != null ? 1e6 : 1;
    Fuzzing.Outcome outcome =
        fuzzing.run(
            first,
            networks != null ? networks : Long.MAX_VALUE,
            (long) (time * TimeUnit.MINUTES.toNanos(1)),
            new Ticker(err, first));
    if (outcome.difference().isPresent()) {
      throw SysmolException.failed(outcome.difference().get());
    }
    if (!json.toStandardOutput()) {
      out.printf(
          Locale.ROOT,
          "%,d networks, %,d runs compared from seed %d on: all equal to the reference%n",
          outcome.networks(),
          outcome.comparisons(),
          first);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("seed", first);
    result.put("cpu_class", Machine.here().cpuClass());
    result.put("engines", fuzzing.engines().stream().map(Engine::description).toList());
    result.put("networks", outcome.networks());
    result.put("runs", outcome.comparisons());
    json.write(result, out);
    out.flush();
    return 0;
  }

  /** A line every half a minute: a crash of the process leaves a trace of where it was. */
  private static final class Ticker implements Runnable {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(30);
    private final PrintWriter err;
    private long seed;
    private long done;
    private long last = System.nanoTime();

    Ticker(PrintWriter err, long seed) {
      this.err = err;
      this.seed = seed;
    }

    @Override
    public void run() {
      seed++;
      done++;
      if (System.nanoTime() - last > EVERY) {
        last = System.nanoTime();
        err.printf(Locale.ROOT, "%,d networks, at seed %d%n", done, seed);
        err.flush();
      }
    }
  }
}
