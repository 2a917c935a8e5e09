package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
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

/** Convolutions of transformed windows give the bits of the scalar reference. */
class WinogradConvolutionTest {
  private static final List<int[]> MIXES =
      List.of(
          new int[] {4},
          new int[] {2},
          new int[] {1, 1, 2, 4},
          new int[] {1, 2},
          new int[] {1, 4},
          new int[] {1},
          new int[] {2, 4},
          new int[] {});

  @ParameterizedTest
  @EnumSource(
      value = CpuClass.class,
      names = {"AVXVNNI", "AVX512"})
  void codeOfEveryClassEqualsTheReference(CpuClass cpuClass) {
    Target target = Target.winograd(cpuClass);
    SplittableRandom random = new SplittableRandom(19);
    int transformed = 0;
    for (int n = 0; n < 80; n++) {
      Spec spec = draw(random, 1, 69, 69, 5, 11);
      PackedNetwork network = network(spec, n);
      float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
      InterpretedNetwork interpreted = new InterpretedNetwork(network, target);
      int threads = 1 + n % 3;
      assertThat(interpreted.run(image, threads))
          .as("%s, network %d, %d threads, %s", cpuClass.text(), n, threads, spec)
          .isEqualTo(reference(network, image));
      assertThat(cpuClass.features()).containsAll(interpreted.program().features());
      transformed += layers(interpreted.code().kernels());
    }
    assertThat(transformed).isGreaterThan(100);
  }

  /** Long sums, several blocks, strips and tiles: too much for the interpreter. */
  @Test
  void thisMachineEqualsTheReferenceOnLargerLayers() {
    SplittableRandom random = new SplittableRandom(20);
    List<Spec> large =
        List.of(
            spec(200, 72, 9, 9, 3, true),
            spec(768, 40, 3, 4, 3, true),
            spec(128, 200, 3, 71, 1, false),
            spec(64, 64, 56, 56, 3, false),
            spec(128, 128, 28, 29, 3, true),
            spec(256, 64, 14, 14, 3, false),
            spec(96, 33, 40, 7, 5, false));
    for (CpuClass cpuClass : List.of(CpuClass.AVXVNNI, CpuClass.AVX512)) {
      if (!CpuFeatures.detect().supports(cpuClass)) {
        System.out.println("not compared on this machine: " + cpuClass.text());
        continue;
      }
      Target target = Target.winograd(cpuClass);
      for (int n = 0; n < 50; n++) {
        Spec spec = n < large.size() ? large.get(n) : draw(random, 30, 180, 130, 19, 40);
        PackedNetwork network = network(spec, n);
        float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
        try (Engine.Prepared prepared = new NativeNetwork(network, target)) {
          assertThat(NetworkRuns.all(prepared, network, image))
              .as("%s, network %d, %s", cpuClass.text(), n, spec)
              .isEqualTo(reference(network, image));
          if (n < large.size() && !Arrays.equals(MIXES.get(n % MIXES.size()), new int[] {1})) {
            assertThat(layers(prepared.kernels())).as("%s", spec).isGreaterThanOrEqualTo(2);
          }
        }
      }
    }
  }

  /**
   * Leaves out one instruction of the layer after the other: its output differs or it faults. Not
   * those that bring codes to one scale, for the last cells of a row are halo, which is 0, and
   * those that only ask for weights early.
   */
  @Test
  void everyInstructionMatters() {
    Spec spec = new Spec(104, 96, 5, 12, 3, 3, 1, 1, true, false, false, false, true, false);
    PackedNetwork network = RandomNetworks.sorted(spec, 3, 1, 1, 2, 4);
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(3);
    int step = GeneratedCodeTest.step(network, "layer");
    for (int input : network.steps().get(step).reads()) {
      GeneratedCodeTest.fill(tensors.codes(input), network.tensors().get(input), random);
    }
    new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
    for (CpuClass cpuClass : List.of(CpuClass.AVXVNNI, CpuClass.AVX512)) {
      InterpretedNetwork whole = new InterpretedNetwork(network, Target.winograd(cpuClass));
      int output = network.steps().get(step).output();
      byte[] expected = whole.memory(output, tensors);
      assertThat(whole.agree(output, expected, whole.step(step, tensors, 2))).isTrue();
      List<String> unnoticed = new ArrayList<>();
      int tried = 0;
      for (int index : GeneratedCodeTest.instructionsOf(whole.program(), "layer")) {
        String text = whole.program().entries().get(index).toString();
        boolean left = text.matches("vp(and|or|sllvd|slld .*, 0x[123]$).*|vmovdqa.*|prefetch.*");
        if (left || random.nextInt(4) > 0) {
          continue;
        }
        tried++;
        try {
          var damaged = whole.changed(all -> GeneratedCodeTest.without(all, index));
          if (whole.agree(output, expected, damaged.step(step, tensors, 2))) {
            unnoticed.add(index + " " + whole.program().entries().get(index));
          }
        } catch (IllegalStateException fault) {
          assertThat(fault).hasMessageMatching("(?s)(Line|The program) .*");
        }
      }
      assertThat(tried).isGreaterThan(100);
      assertThat(unnoticed).as("%s, of %d instructions", cpuClass.text(), tried).isEmpty();
    }
  }

  /** Codes that are 0 or as large as can be: transformed cells attain the ends of their range. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void extremeCodesStayWithinBytes(int bits) {
    Spec spec = spec(40, 48, 6, 17, 3, false);
    PackedNetwork network = RandomNetworks.sorted(spec, bits, bits);
    Tensors tensors = new Tensors(network);
    SplittableRandom random = new SplittableRandom(bits);
    int step = GeneratedCodeTest.step(network, "twin");
    byte[] codes = tensors.codes(network.steps().get(step).input());
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (random.nextBoolean() ? (1 << bits) - 1 : 0);
    }
    new PlainSteps(network).kernel(network.steps().get(step)).run(tensors);
    for (CpuClass cpuClass : List.of(CpuClass.AVXVNNI, CpuClass.AVX512)) {
      InterpretedNetwork code = new InterpretedNetwork(network, Target.winograd(cpuClass));
      assertThat(code.code().kernels().get(step)).contains("winograd");
      int output = network.steps().get(step).output();
      assertThat(code.agree(output, code.memory(output, tensors), code.step(step, tensors, 1)))
          .as("%s, %d bits", cpuClass.text(), bits)
          .isTrue();
    }
  }

  private static int layers(List<String> kernels) {
    return (int) kernels.stream().filter(k -> k.contains("winograd")).count();
  }

  private static PackedNetwork network(Spec spec, int n) {
    int[] mix = MIXES.get(n % MIXES.size());
    return mix.length == 0 ? RandomNetworks.of(spec, n) : RandomNetworks.sorted(spec, n, mix);
  }

  private static Spec spec(
      int channels, int outputs, int height, int width, int kernelHeight, boolean extreme) {
    return new Spec(
        channels,
        outputs,
        height,
        width,
        kernelHeight,
        3,
        1,
        1,
        true,
        false,
        false,
        false,
        true,
        extreme);
  }

  private static Spec draw(
      SplittableRandom random, int least, int most, int outputs, int height, int width) {
    int channels = random.nextInt(least, most + 1);
    int outs = random.nextInt(1, outputs + 1);
    boolean words = random.nextBoolean();
    return new Spec(
        words ? NativeTensor.roundUp(channels, 32) : channels,
        words ? NativeTensor.roundUp(outs, 32) : outs,
        random.nextInt(1, height + 1),
        random.nextInt(1, width + 1),
        1 + random.nextInt(4),
        3,
        1,
        1,
        random.nextInt(4) > 0,
        false,
        random.nextInt(8) == 0,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(5) == 0);
  }

  private static List<String> reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      return NetworkRuns.all(prepared, network, image);
    }
  }
}
