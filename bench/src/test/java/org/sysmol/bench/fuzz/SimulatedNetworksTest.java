package org.sysmol.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.architecture.ArchitectureFile;
import org.sysmol.core.architecture.Core;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.program.NetworkProgrammer;
import org.sysmol.hardware.simulate.NetworkRun;
import org.sysmol.hardware.simulate.Simulation;
import org.sysmol.hardware.simulate.Simulator;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;

/**
 * Programs for the enhanced core give the bits of the reference on networks of any shape, whatever
 * the width of registers.
 */
class SimulatedNetworksTest {
  private static final int NETWORKS = 100;
  private static final Core MATRIX =
      ArchitectureFile.parse("base-unit = matrix", "Text", "matrix").core();

  /** Weights of few layers fit it, so the others go through all rows again and again. */
  private static final Core SMALL = ArchitectureFile.parse("l1-kib = 2", "Text", "small").core();

  private static final List<Core> CORES = List.of(MATRIX, Core.OUT_OF_ORDER, SMALL);

  @Test
  void programsEqualTheReference() {
    Map<String, Integer> refused = new TreeMap<>();
    Set<Integer> segments = new TreeSet<>();
    int simulated = 0;
    for (int seed = 0; seed < NETWORKS; seed++) {
      PackedNetwork network = RandomNetwork.of(seed);
      float[] image = new float[network.image().size()];
      Random random = new Random(seed);
      for (int i = 0; i < image.length; i++) {
        image[i] = (float) random.nextGaussian();
      }
      PatternSet patterns = seed % 2 == 0 ? PatternSet.P4 : PatternSet.P45;
      Packing packing = new Packing(patterns, 1 << seed / 2 % 3, seed % 5 < 2, false);
      Architecture architecture = Architecture.of("chip", packing).withCore(CORES.get(seed % 3));
      NetworkRun run;
      try {
        run = Simulation.run(network, architecture, image, Simulator.Shortcut.STEADY_STATE);
        segments.addAll(segments(network, architecture));
      } catch (SysmolException e) {
        refused.merge(reason(e), 1, Integer::sum);
        continue;
      }
      assertThat(result(network, run))
          .as("seed %d, %s", seed, network.steps())
          .isEqualTo(expected(network, image));
      simulated++;
    }
    // Packed networks that no compiler writes, and kinds of layers that programs refuse.
    assertThat(refused.keySet())
        .isSubsetOf(
            "Tensor # does not have its channels in the order of precisions, which programs need; compile the network again from its .trained file.",
            "Layer # reads # in # channel groups, another layer in #; programs have one layout of registers for a tensor, so this network can't be simulated.",
            "Tensor # has signed codes that a depthwise layer and another one read; programs store one form of them, so this network can't be simulated.",
            "Layer # has windows of # rows; programs compute at most #, so it can't be simulated.",
            "Layer # has # outputs for each of # channel groups; programs compute at least four at once, so it can't be simulated.");
    assertThat(simulated).isGreaterThan(NETWORKS / 2);
    assertThat(segments).containsExactly(1, 2, 4);
  }

  /** How many segments of 128 bits the programs use. */
  private static Set<Integer> segments(PackedNetwork network, Architecture architecture) {
    return NetworkProgrammer.of(network, architecture).steps().stream()
        .flatMap(step -> step.calls().stream())
        .map(call -> call.program().segments())
        .collect(Collectors.toSet());
  }

  /** A message without the names and numbers of its network. */
  private static String reason(SysmolException e) {
    return e.getMessage()
        .replaceAll("(Layer|Tensor|Step|reads) \\S+", "$1 #")
        .replaceAll("\\b[0-9]+\\b", "#");
  }

  private static float[] expected(PackedNetwork network, float[] image) {
    float[] expected = new float[network.result().size()];
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network);
        Engine.Context context = prepared.newContext(1)) {
      context.run(image, expected);
    }
    return expected;
  }

  private static float[] result(PackedNetwork network, NetworkRun run) {
    int channels = network.result().channels();
    int pixels = network.result().size() / channels;
    float[] result = new float[network.result().size()];
    for (int i = 0; i < result.length; i++) {
      result[network.result().order()[i % channels] * pixels + i / channels] = run.result()[i];
    }
    return result;
  }
}
