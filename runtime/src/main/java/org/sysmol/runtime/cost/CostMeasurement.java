package org.sysmol.runtime.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.codegen.MachineCodeEngine;
import org.sysmol.runtime.cost.CostTable.Cost;
import org.sysmol.runtime.cost.SyntheticNetwork.Layer;
import org.sysmol.runtime.engine.Engine;
import org.sysmol.runtime.engine.Profile;
import org.sysmol.runtime.machine.CpuClass;
import org.sysmol.runtime.machine.CpuFeatures;

/** Times layers of all kinds, sizes and precisions on the processor at hand. */
public final class CostMeasurement {
  private static final int[] BITS = {1, 2, 4, 8};

  /** Input channels, output channels, height and width of the map. */
  private static final int[][] WINDOWS = {
    {16, 16, 32}, {64, 64, 56}, {128, 128, 28}, {256, 256, 14}, {512, 512, 7}
  };

  private static final int[][] OTHER_WINDOWS = {
    {16, 32, 32}, {64, 128, 56}, {128, 256, 28}, {256, 512, 14}
  };

  private static final int[][] POINTS = {
    {16, 96, 56}, {64, 256, 56}, {256, 64, 56}, {512, 128, 28}, {256, 1024, 14}, {2048, 512, 7}
  };

  private static final int[][] DEPTHWISE = {
    {32, 32, 112}, {144, 144, 56}, {384, 384, 14}, {960, 960, 7}
  };
  private static final int[][] LINEAR = {{64, 10, 1}, {512, 1000, 1}, {2048, 1000, 1}};

  /** As the others, then the kernel and the stride. */
  private static final int[][] STEMS = {{3, 16, 32, 3, 1}, {3, 32, 224, 3, 2}, {3, 64, 224, 7, 2}};

  private static final int[][] WITHOUT_WEIGHTS = {{16, 32}, {64, 56}, {256, 14}, {512, 7}};

  private static final long NETWORK_NS = 25_000_000;
  private static final int FEWEST_RUNS = 7;
  private static final int MOST_RUNS = 301;
  private static final int TRIAL_RUNS = 3;

  private final Engine engine;
  private final List<Cost> costs = new ArrayList<>();

  private CostMeasurement(Engine engine) {
    this.engine = engine;
  }

  /**
   * Measures, in a few seconds.
   *
   * @throws SysmolException (bad input) if code of that class can't run here
   */
  public static CostTable measure(CpuClass cpuClass) {
    MachineCodeEngine.Creation made = MachineCodeEngine.create(cpuClass);
    MachineCodeEngine engine =
        made.engine()
            .orElseThrow(
                () -> SysmolException.badInput("Costs can't be measured here: " + made.refusal()));
    KernelCosts kernels = new KernelCalibration(cpuClass, engine).measure();
    CostMeasurement measurement = new CostMeasurement(engine.withCosts(kernels));
    measurement.all();
    return new CostTable(
        CpuFeatures.detect().name(), cpuClass, Peak.measure(cpuClass), kernels, measurement.costs);
  }

  private void all() {
    for (int bits : BITS) {
      grid(CostKind.WINDOW, bits, WINDOWS, 3, 1);
      grid(CostKind.OTHER_WINDOW, bits, OTHER_WINDOWS, 3, 2);
      grid(CostKind.POINT, bits, POINTS, 1, 1);
      grid(CostKind.DEPTHWISE, bits, DEPTHWISE, 3, 1);
      grid(CostKind.LINEAR, bits, LINEAR, 1, 1);
    }
    for (int[] stem : STEMS) {
      layer(new Layer(CostKind.STEM, 8, stem[0], stem[1], stem[2], stem[3], stem[4]), true);
    }
    for (int[] size : WITHOUT_WEIGHTS) {
      PackedNetwork network = SyntheticNetwork.withoutWeights(size[0], size[1]);
      long[] times = times(network);
      for (int s = 1; s < times.length; s++) {
        if (!(network.steps().get(s) instanceof Step.Convolution)) {
          add(network, network.steps().get(s), times[s], 8);
        }
      }
    }
  }

  private void grid(CostKind kind, int bits, int[][] sizes, int kernel, int stride) {
    for (int[] size : sizes) {
      layer(new Layer(kind, bits, size[0], size[1], size[2], kernel, stride), false);
    }
  }

  private void layer(Layer layer, boolean image) {
    PackedNetwork network = SyntheticNetwork.of(layer);
    long[] times = times(network);
    for (int s = 0; s < times.length; s++) {
      Step step = network.steps().get(s);
      if (step.name().equals(SyntheticNetwork.LAYER)) {
        add(network, step, times[s], layer.bits());
      } else if (image && step instanceof Step.QuantiseImage) {
        add(network, step, times[s], 8);
      }
    }
  }

  private void add(PackedNetwork network, Step step, long time, int bits) {
    PackedTensor out = network.tensors().get(step.output());
    int inputs = step.input() < 0 ? out.channels() : network.tensors().get(step.input()).channels();
    costs.add(
        new Cost(
            CostKind.of(network, step),
            bits,
            inputs,
            out.channels(),
            out.height() * out.width(),
            Math.max(1, time) / (double) CostKind.units(network, step)));
  }

  private long[] times(PackedNetwork network) {
    try (Engine.Prepared prepared = engine.prepare(network)) {
      return times(prepared, network, MOST_RUNS);
    }
  }

  /** Median nanoseconds of each step. */
  static long[] times(Engine.Prepared prepared, PackedNetwork network, int mostRuns) {
    SplittableRandom random = new SplittableRandom(1);
    float[] image = new float[network.image().size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextDouble(-1, 1);
    }
    int steps = network.steps().size();
    try (Engine.Context context = prepared.newContext(1)) {
      context.run(image, new float[network.result().size()]);
      long once = 1;
      for (long time : Profile.of(context, steps, TRIAL_RUNS)) {
        once += time;
      }
      return Profile.of(context, steps, Math.clamp(NETWORK_NS / once, FEWEST_RUNS, mostRuns));
    }
  }
}
