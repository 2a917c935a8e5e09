package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.PlainSteps;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
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
    Target target = Target.lookups(cpuClass);
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
            new Spec(516, 33, 5, 40, 1, 1, 1, 1, true, false, false, false, true, true),
            new Spec(2048, 200, 1, 1, 1, 1, 1, 1, true, false, false, false, true, true),
            new Spec(196, 72, 9, 1, 3, 3, 1, 1, true, false, false, true, false, true),
            new Spec(68, 40, 8, 2, 3, 3, 2, 1, true, false, false, true, false, true),
            new Spec(1020, 40, 1, 1, 1, 1, 1, 1, true, false, false, true, false, false));
    for (CpuClass cpuClass : CpuClass.values()) {
      if (cpuClass == CpuClass.BASELINE || !CpuFeatures.detect().supports(cpuClass)) {
        System.out.println("not compared on this machine: " + cpuClass.text());
        continue;
      }
      Target target = Target.lookups(cpuClass);
      int onePixel = 0;
      for (int n = 0; n < 90; n++) {
        boolean listed = n < MIXES.size() * large.size();
        Spec spec = listed ? large.get(n / MIXES.size()) : draw(random, 30, 180, 130, 9, 20);
        PackedNetwork network = RandomNetworks.sorted(spec, n, MIXES.get(n % MIXES.size()));
        float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
        try (Engine.Prepared prepared = new NativeNetwork(network, target)) {
          assertThat(NetworkRuns.all(prepared, network, image))
              .as("%s, network %d, %s", cpuClass.text(), n, spec)
              .isEqualTo(reference(network, image));
          if (listed) {
            assertThat(layers(prepared.kernels())).as("%s", spec).isGreaterThanOrEqualTo(2);
          }
        }
        onePixel += onePixelLayers(network, target);
      }
      assertThat(onePixel).isGreaterThan(20);
    }
  }

  /** Layers whose one-bit channels are looked up for one pixel alone. */
  private static int onePixelLayers(PackedNetwork network, Target target) {
    return (int)
        new NetworkCode(network, target)
            .layers().stream()
                .filter(
                    layer ->
                        layer instanceof LookupConvolution looked
                            && looked.plan().onePixel()
                            && looked.segments().oneSteps() > 0)
                .count();
  }

  /** Leaves out one instruction of the layer after the other: its output differs or it faults. */
  @ParameterizedTest
  @CsvSource({"360, 6, false", "364, 1, true"})
  void everyInstructionMatters(int channels, int width, boolean oneBit) {
    Spec spec =
        new Spec(channels, 192, 3, width, 1, 1, 1, 1, true, false, false, true, true, false);
    int[] bits = oneBit ? new int[] {1} : new int[] {1, 1, 1, 1, 1, 2, 4};
    PackedNetwork network = RandomNetworks.sorted(spec, 3, bits);
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(3);
    int step = GeneratedCodeTest.step(network, "layer");
    for (int input : network.steps().get(step).reads()) {
      GeneratedCodeTest.fill(tensors.codes(input), network.tensors().get(input), random);
    }
    new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
    for (CpuClass cpuClass : List.of(CpuClass.AVX2, CpuClass.AVXVNNI)) {
      Target target = Target.lookups(cpuClass);
      InterpretedNetwork whole = new InterpretedNetwork(network, target);
      int output = network.steps().get(step).output();
      byte[] expected = whole.memory(output, tensors);
      assertThat(whole.agree(output, expected, whole.step(step, tensors, 2))).isTrue();
      List<String> unnoticed = new ArrayList<>();
      int tried = 0;
      for (int index : GeneratedCodeTest.instructionsOf(whole.program(), "layer")) {
        if (random.nextInt(oneBit ? 2 : 6) > 0) {
          continue;
        }
        tried++;
        try {
          var damaged = whole.changed(all -> GeneratedCodeTest.without(all, index));
          String text = whole.program().entries().get(index).toString();
          // Each segment points to its sums and weights, also where the last one left off there.
          boolean twice = text.startsWith("lea r9, ") || text.startsWith("lea r13, ");
          if (!twice && whole.agree(output, expected, damaged.step(step, tensors, 2))) {
            unnoticed.add(index + " " + text);
          }
        } catch (IllegalStateException fault) {
          assertThat(fault).hasMessageMatching("(?s)(Line|The program) .*");
        }
      }
      assertThat(tried).isGreaterThan(100);
      assertThat(unnoticed).as("%s, of %d instructions", cpuClass.text(), tried).isEmpty();
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
        random.nextInt(1, width + 1),
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
