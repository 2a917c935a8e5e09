package org.sysmol.runtime.cost;

import java.util.List;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.cost.SyntheticNetwork.Layer;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.machine.CpuClass;

/**
 * Measures what the choice between kernels depends on: each kernel on a layer with few and on one
 * with many input channels. The difference is the cost of a multiply-accumulate, what remains is
 * what the kernel costs besides.
 */
final class KernelCalibration {
  private static final int FEW = 64;
  private static final int MANY = 192;
  private static final int OUTPUTS = 128;
  private static final int MAP = 28;
  private static final int TAPS = 9;
  private static final int RUNS = 101;

  /** Outputs of all pixels. */
  private static final double ALL = OUTPUTS * MAP * MAP;

  /** A measured cost that is further than this from the one built in is not believed. */
  private static final double CREDIBLE = 5;

  private final CpuClass cpuClass;
  private final MachineCodeEngine engine;

  KernelCalibration(CpuClass cpuClass, MachineCodeEngine engine) {
    this.cpuClass = cpuClass;
    this.engine = engine;
  }

  /**
   * A kernel's time, as a line over input channels.
   *
   * @param perMac picoseconds of a multiply-accumulate
   * @param perOutput picoseconds of an output without any
   */
  private record Line(double perMac, double perOutput) {}

  KernelCosts measure() {
    KernelCosts builtIn = KernelCosts.builtIn(cpuClass);
    Line plain = line(engine.plain(), 4, List.of("vpdpbusd", "vpmaddubsw", "tdpbusd"));
    Line winograd = line(engine.winograd(), 4, List.of("winograd"));
    Line one = line(engine.lookups(), 1, List.of("vpshufb"));
    Line two = line(engine.lookups(), 2, List.of("vpshufb"));
    return new KernelCosts(
        credible(plain.perMac(), builtIn.product()),
        credible(winograd.perMac(), builtIn.transformedProduct()),
        credible(winograd.perOutput() - plain.perOutput(), builtIn.transforms()),
        credible(one.perMac(), builtIn.oneBit()),
        credible(two.perMac(), builtIn.twoBits()),
        credible(one.perOutput() - plain.perOutput(), builtIn.segment()),
        true);
  }

  /** Not a number, as from a kernel that the class lacks, or out of reason: the built-in cost. */
  private static double credible(double measured, double builtIn) {
    boolean holds = measured > builtIn / CREDIBLE && measured < builtIn * CREDIBLE;
    return holds ? measured : builtIn;
  }

  private Line line(Engine kernel, int bits, List<String> names) {
    double few = nanoseconds(kernel, bits, FEW, names);
    double many = nanoseconds(kernel, bits, MANY, names);
    double perMac = 1e3 * (many - few) / (ALL * TAPS * (MANY - FEW));
    return new Line(perMac, 1e3 * few / ALL - perMac * TAPS * FEW);
  }

  /** Time of a layer, or not a number if another kernel runs it. */
  private static double nanoseconds(Engine kernel, int bits, int inputs, List<String> names) {
    PackedNetwork network =
        SyntheticNetwork.of(new Layer(CostKind.WINDOW, bits, inputs, OUTPUTS, MAP, 3, 1));
    List<String> steps = network.steps().stream().map(Step::name).toList();
    int layer = steps.indexOf(SyntheticNetwork.LAYER);
    try (Engine.Prepared prepared = kernel.prepare(network)) {
      String name = prepared.kernels().get(layer);
      if (names.stream().noneMatch(name::contains)) {
        return Double.NaN;
      }
      return CostMeasurement.times(prepared, network, RUNS)[layer];
    }
  }
}
