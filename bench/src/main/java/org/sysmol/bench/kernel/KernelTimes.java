package org.sysmol.bench.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.sysmol.bench.EngineClass;
import org.sysmol.bench.LayerShape;
import org.sysmol.bench.Subject;
import org.sysmol.bench.synthetic.ChannelMix;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.SmolNetwork;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;

/** Runs {@link KernelBenchmark} for layers and mixes, each in a process of its own. */
public final class KernelTimes {
  private KernelTimes() {}

  /**
   * The time of a layer.
   *
   * @param layer name of the step
   * @param shape as {@link LayerShape} writes it
   * @param mix percentages of 1-, 2- and 4-bit channels
   * @param kernel that ran it
   * @param macs multiply-accumulates
   * @param nanoseconds mean of JMH's iterations
   * @param error half of the 99.9 % confidence interval, in nanoseconds
   */
  public record Time(
      String layer,
      String shape,
      String mix,
      String kernel,
      long macs,
      double nanoseconds,
      double error) {
    /** 10^9 multiply-accumulates a second. */
    public double gmacs() {
      return macs / nanoseconds;
    }
  }

  /**
   * Names of convolutions, the first of each shape.
   *
   * @param network one of {@link org.sysmol.train.zoo.NetworkZoo#names}
   */
  public static List<String> layers(String network) {
    Map<String, String> first = new LinkedHashMap<>();
    PackedNetwork packed = packed(network);
    for (Step step : packed.steps()) {
      if (step instanceof Step.Convolution c) {
        first.putIfAbsent(LayerShape.text(packed, c), c.name());
      }
    }
    return List.copyOf(first.values());
  }

  private static PackedNetwork packed(String network) {
    return Subject.ofZoo(network, new ChannelMix(0, 0, 100), KernelBenchmark.SEED).packed();
  }

  /** Names of the kernels that {@link KernelBenchmark} finds chosen, by layer. */
  private static Map<String, String> kernels(String network, String mix, EngineClass engine) {
    PackedNetwork packed =
        Subject.ofZoo(network, ChannelMix.parse(mix), KernelBenchmark.SEED).packed();
    Map<String, String> kernels = new HashMap<>();
    try (SmolNetwork loaded = SmolNetwork.of(packed, engine.chooseByKeptCosts())) {
      for (int s = 0; s < packed.steps().size(); s++) {
        kernels.put(packed.steps().get(s).name(), loaded.kernels().get(s));
      }
    }
    return kernels;
  }

  /**
   * Times layers.
   *
   * @param layers names of convolutions of the network
   * @param mixes percentages as {@link ChannelMix#parse} takes them
   * @param isa class of instructions; empty for all that the machine has
   * @param done receives each time when it is known
   */
  public static List<Time> measure(
      String network,
      List<String> layers,
      List<String> mixes,
      Optional<CpuClass> isa,
      Consumer<Time> done) {
    PackedNetwork packed = packed(network);
    Map<String, Step.Convolution> convolutions = new LinkedHashMap<>();
    for (Step step : packed.steps()) {
      if (step instanceof Step.Convolution c) {
        convolutions.put(c.name(), c);
      }
    }
    mixes.forEach(ChannelMix::parse);
    for (String layer : layers) {
      if (!convolutions.containsKey(layer)) {
        throw SysmolException.badInput(
            "Network "
                + network
                + " has no convolution "
                + layer
                + "; it has "
                + String.join(", ", convolutions.keySet())
                + ".");
      }
    }
    EngineClass engine = new EngineClass(KernelBenchmark.ENGINE, isa);
    Map<String, Map<String, String>> kernels = new HashMap<>();
    List<Time> times = new ArrayList<>();
    for (String layer : layers) {
      Step.Convolution c = Objects.requireNonNull(convolutions.get(layer));
      for (String mix : mixes) {
        String kernel =
            kernels.computeIfAbsent(mix, m -> kernels(network, m, engine)).getOrDefault(layer, "");
        Result<?> result = run(network, layer, mix, isa);
        Time time =
            new Time(
                layer,
                LayerShape.text(packed, c),
                mix,
                kernel,
                Explanation.macs(c),
                result.getScore(),
                result.getScoreError());
        times.add(time);
        done.accept(time);
      }
    }
    return times;
  }

  private static Result<?> run(String network, String layer, String mix, Optional<CpuClass> isa) {
    var options =
        new OptionsBuilder()
            .include("^" + KernelBenchmark.class.getName() + "\\.run$")
            .param("network", network)
            .param("layer", layer)
            .param("mix", mix)
            .param("isa", isa.map(CpuClass::text).orElse(""))
            .verbosity(VerboseMode.SILENT)
            // The Vector API is not needed there, and the JVM warns about it at each start.
            .jvmArgs("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
            .shouldFailOnError(true)
            .build();
    try {
      return new Runner(options).runSingle().getPrimaryResult();
    } catch (RunnerException e) {
      throw SysmolException.failed(
          "JMH could not time layer " + layer + " of " + network + ": " + e.getMessage() + ".", e);
    }
  }
}
