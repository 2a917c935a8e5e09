package org.sysmol.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.machine.CpuClass;

/** Every engine gives the bits of the scalar reference: all tensors and the results. */
class EngineEqualityTest {
  private static final int NETWORKS = 250;

  /** All engines that this machine can run, and a line for each that it cannot. */
  static List<Engine> engines() {
    List<Engine> engines = new ArrayList<>();
    engines.add(new VectorEngine());
    for (CpuClass cpuClass : CpuClass.values()) {
      var made = MachineCodeEngine.create(cpuClass);
      made.engine().ifPresent(engines::add);
      if (made.engine().isEmpty()) {
        System.out.println(
            "not compared on this machine: " + cpuClass.text() + ": " + made.refusal());
      }
    }
    return engines;
  }

  @Test
  void enginesEqualTheReferenceOnRandomNetworks() {
    SplittableRandom random = new SplittableRandom(20261125);
    List<Engine> engines = engines();
    int compared = 0;
    for (int n = 0; n < NETWORKS; n++) {
      RandomNetworks.Spec spec = RandomNetworks.draw(random);
      PackedNetwork network = RandomNetworks.of(spec, n);
      float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
      List<String> expected = run(new ScalarEngine(), network, image);
      int threads = 1 + n % 3;
      for (Engine engine : engines) {
        try (Engine.Prepared prepared = engine.prepare(network)) {
          assertThat(NetworkRuns.all(prepared, network, image, threads))
              .as("%s, network %d, %d threads, %s", engine.description(), n, threads, spec)
              .isEqualTo(expected);
        }
        compared++;
      }
    }
    assertThat(compared).isEqualTo(NETWORKS * engines.size());
  }

  @Test
  void aFlippedWeightBitIsNoticed() {
    RandomNetworks.Spec spec =
        new RandomNetworks.Spec(33, 37, 7, 7, 3, 3, 1, 1, true, false, false, true, true, false);
    PackedNetwork network = RandomNetworks.of(spec, 5);
    float[] image = NetworkRuns.image(network, new SplittableRandom(5), 4f);
    List<String> expected = run(new ScalarEngine(), network, image);
    SplittableRandom random = new SplittableRandom(6);
    for (Engine engine : engines()) {
      int noticed = 0;
      for (int i = 0; i < 40; i++) {
        PackedNetwork damaged = flipped(network, random.nextInt(1 << 20));
        List<String> after = run(engine, damaged, image);
        noticed += after.equals(expected) ? 0 : 1;
        assertThat(after).isEqualTo(run(new ScalarEngine(), damaged, image));
      }
      // A weight whose activation is 0 in every window can't be noticed; most can.
      assertThat(noticed).isGreaterThan(10);
    }
  }

  /** The network with one weight bit of its middle layer flipped. */
  static PackedNetwork flipped(PackedNetwork network, int bit) {
    List<Step> steps = new ArrayList<>();
    for (Step step : network.steps()) {
      if (step instanceof Step.Convolution c && c.name().equals("layer")) {
        step = c.withWeights(c.weights().withFlippedBit(bit));
      }
      steps.add(step);
    }
    return network.withSteps(steps);
  }

  private static List<String> run(Engine engine, PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = engine.prepare(network)) {
      return NetworkRuns.all(prepared, network, image);
    }
  }
}
