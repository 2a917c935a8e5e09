package org.sysmol.runtime.engine;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * Convolution with output channels in 16-bit lanes, four pixels at a time.
 *
 * <p>A 16-bit lane holds as many products as the largest one allows (145 of 225); then it is
 * widened into 32-bit sums. Edge layers, whose products need 16 bits each, are widened after every
 * one.
 */
final class VectorConvolution implements Kernel {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SHORTS.vectorShape());
  private static final int PIXELS = 4;

  private final Step.Convolution step;
  private final PackedTensor in;
  private final PackedTensor out;
  private final PackedTensor residual;
  private final Encoder encoder;
  private final boolean signed;
  private final int blocks;
  private final short[] weights;
  private final int stepsPerDrain;
  private final int paddedWidth;
  private final int paddedSize;
  private final int[] tapOffset;

  VectorConvolution(PackedNetwork network, Step.Convolution step) {
    this.step = step;
    in = network.tensors().get(step.input());
    out = network.tensors().get(step.output());
    residual = network.tensors().get(Math.max(step.residual(), 0));
    encoder = new Encoder(step.output(), out);
    signed = PlainSteps.signed(in);
    blocks = Math.ceilDiv(out.channels(), SHORTS.length());
    weights = lanes();
    stepsPerDrain = Math.max(1, Short.MAX_VALUE / largestProduct(step, in));
    Window w = step.window();
    paddedWidth = w.padLeft() + in.width() + w.padRight(in.width());
    paddedSize =
        (w.padTop() + in.height() + w.padBottom(in.height())) * paddedWidth * in.channels();
    tapOffset = new int[w.taps()];
    for (int k = 0; k < tapOffset.length; k++) {
      int y = k / w.kernelWidth() * w.dilationY();
      int x = k % w.kernelWidth() * w.dilationX();
      tapOffset[k] = (y * paddedWidth + x) * in.channels();
    }
  }

  /** Width of the vectors in use, in bits. */
  static int laneBits() {
    return SHORTS.vectorBitSize();
  }

  /** The largest magnitude of one product of a layer. */
  static int largestProduct(Step.Convolution step, PackedTensor in) {
    int largest = 1;
    boolean eight = in.encoding() instanceof Encoding.Eight;
    boolean signedCodes = PlainSteps.signed(in);
    for (byte p : step.weights().precision()) {
      int code = eight ? (signedCodes ? 127 : 255) : (1 << p) - 1;
      int weight = eight ? 127 : ((1 << p) - 1) << (2 * (4 - p));
      largest = Math.max(largest, code * weight);
    }
    return largest;
  }

  /** Aligned weights as {@code [block][tap][input channel][lane]}. */
  private short[] lanes() {
    int[] aligned = step.weights().aligned();
    int taps = step.window().taps();
    int perTap = in.channels();
    int lanes = SHORTS.length();
    short[] result = new short[blocks * taps * perTap * lanes];
    int i = 0;
    for (int b = 0; b < blocks; b++) {
      for (int tc = 0; tc < taps * perTap; tc++) {
        for (int lane = 0; lane < lanes; lane++, i++) {
          int o = b * lanes + lane;
          result[i] = o < out.channels() ? (short) aligned[o * taps * perTap + tc] : 0;
        }
      }
    }
    return result;
  }

  @Override
  public String name() {
    return "vector " + laneBits() + " bits, 16-bit lanes, drained every " + stepsPerDrain;
  }

  @Override
  public void run(Tensors tensors) {
    short[] padded = padded(tensors.codes(step.input()));
    int lanes = SHORTS.length();
    int[] sums = new int[PIXELS * lanes];
    Window w = step.window();
    int pixels = w.outputs();
    int[] base = new int[PIXELS];
    for (int b = 0; b < blocks; b++) {
      for (int first = 0; first < pixels; first += PIXELS) {
        for (int i = 0; i < PIXELS; i++) {
          int pixel = Math.min(first + i, pixels - 1);
          int y = pixel / w.outputWidth() * w.strideY();
          int x = pixel % w.outputWidth() * w.strideX();
          base[i] = (y * paddedWidth + x) * in.channels();
        }
        java.util.Arrays.fill(sums, 0);
        for (int k = 0; k < tapOffset.length; k++) {
          tap(padded, base, b, k, sums);
        }
        for (int i = 0; i < PIXELS && first + i < pixels; i++) {
          epilogue(tensors, sums, i * lanes, first + i, b * lanes);
        }
      }
    }
  }

  private void tap(short[] padded, int[] base, int block, int tap, int[] sums) {
    int lanes = SHORTS.length();
    int channels = in.channels();
    int at = tapOffset[tap];
    int w = (block * tapOffset.length + tap) * channels * lanes;
    int x0 = base[0] + at;
    int x1 = base[1] + at;
    int x2 = base[2] + at;
    int x3 = base[3] + at;
    for (int from = 0; from < channels; from += stepsPerDrain) {
      int to = Math.min(channels, from + stepsPerDrain);
      ShortVector a0 = ShortVector.zero(SHORTS);
      ShortVector a1 = a0;
      ShortVector a2 = a0;
      ShortVector a3 = a0;
      for (int c = from; c < to; c++) {
        ShortVector weight = ShortVector.fromArray(SHORTS, weights, w + c * lanes);
        a0 = a0.add(weight.mul(padded[x0 + c]));
        a1 = a1.add(weight.mul(padded[x1 + c]));
        a2 = a2.add(weight.mul(padded[x2 + c]));
        a3 = a3.add(weight.mul(padded[x3 + c]));
      }
      drain(a0, sums, 0);
      drain(a1, sums, lanes);
      drain(a2, sums, 2 * lanes);
      drain(a3, sums, 3 * lanes);
    }
  }

  private static void drain(ShortVector narrow, int[] sums, int at) {
    for (int part = 0; part < 2; part++) {
      IntVector wide = (IntVector) narrow.convertShape(VectorOperators.S2I, INTS, part);
      int to = at + part * INTS.length();
      wide.add(IntVector.fromArray(INTS, sums, to)).intoArray(sums, to);
    }
  }

  private short[] padded(byte[] codes) {
    Window w = step.window();
    short[] result = new short[paddedSize];
    int row = in.width() * in.channels();
    for (int y = 0; y < in.height(); y++) {
      int to = ((y + w.padTop()) * paddedWidth + w.padLeft()) * in.channels();
      for (int i = 0; i < row; i++) {
        result[to + i] = (short) PlainSteps.decode(codes[y * row + i], signed);
      }
    }
    return result;
  }

  private void epilogue(Tensors tensors, int[] sums, int at, int pixel, int firstOutput) {
    int outputs = Math.min(SHORTS.length(), out.channels() - firstOutput);
    byte[] shortcut = step.residual() >= 0 ? tensors.codes(step.residual()) : null;
    for (int lane = 0; lane < outputs; lane++) {
      int o = firstOutput + lane;
      int index = pixel * out.channels() + o;
      float t = (float) sums[at + lane];
      t = t * step.affine().scale()[o];
      t = t + step.affine().offset()[o];
      if (shortcut != null) {
        int k = PlainSteps.decode(shortcut[index], PlainSteps.signed(residual));
        t = t + (float) k * residual.step();
      }
      encoder.write(tensors, index, o, step.clamp().apply(t));
    }
  }
}
