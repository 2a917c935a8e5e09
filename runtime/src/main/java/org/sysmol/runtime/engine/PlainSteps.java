package org.sysmol.runtime.engine;

import java.util.Arrays;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.CurveTable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The scalar reference of every step: docs/arithmetic.md in plain loops. Other engines replace the
 * steps they do faster and are tested equal to these.
 */
public final class PlainSteps {
  private final PackedNetwork network;

  /** Reference kernels for the steps of a network. */
  public PlainSteps(PackedNetwork network) {
    this.network = network;
  }

  /** The reference kernel of a step. */
  public Kernel kernel(Step step) {
    return switch (step) {
      case Step.QuantiseImage s -> named("scalar", t -> quantiseImage(s, t));
      case Step.Convolution s -> new ScalarConvolution(network, s);
      case Step.Requantise s -> requantise(s);
      case Step.MaxPool s -> named("scalar", t -> maxPool(s, t));
      case Step.AveragePool s -> averagePool(s);
      case Step.Join s -> join(s);
      case Step.Scale s -> scale(s);
      case Step.Table s -> table(s);
      case Step.Gather s -> new ScalarGather(network, s);
    };
  }

  private interface Body {
    void run(Tensors tensors);
  }

  private static Kernel named(String name, Body body) {
    return new Kernel() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void run(Tensors tensors) {
        body.run(tensors);
      }
    };
  }

  /** The integer that a stored byte means. */
  static int decode(byte stored, boolean signed) {
    return signed ? stored : stored & 0xff;
  }

  /** True if the bytes of a tensor are signed. */
  static boolean signed(PackedTensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> mixed.signed();
      case Encoding.Eight eight -> eight.signed();
      case Encoding.Real _ -> throw new IllegalArgumentException("A real tensor has no codes.");
    };
  }

  private void quantiseImage(Step.QuantiseImage step, Tensors tensors) {
    PackedTensor out = network.tensors().get(step.output());
    Encoder encoder = new Encoder(step.output(), out);
    int pixels = out.height() * out.width();
    for (int p = 0; p < pixels; p++) {
      for (int c = 0; c < out.channels(); c++) {
        encoder.write(
            tensors, p * out.channels() + c, c, tensors.image()[out.order()[c] * pixels + p]);
      }
    }
  }

  private Kernel requantise(Step.Requantise step) {
    PackedTensor in = network.tensors().get(step.input());
    PackedTensor out = network.tensors().get(step.output());
    Encoder encoder = new Encoder(step.output(), out);
    boolean signed = signed(in);
    float unit = in.step();
    Affine affine = step.affine();
    int[] gather = step.gather();
    int channels = out.channels();
    return named(
        step.reorders() ? "scalar reorder" : "scalar",
        tensors -> {
          byte[] from = tensors.codes(step.input());
          for (int p = 0; p < out.height() * out.width(); p++) {
            for (int c = 0; c < channels; c++) {
              int source = gather == null ? c : gather[c];
              float t = (float) decode(from[p * channels + source], signed) * unit;
              if (affine != null) {
                t = t * affine.scale()[c];
                t = t + affine.offset()[c];
              }
              encoder.write(tensors, p * channels + c, c, step.clamp().apply(t));
            }
          }
        });
  }

  private void maxPool(Step.MaxPool step, Tensors tensors) {
    PackedTensor in = network.tensors().get(step.input());
    Window w = step.window();
    boolean signed = signed(in);
    int channels = in.channels();
    byte[] from = tensors.codes(step.input());
    byte[] to = tensors.codes(step.output());
    for (int y = 0; y < w.outputHeight(); y++) {
      for (int x = 0; x < w.outputWidth(); x++) {
        for (int c = 0; c < channels; c++) {
          int max = Integer.MIN_VALUE;
          for (int k = 0; k < w.taps(); k++) {
            int iy = y * w.strideY() - w.padTop() + k / w.kernelWidth() * w.dilationY();
            int ix = x * w.strideX() - w.padLeft() + k % w.kernelWidth() * w.dilationX();
            if (iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width()) {
              max = Math.max(max, decode(from[(iy * in.width() + ix) * channels + c], signed));
            }
          }
          to[(y * w.outputWidth() + x) * channels + c] = (byte) max;
        }
      }
    }
  }

  private Kernel averagePool(Step.AveragePool step) {
    PackedTensor in = network.tensors().get(step.input());
    Encoder encoder = new Encoder(step.output(), network.tensors().get(step.output()));
    Window w = step.window();
    boolean signed = signed(in);
    int channels = in.channels();
    int bottom = in.height() + (step.countPadding() ? step.padBottom() : 0);
    int right = in.width() + (step.countPadding() ? step.padRight() : 0);
    int top = step.countPadding() ? -w.padTop() : 0;
    int left = step.countPadding() ? -w.padLeft() : 0;
    return named(
        "scalar",
        tensors -> {
          byte[] from = tensors.codes(step.input());
          int[] sums = new int[channels];
          for (int y = 0; y < w.outputHeight(); y++) {
            for (int x = 0; x < w.outputWidth(); x++) {
              Arrays.fill(sums, 0);
              int cells = 0;
              for (int k = 0; k < w.taps(); k++) {
                int iy = y * w.strideY() - w.padTop() + k / w.kernelWidth() * w.dilationY();
                int ix = x * w.strideX() - w.padLeft() + k % w.kernelWidth() * w.dilationX();
                cells += iy >= top && iy < bottom && ix >= left && ix < right ? 1 : 0;
                if (iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width()) {
                  int at = (iy * in.width() + ix) * channels;
                  for (int c = 0; c < channels; c++) {
                    sums[c] += decode(from[at + c], signed);
                  }
                }
              }
              int to = (y * w.outputWidth() + x) * channels;
              for (int c = 0; c < channels; c++) {
                encoder.write(tensors, to + c, c, (float) sums[c] * step.factor()[cells - 1]);
              }
            }
          }
        });
  }

  private Kernel join(Step.Join step) {
    PackedTensor left = network.tensors().get(step.input());
    PackedTensor right = network.tensors().get(step.right());
    Encoder encoder = new Encoder(step.output(), network.tensors().get(step.output()));
    boolean leftSigned = signed(left);
    boolean rightSigned = signed(right);
    return named(
        "scalar",
        tensors -> {
          byte[] a = tensors.codes(step.input());
          byte[] b = tensors.codes(step.right());
          for (int i = 0; i < a.length; i++) {
            float t = (float) decode(a[i], leftSigned) * left.step();
            t = t + (float) decode(b[i], rightSigned) * right.step();
            encoder.write(tensors, i, i % left.channels(), step.clamp().apply(t));
          }
        });
  }

  private Kernel scale(Step.Scale step) {
    PackedTensor map = network.tensors().get(step.input());
    PackedTensor gate = network.tensors().get(step.gate());
    Encoder encoder = new Encoder(step.output(), network.tensors().get(step.output()));
    boolean mapSigned = signed(map);
    boolean gateSigned = signed(gate);
    return named(
        "scalar",
        tensors -> {
          byte[] a = tensors.codes(step.input());
          byte[] b = tensors.codes(step.gate());
          for (int i = 0; i < a.length; i++) {
            float t = (float) decode(a[i], mapSigned) * map.step();
            // One cell, or as many as the map has.
            float g = (float) decode(b[i % b.length], gateSigned) * gate.step();
            t = t * g;
            encoder.write(tensors, i, i % map.channels(), step.clamp().apply(t));
          }
        });
  }

  private Kernel table(Step.Table step) {
    boolean signed = signed(network.tensors().get(step.input()));
    int[] tableOf = Step.Table.byChannel(network.tensors().get(step.output()));
    return named(
        "scalar",
        tensors -> {
          byte[] from = tensors.codes(step.input());
          byte[] to = tensors.codes(step.output());
          for (int i = 0; i < from.length; i++) {
            int entry = CurveTable.entry(decode(from[i], signed), signed);
            to[i] = step.codes()[tableOf[i % tableOf.length]][entry];
          }
        });
  }
}
