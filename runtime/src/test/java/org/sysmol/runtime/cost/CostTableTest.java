package org.sysmol.runtime.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.Demand;
import org.sysmol.runtime.codegen.BitPlane;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.cost.CostTable.Cost;
import org.sysmol.runtime.engine.RandomNetworks;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** Costs are found again, lie between their neighbours, and add up over precisions. */
class CostTableTest {
  private static final Peak PEAK = new Peak(100, 1000, 1, 1, 1);

  private static CostTable table(CpuClass cpuClass, Cost... costs) {
    return new CostTable("cpu", cpuClass, PEAK, KernelCosts.builtIn(cpuClass), List.of(costs));
  }

  @Test
  void measuredPointsAreFoundAndOthersLieBetween() {
    CostTable table =
        table(
            CpuClass.AVX2,
            new Cost(CostKind.WINDOW, 2, 64, 64, 3136, 0.004),
            new Cost(CostKind.WINDOW, 2, 256, 256, 196, 0.002),
            new Cost(CostKind.WINDOW, 4, 64, 64, 3136, 9));
    assertThat(table.perUnit(CostKind.WINDOW, 2, 64, 64, 3136)).isEqualTo(0.004);
    assertThat(table.perUnit(CostKind.WINDOW, 2, 256, 256, 196)).isEqualTo(0.002);
    double between = table.perUnit(CostKind.WINDOW, 2, 128, 128, 784);
    assertThat(between).isEqualTo(Math.sqrt(0.004 * 0.002), within(1e-9));
    assertThat(table.perUnit(CostKind.WINDOW, 2, 65, 64, 3136)).isCloseTo(0.004, within(1e-5));
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> table.perUnit(CostKind.POINT, 2, 1, 1, 1))
        .hasMessageContaining("point at 2 bits");
  }

  @Test
  void precisionsAddUp() {
    List<Cost> costs = new ArrayList<>();
    for (int bits = 1; bits <= 8; bits *= 2) {
      costs.add(new Cost(CostKind.WINDOW, bits, 64, 64, 25, bits));
    }
    PackedNetwork network =
        RandomNetworks.of(
            new RandomNetworks.Spec(
                64, 64, 5, 5, 3, 3, 1, 1, true, false, false, false, false, false),
            3);
    Step.Convolution step =
        (Step.Convolution)
            network.steps().stream().filter(s -> s.name().equals("layer")).findFirst().get();
    double bits = 0;
    int ones = 0;
    for (byte p : step.weights().precision()) {
      bits += p / 64.0;
      ones += p == 1 ? 1 : 0;
    }
    assertThat(ones).isPositive();
    double macs = 64.0 * 64 * 9 * 25;
    CostTable without = table(CpuClass.AVX2, costs.toArray(Cost[]::new));
    assertThat(without.nanoseconds(network, step, 0)).isCloseTo(macs * bits, within(1e-3));
    CostTable counting = table(CpuClass.AVX512, costs.toArray(Cost[]::new));
    assertThat(counting.nanoseconds(network, step, 0))
        .isCloseTo(macs * (bits + ones / 64.0), within(1e-3));
    assertThat(counting.nanoseconds(network, step, Math.round(macs * ones / 64)))
        .isCloseTo(macs * bits, within(1e-3));
  }

  /** Before precisions are known and after, whether the class counts bits or multiplies. */
  @ParameterizedTest
  @EnumSource(value = CpuClass.class, mode = EnumSource.Mode.EXCLUDE, names = "BASELINE")
  void oneBitChannelsCostWhatOneBitWasMeasuredToCost(CpuClass cpuClass) {
    Cost[] costs = {
      new Cost(CostKind.IMAGE, 8, 3, 3, 25, 1),
      new Cost(CostKind.POINT, 8, 3, 64, 25, 1),
      new Cost(CostKind.WINDOW, 1, 64, 64, 25, 0.25),
      new Cost(CostKind.WINDOW, 2, 64, 64, 25, 0.5),
      new Cost(CostKind.WINDOW, 4, 64, 64, 25, 1),
      new Cost(CostKind.POINT, 1, 64, 1, 25, 1),
      new Cost(CostKind.POINT, 2, 64, 1, 25, 1),
      new Cost(CostKind.POINT, 4, 64, 1, 25, 1)
    };
    CostTable table = table(cpuClass, costs);
    PackedNetwork network =
        SyntheticNetwork.of(new SyntheticNetwork.Layer(CostKind.WINDOW, 1, 64, 64, 5, 3, 1));
    Step.Convolution step =
        (Step.Convolution)
            network.steps().stream()
                .filter(s -> s.name().equals(SyntheticNetwork.LAYER))
                .findFirst()
                .orElseThrow();
    long macs = 64L * 64 * 9 * 25;
    assertThat(table.nanoseconds(network, step, BitPlane.counts(cpuClass) ? macs : 0))
        .isEqualTo(0.25 * macs);
    var before = TimePrediction.of(network, table).layers().get(step.input());
    assertThat(before.picoseconds(new Demand(64, 0, 0))).isEqualTo(250 * macs);
    assertThat(before.picoseconds(new Demand(0, 64, 0))).isEqualTo(500 * macs);
  }

  /** A stride, another width or groups: such windows are not transformed, and cost more. */
  @ParameterizedTest
  @CsvSource({
    "3, 3, 1, 1, WINDOW",
    "1, 3, 1, 1, WINDOW",
    "3, 3, 2, 1, OTHER_WINDOW",
    "3, 3, 1, 2, OTHER_WINDOW",
    "3, 5, 1, 1, OTHER_WINDOW",
    "3, 1, 1, 1, OTHER_WINDOW"
  })
  void windowsThatMayBeTransformedHaveCostsOfTheirOwn(
      int height, int width, int stride, int dilation, CostKind kind) {
    PackedNetwork network =
        RandomNetworks.of(
            new RandomNetworks.Spec(
                16, 16, 9, 9, height, width, stride, dilation, true, false, false, false, false,
                false),
            3);
    Step layer =
        network.steps().stream().filter(s -> s.name().equals("layer")).findFirst().orElseThrow();
    assertThat(CostKind.of(network, layer)).isEqualTo(kind);
  }

  @Test
  void groupedWindowsAreNotTransformedEither() {
    int grouped = 0;
    for (int seed = 0; seed < 20; seed++) {
      PackedNetwork network =
          RandomNetworks.of(
              new RandomNetworks.Spec(
                  15, 30, 9, 9, 3, 3, 1, 1, true, false, false, false, true, false),
              seed);
      for (Step step : network.steps()) {
        if (step instanceof Step.Convolution c && c.name().equals("grouped") && c.groups() > 1) {
          assertThat(CostKind.of(network, c)).isEqualTo(CostKind.OTHER_WINDOW);
          grouped++;
        }
      }
    }
    assertThat(grouped).isPositive();
  }

  @Test
  void theLayersThatAreTimedAreSound() {
    for (CostKind kind :
        List.of(CostKind.WINDOW, CostKind.OTHER_WINDOW, CostKind.DEPTHWISE, CostKind.STEM)) {
      int stride = kind == CostKind.WINDOW ? 1 : 2;
      for (int bits = kind == CostKind.STEM ? 8 : 1; bits <= 8; bits *= 2) {
        int channels = kind == CostKind.STEM ? 3 : 32;
        PackedNetwork network =
            SyntheticNetwork.of(new SyntheticNetwork.Layer(kind, bits, channels, 32, 9, 3, stride));
        NetworkCheck.check(network);
        Step step =
            network.steps().stream()
                .filter(s -> s.name().equals(SyntheticNetwork.LAYER))
                .findFirst()
                .orElseThrow();
        assertThat(CostKind.of(network, step)).isEqualTo(kind);
        int perOutput = kind == CostKind.DEPTHWISE ? 1 : channels;
        assertThat(CostKind.units(network, step))
            .isEqualTo(32L * perOutput * 9 * (stride == 1 ? 81 : 25));
      }
    }
    PackedNetwork others = SyntheticNetwork.withoutWeights(16, 8);
    assertThat(others.steps().stream().map(s -> CostKind.of(others, s)))
        .contains(
            CostKind.IMAGE,
            CostKind.REQUANTISE,
            CostKind.REORDER,
            CostKind.JOIN,
            CostKind.TABLE,
            CostKind.SCALE,
            CostKind.MAX_POOL,
            CostKind.AVERAGE_POOL);
  }

  @Test
  void thisMachineIsMeasuredWhole() {
    CostTable table = CostMeasurement.measure(CpuFeatures.detect().best());
    for (CostKind kind : CostKind.values()) {
      boolean searched = kind.countsMacs() && kind != CostKind.STEM;
      for (int bits = searched ? 1 : 8; bits <= 8; bits *= 2) {
        assertThat(table.perUnit(kind, bits, 64, 64, 784)).isBetween(1e-5, 1e3);
      }
    }
  }
}
