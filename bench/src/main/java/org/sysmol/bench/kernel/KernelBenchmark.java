package org.sysmol.bench.kernel;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.bench.synthetic.SmoothPictures;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.SmolNetwork;

/**
 * One layer of a known network, alone: its input stays in the cache, and it reads what the layers
 * before it made of a picture.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class KernelBenchmark {
  /** Seed of networks and pictures. */
  static final long SEED = 1;

  /** The engine whose kernels are timed. */
  static final String ENGINE = "machine-code";

  /** A network by name. */
  @Param("resnet18")
  public String network = "";

  /** Name of its step. */
  @Param("stage1/block1/conv1")
  public String layer = "";

  /** Percentages of 1-, 2- and 4-bit channels. */
  @Param("50,30,20")
  public String mix = "";

  /** Class of instructions; empty for all that the machine has. */
  @Param("")
  public String isa = "";

  private @Nullable SmolNetwork loaded;
  private SmolNetwork.@Nullable Session session;
  private int step;

  /** Loads the network and runs it once. */
  @Setup(Level.Trial)
  public void load() {
    PackedNetwork packed = Subject.ofZoo(network, ChannelMix.parse(mix), SEED).packed();
    List<String> names = packed.steps().stream().map(Step::name).toList();
    step = names.indexOf(layer);
    if (step < 0) {
      throw SysmolException.badInput(
          "Network " + network + " has no layer " + layer + "; it has " + names + ".");
    }
    EngineClass engine =
        EngineClass.parse(ENGINE, Optional.of(isa).filter(text -> !text.isEmpty()));
    loaded = SmolNetwork.of(packed, engine.chooseByKeptCosts());
    SmolNetwork.Session opened = loaded.newSession();
    session = opened;
    opened.run(SmoothPictures.normalised(packed.preprocessing(), 1, SEED).getFirst());
  }

  /** Gives the network back. */
  @TearDown(Level.Trial)
  public void close() {
    Objects.requireNonNull(session).close();
    Objects.requireNonNull(loaded).close();
  }

  /** Runs the layer. */
  @Benchmark
  public void run() {
    Objects.requireNonNull(session).runStep(step);
  }
}
