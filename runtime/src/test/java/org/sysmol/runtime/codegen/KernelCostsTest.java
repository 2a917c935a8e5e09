package org.sysmol.runtime.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.engine.RandomNetworks.Spec;
import org.sysmol.runtime.machine.CpuClass;

/** Kernels are chosen by costs: whatever these say is the cheapest is taken, and says so. */
class KernelCostsTest {
  private static final PackedNetwork NETWORK =
      RandomNetworks.sorted(
          new Spec(64, 64, 16, 16, 3, 3, 1, 1, true, false, false, false, true, false), 3, 1, 2, 4);

  private static final double DEAR = 1e6;

  private static LayerCode layer(CpuClass cpuClass, KernelCosts costs) {
    NetworkCode code = new NetworkCode(NETWORK, new Target(cpuClass).withCosts(costs));
    List<String> names = NETWORK.steps().stream().map(Step::name).toList();
    return code.layers().get(names.indexOf("layer"));
  }

  private static KernelCosts costs(double product, double transformed, double looked) {
    return new KernelCosts(product, transformed, 1, looked, looked, looked, true);
  }

  @Test
  void theCheapestKernelIsTaken() {
    assertThat(layer(CpuClass.AVX2, costs(1, DEAR, DEAR))).isInstanceOf(DotConvolution.class);
    LayerCode looked = layer(CpuClass.AVX2, costs(DEAR, DEAR, 1));
    assertThat(looked).isInstanceOf(LookupConvolution.class);
    assertThat(looked.reason()).contains("measured on this machine");
    for (CpuClass cpuClass : List.of(CpuClass.AVXVNNI, CpuClass.AVX512)) {
      assertThat(layer(cpuClass, costs(1, DEAR, DEAR))).isInstanceOf(DotConvolution.class);
      LayerCode transformed = layer(cpuClass, costs(DEAR, 1, DEAR));
      assertThat(transformed).isInstanceOf(WinogradConvolution.class);
      assertThat(transformed.reason()).contains("measured on this machine");
    }
  }

  @Test
  void builtInCostsSayWhereTheyComeFrom() {
    for (CpuClass cpuClass : CpuClass.values()) {
      assertThat(KernelCosts.builtIn(cpuClass).measured()).isFalse();
      assertThat(KernelCosts.builtIn(cpuClass).origin()).contains("Zen 5");
    }
  }

  @Test
  void costsThatAreNoCostsAreRefused() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> costs(bad, 1, 1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> costs(1, 1, bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
