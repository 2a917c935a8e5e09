package org.sysmol.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.sysmol.core.file.SmolFile;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.EngineChoice;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.ScalarEngine;

/** The fuzzing reaches every kernel and notices a planted mistake. */
class FuzzingTest {
  @Test
  void enginesEqualTheReference() {
    Fuzzing.Outcome outcome =
        Fuzzing.ofThisMachine(Optional.empty(), System.out::println)
            .run(500, 150, Long.MAX_VALUE / 2, () -> {});
    assertThat(outcome.difference()).isEmpty();
    assertThat(outcome.networks()).isEqualTo(150);
    assertThat(outcome.comparisons()).isPositive();
  }

  @Test
  void aPlantedMistakeIsNoticedInOneSentence() {
    int noticed = 0;
    for (long seed = 0; seed < 80; seed++) {
      Fuzzing.Outcome outcome =
          new Fuzzing(List.of(new FlippedBit())).run(seed, 1, Long.MAX_VALUE / 2, () -> {});
      noticed += outcome.difference().isPresent() ? 1 : 0;
      long number = seed;
      outcome
          .difference()
          .ifPresent(
              what ->
                  assertThat(what)
                      .matches(
                          "planted on [123] threads? differs from the reference in (tensor .* at"
                              + " row .*|result .*), a .* from .* to .*; see it again with ./sysmol"
                              + " fuzz --seed "
                              + number
                              + " --networks 1\\."));
    }
    // A weight whose activation is always 0, or whose sum is cut off, can't be noticed.
    assertThat(noticed).isGreaterThan(30);
  }

  @Test
  void theSameSeedGivesTheSameNetworkAndItCouldComeFromAFile() {
    for (long seed = 0; seed < 100; seed++) {
      PackedNetwork network = RandomNetwork.of(seed);
      NetworkCheck.check(network);
      byte[] bytes = SmolFile.bytes(network);
      assertThat(SmolFile.bytes(RandomNetwork.of(seed))).isEqualTo(bytes);
      assertThat(SmolFile.bytes(SmolFile.read(bytes, "network"))).isEqualTo(bytes);
    }
  }

  @Test
  void everyKindOfStepIsDrawn() {
    Set<String> kernels = new TreeSet<>();
    Set<String> shapes = new TreeSet<>();
    Engine engine = EngineChoice.auto().engine();
    for (long seed = 0; seed < 400; seed++) {
      PackedNetwork network = RandomNetwork.of(seed);
      for (Step step : network.steps()) {
        shapes.add(shape(network, step));
      }
      try (Engine.Prepared prepared = engine.prepare(network)) {
        prepared.kernels().forEach(name -> kernels.add(name.replaceAll("[0-9]+x[0-9]+", "NxN")));
      }
    }
    System.out.println("Kernels that 400 random networks use: " + kernels);
    assertThat(shapes)
        .containsExactly(
            "Average",
            "Convolution",
            "Convolution depthwise",
            "Convolution dilated",
            "Convolution grouped",
            "Convolution uneven",
            "Convolution with residual",
            "Gate",
            "Gather",
            "Gather of several",
            "Image",
            "Join",
            "Maximum",
            "Product",
            "Reorder",
            "Requantise",
            "Table",
            "Table of precisions");
  }

  private static String shape(PackedNetwork network, Step step) {
    return switch (step) {
      case Step.QuantiseImage _ -> "Image";
      case Step.MaxPool _ -> "Maximum";
      case Step.AveragePool _ -> "Average";
      case Step.Join _ -> "Join";
      case Step.Gather g -> g.inputs().size() == 1 ? "Gather" : "Gather of several";
      case Step.Scale s ->
          network.tensors().get(s.gate()).size() == network.tensors().get(s.output()).size()
              ? "Product"
              : "Gate";
      case Step.Table t -> t.codes().length == 1 ? "Table" : "Table of precisions";
      case Step.Requantise r -> r.reorders() ? "Reorder" : "Requantise";
      case Step.Convolution c -> {
        if (c.groups() > 1) {
          yield c.weights().channelsPerOutput() == 1
              ? "Convolution depthwise"
              : "Convolution grouped";
        }
        if (c.window().dilationY() > 1) {
          yield "Convolution dilated";
        }
        if (c.window().padTop() != c.window().padLeft()) {
          yield "Convolution uneven";
        }
        yield c.residual() < 0 ? "Convolution" : "Convolution with residual";
      }
    };
  }

  /** The reference, but for one bit of the first convolution's weights. */
  private static final class FlippedBit implements Engine {
    @Override
    public String name() {
      return "planted";
    }

    @Override
    public String description() {
      return "planted";
    }

    @Override
    public Prepared prepare(PackedNetwork network) {
      List<Step> steps = new ArrayList<>();
      boolean flipped = false;
      for (Step step : network.steps()) {
        if (!flipped && step instanceof Step.Convolution c) {
          flipped = true;
          step = c.withWeights(c.weights().withFlippedBit(0));
        }
        steps.add(step);
      }
      return new ScalarEngine().prepare(network.withSteps(steps));
    }
  }
}
