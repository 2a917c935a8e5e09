package org.sysmol.bench.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Bounds;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/** The numbers of a random network: precisions, weights, factors. */
final class RandomLayers {
  private final SplittableRandom random;
  private final List<PackedTensor> tensors;
  private final boolean extreme;

  RandomLayers(SplittableRandom random, List<PackedTensor> tensors, boolean extreme) {
    this.random = random;
    this.tensors = tensors;
    this.extreme = extreme;
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** Eight-bit codes with a step of any size that is of use, or hardly any. */
  Encoding eight(boolean signed) {
    float step = Math.scalb(1f, random.nextInt(-7, -2));
    if (oneIn(2)) {
      step = (float) random.nextDouble(0.005, 0.3);
    }
    return new Encoding.Eight(oneIn(60) ? 1e-30f : oneIn(60) ? 1e30f : step, signed);
  }

  /** Precisions at random, sorted as a compiler sorts them, or in runs of whole words. */
  Encoding mixed(int channels) {
    byte[] precision = new byte[channels];
    int[][] sets = {{1, 2, 4}, {1, 2, 4}, {1}, {2}, {4}, {1, 2}, {1, 4}, {2, 4}};
    int[] set = sets[random.nextInt(sets.length)];
    int run = oneIn(3) ? 16 << random.nextInt(3) : 1;
    for (int c = 0; c < channels; c++) {
      precision[c] = c % run == 0 ? (byte) set[random.nextInt(set.length)] : precision[c - 1];
    }
    if (!oneIn(3)) {
      Arrays.sort(precision);
      for (int c = 0; c < channels / 2; c++) {
        byte low = precision[c];
        precision[c] = precision[channels - 1 - c];
        precision[channels - 1 - c] = low;
      }
    }
    return new Encoding.Mixed(precision, (float) random.nextDouble(0.2, 2), random.nextBoolean());
  }

  /**
   * Factors and offsets for an output, so that most codes are met and few are cut off; in extreme
   * networks often so that all are the largest, or the smallest.
   *
   * @param typical magnitude of what is multiplied
   */
  Affine affine(int output, double typical) {
    PackedTensor tensor = tensors.get(output);
    float[] scale = new float[tensor.channels()];
    float[] offset = new float[tensor.channels()];
    double range =
        switch (tensor.encoding()) {
          case Encoding.Mixed mixed -> 3.0 * mixed.alpha();
          case Encoding.Eight eight -> 150.0 * eight.step();
          case Encoding.Real _ -> typical;
        };
    boolean exact = tensor.encoding() instanceof Encoding.Real && oneIn(2);
    boolean saturated = extreme && !(tensor.encoding() instanceof Encoding.Real) && oneIn(2);
    float end = (oneIn(4) ? -1f : 1f) * (float) Math.min(1e30, range * 1000);
    for (int c = 0; c < scale.length; c++) {
      scale[c] = exact ? 1f : factor(random.nextDouble(-1.2, 1.2) * range / typical);
      offset[c] = exact ? 0f : (float) (random.nextDouble(-0.5, 0.5) * range);
      if (saturated) {
        scale[c] *= 1e-3f;
        offset[c] = end;
      }
    }
    return new Affine(scale, offset);
  }

  /** As binary32, not infinite. */
  private static float factor(double value) {
    return (float) Math.clamp(value, -1e38, 1e38);
  }

  /** A convolution between two tensors that are there. */
  Step.Convolution convolution(
      String name, int input, Window w, int groups, int residual, Clamp clamp, int output) {
    PackedTensor in = tensors.get(input);
    int outputs = tensors.get(output).channels();
    byte[] precision = new byte[in.channels()];
    boolean signed =
        switch (in.encoding()) {
          case Encoding.Mixed mixed -> {
            System.arraycopy(mixed.precision(), 0, precision, 0, precision.length);
            yield mixed.signed();
          }
          case Encoding.Eight eight -> {
            Arrays.fill(precision, (byte) 8);
            yield eight.signed();
          }
          case Encoding.Real _ -> throw new IllegalArgumentException(in.name());
        };
    int perOutput = in.channels() / groups;
    PackedWeights weights =
        PackedWeights.pack(
            outputs, w.taps(), precision, groups, codes(outputs, w.taps(), perOutput, precision));
    Bounds bounds = BoundsCalculator.of(name, weights, signed);
    double typical = Math.max(1, bounds.magnitude());
    if (!extreme) {
      typical /= Math.sqrt((double) w.taps() * perOutput);
    }
    Affine affine = affine(output, typical);
    return new Step.Convolution(
        name, input, w, groups, weights, affine, residual, clamp, bounds, output);
  }

  private int[] codes(int outputs, int taps, int perOutput, byte[] precision) {
    int[] codes = new int[outputs * taps * perOutput];
    int groups = precision.length / perOutput;
    for (int i = 0; i < codes.length; i++) {
      int o = i / (taps * perOutput);
      int p = precision[o / (outputs / groups) * perOutput + i % perOutput];
      int digits = random.nextInt(1 << p);
      if (extreme) {
        digits = o % 2 == 0 ? (1 << p) - 1 : 0;
      }
      codes[i] = p == 8 ? Math.max(-127, digits - 128) : Codes.oddCode(digits, p);
    }
    return codes;
  }

  /** Any codes that a tensor may hold as a table; in extreme networks only the outermost. */
  Step.Table table(String name, int input, int output) {
    byte[][] codes =
        switch (tensors.get(output).encoding()) {
          case Encoding.Mixed mixed -> {
            byte[] segments = BoundsCalculator.segments(mixed.precision());
            byte[][] tables = new byte[segments.length][CurveTable.SIZE];
            for (int s = 0; s < segments.length; s++) {
              for (int i = 0; i < CurveTable.SIZE; i++) {
                int digits = digits(segments[s]);
                tables[s][i] =
                    (byte) (mixed.signed() ? Codes.oddCode(digits, segments[s]) : digits);
              }
            }
            yield tables;
          }
          case Encoding.Eight eight -> {
            byte[] table = new byte[CurveTable.SIZE];
            for (int i = 0; i < CurveTable.SIZE; i++) {
              table[i] = (byte) (eight.signed() ? Math.max(-127, digits(8) - 128) : digits(8));
            }
            yield new byte[][] {table};
          }
          case Encoding.Real _ -> throw new IllegalArgumentException(name);
        };
    return new Step.Table(name, input, codes, output);
  }

  private int digits(int precision) {
    int top = (1 << precision) - 1;
    return extreme ? (oneIn(2) ? top : 0) : random.nextInt(top + 1);
  }
}
