package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.engine.ScalarEngine;
import org.sysmol.runtime.machine.CpuClass;

/** Every step says why it runs as it does, and what is slower than it could be. */
class ExplanationTest {
  private static List<Explanation> explain(PackedNetwork network, CpuClass cpuClass) {
    NetworkCode code = new NetworkCode(network, new Target(cpuClass));
    return code.explain(new long[code.layers().size()]);
  }

  private static Explanation of(PackedNetwork network, CpuClass cpuClass, String step) {
    List<String> names = network.steps().stream().map(Step::name).toList();
    assertThat(names).contains(step);
    return explain(network, cpuClass).get(names.indexOf(step));
  }

  private static Spec spec(int channels, int outputs, int map, boolean depthwise, boolean eight) {
    return new Spec(
        channels, outputs, map, map, 3, 3, 1, 1, true, depthwise, false, false, eight, false);
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void everyStepOfEveryClassIsExplained(CpuClass cpuClass) {
    int convolutions = 0;
    for (Spec spec : GeneratedCodeTest.SPECS) {
      PackedNetwork network = RandomNetworks.of(spec, 7);
      List<Explanation> all = explain(network, cpuClass);
      assertThat(all).hasSameSizeAs(network.steps());
      for (int s = 0; s < all.size(); s++) {
        Explanation e = all.get(s);
        assertThat(e.kernel()).startsWith(cpuClass.text());
        assertThat(e.reason()).hasSizeGreaterThan(10).doesNotEndWith(".");
        e.fallback().ifPresent(what -> assertThat(what).hasSizeGreaterThan(20));
        boolean convolution = network.steps().get(s) instanceof Step.Convolution;
        convolutions += convolution ? 1 : 0;
        assertThat(e.macs() > 0).isEqualTo(convolution);
        assertThat(e.bitMacs()).isBetween(0L, e.macs());
        assertThat(e.bytes()).isPositive();
      }
    }
    assertThat(convolutions).isGreaterThan(100);
  }

  @Test
  void channelsThatAreCountedAsBitsAreNamed() {
    PackedNetwork network = RandomNetworks.of(spec(64, 64, 5, false, false), 3);
    Explanation counted = of(network, CpuClass.AVX512, "layer");
    assertThat(counted.reason()).containsPattern("1-bit channels (32|64) of 64 counted as bits");
    assertThat(counted.bitMacs()).isIn(counted.macs() / 2, counted.macs());
    Explanation narrow = of(network, CpuClass.AVX2, "layer");
    assertThat(narrow.reason()).doesNotContain("counted");
    assertThat(narrow.bitMacs()).isZero();
    assertThat(narrow.macs()).isEqualTo(counted.macs()).isEqualTo(64L * 64 * 9 * 25);
  }

  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void bitsAreCountedOnClassesThatAreSaidToCountThem(CpuClass cpuClass) {
    PackedNetwork ones = RandomNetworks.sorted(spec(64, 64, 5, false, false), 3, 1);
    Explanation layer = of(ones, cpuClass, "layer");
    assertThat(layer.bitMacs()).isEqualTo(BitPlane.counts(cpuClass) ? layer.macs() : 0);
  }

  @Test
  void slowPathsAreOwnedUpTo() {
    PackedNetwork wide = RandomNetworks.of(spec(64, 64, 5, false, true), 3);
    assertThat(of(wide, CpuClass.AVX2, "codes").reason()).contains("shuffles of 16 bytes");
    assertThat(of(wide, CpuClass.AVX512, "codes").reason()).contains("permutations of 64 bytes");
    // Blocks of 16 and more outputs share the channels of three groups or five.
    PackedNetwork grouped = RandomNetworks.of(spec(96, 96, 5, false, true), 3);
    long seed = 3;
    while (!(grouped.steps().get(grouped.steps().size() - 2) instanceof Step.Convolution c)
        || c.groups() == 1) {
      grouped = RandomNetworks.of(spec(96, 96, 5, false, true), ++seed);
    }
    assertThat(of(grouped, CpuClass.AVX512, "grouped").fallback().orElse(""))
        .contains("times the multiplications needed");
    PackedNetwork depthwise = RandomNetworks.of(spec(64, 64, 5, true, true), 3);
    assertThat(of(depthwise, CpuClass.AVX512, "layer").fallback()).isEmpty();
    // An eight-bit depthwise layer may have sums beyond 16 bits.
    assertThat(of(depthwise, CpuClass.AVX512, "edge depthwise").fallback().orElse(""))
        .contains("vpmulld");
  }

  @Test
  void portableEnginesFellBackThroughout() {
    PackedNetwork network = RandomNetworks.of(spec(8, 8, 4, false, true), 1);
    try (var prepared = new ScalarEngine().prepare(network)) {
      assertThat(prepared.explain())
          .hasSameSizeAs(network.steps())
          .allMatch(e -> e.fallback().orElse("").contains("instead of machine code"))
          .allMatch(e -> e.bytes() > 0);
      for (int s = 0; s < network.steps().size(); s++) {
        assertThat(prepared.explain().get(s).macs())
            .isEqualTo(explain(network, CpuClass.AVX2).get(s).macs());
      }
    }
  }
}
