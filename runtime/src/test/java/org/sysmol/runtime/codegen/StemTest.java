package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.NetworkRuns;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.engine.Tensors;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/**
 * Layers on grey and coloured images, whose pixels lie close together, over rows of whole vectors
 * of pixels and of what is left of them.
 */
class StemTest {
  private static final int NETWORKS = 60;

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void interpretedCodeEqualsTheReference(CpuClass cpuClass) {
    SplittableRandom random = new SplittableRandom(17);
    for (int n = 0; n < NETWORKS; n++) {
      Spec spec = draw(random, n);
      PackedNetwork network = RandomNetworks.stem(spec, n);
      float[] image = NetworkRuns.image(network, random, spec.extreme() ? 100f : 4f);
      InterpretedNetwork code = new InterpretedNetwork(network, new Target(cpuClass));
      try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
        assertThat(code.run(image, 1 + n / 3 % 3))
            .as("%s, network %d, %s", cpuClass.text(), n, spec)
            .isEqualTo(NetworkRuns.all(prepared, network, image));
      }
    }
  }

  /** On the processor, between pages that nobody may touch. */
  @Test
  void processorsTouchNothingBesideTheImage() {
    List<CpuClass> classes =
        CpuFeatures.detect().classes().stream().filter(c -> c != CpuClass.BASELINE).toList();
    assertThat(classes).as("this machine runs generated code").isNotEmpty();
    SplittableRandom random = new SplittableRandom(18);
    for (int n = 0; n < NETWORKS; n++) {
      Spec spec = draw(random, n);
      PackedNetwork network = RandomNetworks.stem(spec, n);
      float[] image = NetworkRuns.image(network, random, 4f);
      Tensors expected = reference(network, image);
      for (CpuClass cpuClass : classes) {
        for (boolean atEnd : List.of(true, false)) {
          try (GuardedNetwork guarded =
              new GuardedNetwork(network, new Target(cpuClass), atEnd, 1 + n / 3 % 3)) {
            guarded.run(image);
            assertThat(guarded.unlike(expected))
                .as("%s, network %d, %s", cpuClass.text(), n, spec)
                .isEmpty();
          }
        }
      }
    }
  }

  /** Images lie as close together as their readers allow: words on avx2, bytes, fours for tiles. */
  @Test
  void pixelsLieCloseTogether() {
    Spec spec = new Spec(3, 8, 9, 17, 3, 3, 1, 1, true, false, false, false, true, false);
    PackedNetwork network = RandomNetworks.stem(spec, 1);
    PackedTensor image = network.tensors().getFirst();
    assertThat(image.channels()).isEqualTo(3);
    for (CpuClass cpuClass : List.of(CpuClass.AVXVNNI, CpuClass.AVX512)) {
      assertThat(layout(network, cpuClass).pitch()).isEqualTo(3);
    }
    assertThat(layout(network, CpuClass.AVX2).pitch()).isEqualTo(6);
    assertThat(layout(network, CpuClass.AVX2).zero()).isZero();
    assertThat(layout(network, CpuClass.AMX).pitch()).isEqualTo(4);
  }

  private static NativeTensor layout(PackedNetwork network, CpuClass cpuClass) {
    return new NetworkLayout(network, new Target(cpuClass)).tensor(0);
  }

  private static Spec draw(SplittableRandom random, int n) {
    int[] heights = {1, 2, 5, 9};
    int[] widths = {1, 3, 5, 8, 13, 16, 17, 24, 32, 37};
    int[] kernels = {1, 2, 3, 5, 7};
    int[] outputs = {1, 8, 16, 17, 33, 48};
    return new Spec(
        n % 3 == 0 ? 1 : 3,
        outputs[random.nextInt(outputs.length)],
        heights[random.nextInt(heights.length)],
        widths[n % widths.length],
        kernels[random.nextInt(kernels.length)],
        kernels[random.nextInt(kernels.length)],
        1 + random.nextInt(3),
        1 + random.nextInt(2),
        true,
        false,
        false,
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextInt(4) == 0);
  }

  private static Tensors reference(PackedNetwork network, float[] image) {
    try (Engine.Prepared prepared = new ScalarEngine().prepare(network)) {
      Engine.Context context = prepared.newTracingContext(1);
      context.run(image, new float[network.result().size()]);
      return context.tensors();
    }
  }
}
