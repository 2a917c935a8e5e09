package org.sysmol.runtime.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.BoundsCalculator;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * Steps of a network that grows, with weights, precisions and tables drawn at random. Each method
 * that adds a step gives the index of the tensor that the step writes.
 */
final class RandomSteps {
  final List<PackedTensor> tensors = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();
  private final RandomNetworks.Spec spec;
  private final SplittableRandom random;
  private final int[] bits;

  /**
   * No steps yet.
   *
   * @param spec of the layer under test: padding and extremes of all layers are its
   * @param random where all numbers come from
   * @param bits the precisions of mixed tensors, which are then sorted by them; empty for any
   */
  RandomSteps(RandomNetworks.Spec spec, SplittableRandom random, int... bits) {
    this.spec = spec;
    this.random = random;
    this.bits = bits;
  }

  int depthwise(String name, int input, boolean signed) {
    PackedTensor in = tensors.get(input);
    Window same = window(in.height(), in.width(), 3, 3, 1, 1);
    Encoding encoding = new Encoding.Eight(1 / 16f, signed);
    return convolution(name, input, same, in.channels(), in.channels(), -1, Clamp.NONE, encoding);
  }

  int sum(int left, int right) {
    PackedTensor in = tensors.get(left);
    int sum =
        tensor(
            "both",
            in.channels(),
            in.height(),
            in.width(),
            new Encoding.Eight(1 / 16f, random.nextBoolean()));
    steps.add(new Step.Join("both", left, right, Clamp.NONE, sum));
    return sum;
  }

  int table(String name, int input, Encoding encoding, Curve curve) {
    PackedTensor in = tensors.get(input);
    int output = tensor(name, in.channels(), in.height(), in.width(), encoding);
    boolean signed = PlainSteps.signed(in);
    byte[][] codes =
        switch (encoding) {
          case Encoding.Mixed mixed -> {
            byte[] segments = BoundsCalculator.segments(mixed.precision());
            byte[][] tables = new byte[segments.length][];
            for (int s = 0; s < tables.length; s++) {
              tables[s] =
                  CurveTable.mixed(
                      curve, in.step(), signed, mixed.alpha(), segments[s], mixed.signed());
            }
            yield tables;
          }
          case Encoding.Eight eight ->
              new byte[][] {
                CurveTable.eight(curve, in.step(), signed, eight.step(), eight.signed())
              };
          case Encoding.Real _ -> throw new IllegalArgumentException("Tables write codes.");
        };
    steps.add(new Step.Table(name, input, codes, output));
    return output;
  }

  Window window(int height, int width, int kh, int kw, int stride, int dilation) {
    int reachY = (kh - 1) * dilation;
    int reachX = (kw - 1) * dilation;
    int top = spec.padded() ? reachY / 2 : 0;
    int left = spec.padded() ? reachX / 2 : 0;
    int rows = (height + reachY - reachY) / stride;
    int columns = width / stride;
    return new Window(
        kh,
        kw,
        stride,
        stride,
        dilation,
        dilation,
        top,
        left,
        Math.max(1, rows),
        Math.max(1, columns));
  }

  Encoding mixed(int channels, boolean signed) {
    byte[] precision = new byte[channels];
    for (int c = 0; c < channels; c++) {
      precision[c] =
          (byte) (bits.length == 0 ? 1 << random.nextInt(3) : bits[random.nextInt(bits.length)]);
    }
    if (bits.length > 0) {
      sort(precision);
    } else if (channels % 32 == 0) {
      // As compiled networks have them: sorted, with whole words of one-bit channels behind.
      int ones = 32 * (1 + random.nextInt(channels / 32));
      Arrays.fill(precision, channels - ones, channels, (byte) 1);
      Arrays.sort(precision);
      for (int c = 0; c < channels / 2; c++) {
        byte other = precision[c];
        precision[c] = precision[channels - 1 - c];
        precision[channels - 1 - c] = other;
      }
    }
    return new Encoding.Mixed(precision, (float) random.nextDouble(0.3, 1.5), signed);
  }

  /** Most bits first. */
  private static void sort(byte[] precision) {
    Arrays.sort(precision);
    for (int i = 0; i < precision.length / 2; i++) {
      byte low = precision[i];
      precision[i] = precision[precision.length - 1 - i];
      precision[precision.length - 1 - i] = low;
    }
  }

  int tensor(String name, int channels, int height, int width, Encoding encoding) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      order[c] = c;
    }
    tensors.add(new PackedTensor(name, channels, height, width, order, encoding));
    return tensors.size() - 1;
  }

  Affine affine(int channels, float unit) {
    float[] scale = new float[channels];
    float[] offset = new float[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = (float) random.nextDouble(-unit, unit);
      offset[c] = (float) random.nextDouble(-1, 1);
    }
    return new Affine(scale, offset);
  }

  int convolution(
      String name,
      int input,
      Window w,
      int outputs,
      int groups,
      int residual,
      Clamp clamp,
      Encoding encoding) {
    PackedTensor in = tensors.get(input);
    byte[] precision = new byte[in.channels()];
    boolean eight = in.encoding() instanceof Encoding.Eight;
    for (int c = 0; c < precision.length; c++) {
      precision[c] = eight ? 8 : ((Encoding.Mixed) in.encoding()).precision()[c];
    }
    int perOutput = in.channels() / groups;
    int[] codes = new int[outputs * w.taps() * perOutput];
    for (int i = 0; i < codes.length; i++) {
      int o = i / (w.taps() * perOutput);
      int p = precision[o / (outputs / groups) * perOutput + i % perOutput];
      int digits = spec.extreme() ? (o % 2 == 0 ? (1 << p) - 1 : 0) : random.nextInt(1 << p);
      codes[i] = p == 8 ? Math.max(-127, digits - 128) : Codes.oddCode(digits, p);
    }
    PackedWeights weights = PackedWeights.pack(outputs, w.taps(), precision, groups, codes);
    int output = tensor(name, outputs, w.outputHeight(), w.outputWidth(), encoding);
    // Extreme networks saturate codes; others use most of them, so that small errors show.
    double spread = encoding instanceof Encoding.Eight ? 8e-2 : 8e-3;
    float unit =
        spec.extreme() ? 10f : (float) (eight ? 3e-4 : spread / Math.sqrt(w.taps() * perOutput));
    steps.add(
        new Step.Convolution(
            name,
            input,
            w,
            groups,
            weights,
            affine(outputs, unit),
            residual,
            clamp,
            BoundsCalculator.of(name, weights, PlainSteps.signed(in)),
            output));
    return output;
  }
}
