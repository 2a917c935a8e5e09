package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** Convolutions by look-up tables give the bits of the scalar reference. */
class LookupConvolutionTest {
  private static final List<int[]> MIXES =
      List.of(
          new int[] {1},
          new int[] {2},
          new int[] {1, 1, 2, 4},
          new int[] {1, 2},
          new int[] {1, 4},
          new int[] {2, 4});

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void codeOfEveryClassEqualsTheReference(CpuClass cpuClass) {
    Target target = new Target(cpuClass, Target.Lookup.WHERE_POSSIBLE);
    SplittableRandom random = new SplittableRandom(17);
    int lookedUp = 0;
    for (int n = 0; n < 60; n++) {
      Spec spec = draw(random, 1, 37, 69, 5, 7);
      PackedNetwork network = RandomNetworks.sorted(spec, n, MIXES.get(n % MIXES.size()));
      float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
      InterpretedNetwork interpreted = new InterpretedNetwork(network, target);
      int threads = 1 + n % 3;
      assertThat(interpreted.run(image, threads))
          .as("%s, network %d, %d threads, %s", cpuClass.text(), n, threads, spec)
          .isEqualTo(reference(network, image));
      assertThat(cpuClass.features()).containsAll(interpreted.program().features());
      lookedUp += layers(interpreted.code().kernels());
    }
    assertThat(lookedUp).isGreaterThan(60);
  }

  /** Long sums, several blocks, strips and chunks: too much for the interpreter. */
  @Test
  void thisMachineEqualsTheReferenceOnLargerLayers() {
    SplittableRandom random = new SplittableRandom(18);
    List<Spec> large =
        List.of(
            new Spec(200, 72, 9, 9, 3, 3, 1, 1, true, false, false, false, true, true),
            new Spec(768, 40, 3, 4, 3, 3, 1, 1, true, false, false, false, false, true),
            new Spec(128, 200, 3, 71, 3, 3, 1, 1, true, false, false, true, true, false),
            new Spec(64, 64, 40, 41, 3, 3, 2, 1, true, false, false, false, true, false),
            new Spec(516, 33, 5, 40, 1, 1, 1, 1, true, false, false, false, true, true));
    for (CpuClass cpuClass : CpuClass.values()) {
      if (cpuClass == CpuClass.BASELINE || !CpuFeatures.detect().supports(cpuClass)) {
        System.out.println("not compared on this machine: " + cpuClass.text());
        continue;
      }
      Target target = new Target(cpuClass, Target.Lookup.WHERE_POSSIBLE);
      for (int n = 0; n < 60; n++) {
        Spec spec =
            n < 3 * large.size() ? large.get(n % large.size()) : draw(random, 30, 180, 130, 9, 20);
        PackedNetwork network = RandomNetworks.sorted(spec, n, MIXES.get(n % MIXES.size()));
        float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
        try (Engine.Prepared prepared = new NativeNetwork(network, target)) {
          assertThat(NetworkRuns.all(prepared, network, image))
              .as("%s, network %d, %s", cpuClass.text(), n, spec)
              .isEqualTo(reference(network, image));
          if (n < large.size()) {
            assertThat(layers(prepared.kernels())).as("%s", spec).isGreaterThanOrEqualTo(2);
          }
        }
      }
    }
  }

  private static int layers(List<String> kernels) {
    return (int) kernels.stream().filter(k -> k.contains("vpshufb")).count();
  }

  private static Spec draw(
      SplittableRandom random, int least, int most, int outputs, int height, int width) {
    return new Spec(
        random.nextInt(least, most + 1),
        random.nextInt(1, outputs + 1),
        random.nextInt(1, height + 1),
        random.nextInt(2, width + 1),
        1 + random.nextInt(3),
        1 + random.nextInt(3),
        1 + random.nextInt(4) / 3,
        1 + random.nextInt(4) / 3,
        true,
        false,
        false,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(4) == 0);
  }

  private static List<String> reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      return NetworkRuns.all(prepared, network, image);
    }
  }
}
