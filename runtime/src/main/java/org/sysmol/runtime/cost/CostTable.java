package org.sysmol.runtime.cost;

import java.util.List;
import java.util.Optional;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.pattern.LayerTime;
import org.sysmol.runtime.codegen.BitPlane;
import org.sysmol.runtime.codegen.KernelCosts;
import org.sysmol.runtime.engine.Explanation;
import org.sysmol.runtime.machine.CpuClass;

/**
 * What steps cost on one kind of processor, one thread, measured with the generated kernels.
 *
 * @param cpu the processor's own name
 * @param cpuClass class that code was generated for
 * @param peak what the processor reaches at most
 * @param kernels by which kernels are chosen
 * @param costs measured points; every kind and precision is there
 */
public record CostTable(
    String cpu, CpuClass cpuClass, Peak peak, KernelCosts kernels, List<Cost> costs) {
  /** Raised whenever kernels or the points measured change, so that older tables are not used. */
  public static final int VERSION = 12;

  /**
   * A measured point.
   *
   * @param kind of step
   * @param bits precision of input channels and weights: 1, 2, 4 or 8; 8 where there are no weights
   * @param inputs input channels
   * @param outputs output channels
   * @param pixels pixels of the output's map
   * @param nanoseconds for one unit of the kind
   */
  public record Cost(
      CostKind kind, int bits, int inputs, int outputs, int pixels, double nanoseconds) {
    /** Squared distance, a factor of two in a dimension being 1. */
    double distance(int otherInputs, int otherOutputs, int otherPixels) {
      double i = logarithm((double) inputs / otherInputs);
      double o = logarithm((double) outputs / otherOutputs);
      double p = logarithm((double) pixels / otherPixels);
      return i * i + o * o + p * p;
    }
  }

  /** Copies the list. */
  public CostTable {
    costs = List.copyOf(costs);
  }

  /**
   * What a step's costs are looked up by.
   *
   * @param units what its kind counts, see {@link CostKind#units}
   */
  private record Size(CostKind kind, long units, int inputs, int outputs, int pixels) {
    static Size of(PackedNetwork network, Step step) {
      PackedTensor out = network.tensors().get(step.output());
      int outputs = out.channels();
      int inputs = step.input() < 0 ? outputs : network.tensors().get(step.input()).channels();
      return new Size(
          CostKind.of(network, step),
          CostKind.units(network, step),
          inputs,
          outputs,
          out.height() * out.width());
    }

    Size ofKind(CostKind other) {
      return new Size(other, units, inputs, outputs, pixels);
    }
  }

  private double perUnit(Size size, int bits) {
    return perUnit(size.kind, bits, size.inputs, size.outputs, size.pixels);
  }

  /** A kind and precision that has no point although every table should have one, in words. */
  public Optional<String> missing() {
    for (CostKind kind : CostKind.values()) {
      boolean searched = kind.countsMacs() && kind != CostKind.STEM;
      for (int bits = searched ? 1 : 8; bits <= 8; bits *= 2) {
        int needed = bits;
        if (costs.stream().noneMatch(c -> c.kind() == kind && c.bits() == needed)) {
          return Optional.of(kind.text() + " at " + bits + " bits");
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Predicts the time of a step in nanoseconds: multiply-accumulates of each precision at the costs
   * of layers of that precision alone.
   *
   * @param bitMacs how many of them count bits, see {@link Explanation}: where the class counts
   *     bits, one-bit channels that are multiplied nevertheless cost what two bits cost
   */
  public double nanoseconds(PackedNetwork network, Step step, long bitMacs) {
    Size size = Size.of(network, step);
    if (!(step instanceof Step.Convolution c)) {
      return size.units * perUnit(size, 8);
    }
    byte[] precision = c.weights().precision();
    double sum = 0;
    double multiplied = 0;
    boolean counts = BitPlane.counts(cpuClass);
    for (int bits = 1; bits <= 8; bits *= 2) {
      int channels = 0;
      for (byte p : precision) {
        channels += p == bits ? 1 : 0;
      }
      double macs = (double) size.units * channels / precision.length + multiplied;
      multiplied = bits == 1 && counts ? Math.max(0, macs - bitMacs) : 0;
      macs -= multiplied;
      sum += macs > 0 ? macs * perUnit(size, bits) : 0;
    }
    return sum;
  }

  /**
   * Predicts the time of a convolution whatever precisions its input's channels have.
   *
   * @param counts whether one-bit channels of its input that fill whole words are counted
   */
  LayerTime layerTime(PackedNetwork network, Step.Convolution step, boolean counts) {
    Size size = Size.of(network, step);
    int channels = step.weights().precision().length;
    double macs = (double) size.units / channels;
    double oneBit = macs * perUnit(size, 1);
    double twoBits = macs * perUnit(size, 2);
    double fourBits = macs * perUnit(size, 4);
    long[] one = new long[channels + 1];
    long[] two = new long[channels + 1];
    long[] four = new long[channels + 1];
    boolean classCounts = BitPlane.counts(cpuClass);
    for (int n = 1; n <= channels; n++) {
      int multiplied = classCounts ? n - (counts ? BitPlane.counted(n) : 0) : 0;
      one[n] = picoseconds((n - multiplied) * oneBit + multiplied * twoBits);
      two[n] = picoseconds(n * twoBits);
      four[n] = picoseconds(n * fourBits);
    }
    return new LayerTime(one, two, four);
  }

  /** The longer of the times that writing codes takes in the stream's order and in another. */
  double requantiseNanoseconds(PackedNetwork network, Step.Requantise step) {
    Size size = Size.of(network, step);
    return size.units
        * Math.max(
            perUnit(size.ofKind(CostKind.REQUANTISE), 8),
            perUnit(size.ofKind(CostKind.REORDER), 8));
  }

  /** Rounded up, so that a budget that sums keep is kept by what they are sums of. */
  static long picoseconds(double nanoseconds) {
    return (long) Math.ceil(1e3 * nanoseconds);
  }

  /**
   * Nanoseconds for one unit: that of a measured point, or between points the mean of their
   * logarithms, near points counting most.
   *
   * @throws IllegalStateException if the table has no such kind
   */
  public double perUnit(CostKind kind, int bits, int inputs, int outputs, int pixels) {
    double weights = 0;
    double sum = 0;
    for (Cost cost : costs) {
      if (cost.kind() != kind || cost.bits() != bits) {
        continue;
      }
      double distance = cost.distance(inputs, outputs, pixels);
      if (distance == 0) {
        return cost.nanoseconds();
      }
      double weight = 1 / (distance * distance);
      weights += weight;
      sum += weight * Math.log(cost.nanoseconds());
    }
    if (weights == 0) {
      throw new IllegalStateException(
          "The cost table has no " + kind.text() + " at " + bits + " bits");
    }
    return Math.exp(sum / weights);
  }

  private static double logarithm(double ratio) {
    return Math.log(ratio) / Math.log(2);
  }
}
