package org.sysmol.runtime.engine;

import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The reference convolution: {@code acc = sum of aligned weight * code} in 32-bit integers, then
 * the epilogue of docs/arithmetic.md §6 in the order written there.
 */
final class ScalarConvolution implements Kernel {
  private final Step.Convolution step;
  private final PackedTensor in;
  private final PackedTensor out;
  private final PackedTensor residual;
  private final int[] weights;
  private final int perOutput;
  private final boolean signed;
  private final Encoder encoder;

  ScalarConvolution(PackedNetwork network, Step.Convolution step) {
    this.step = step;
    in = network.tensors().get(step.input());
    out = network.tensors().get(step.output());
    residual = network.tensors().get(Math.max(step.residual(), 0));
    weights = step.weights().aligned();
    perOutput = step.weights().channelsPerOutput();
    signed = PlainSteps.signed(in);
    encoder = new Encoder(step.output(), out);
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void run(Tensors tensors) {
    Window w = step.window();
    int[] operands = operands(tensors.codes(step.input()));
    for (int y = 0; y < w.outputHeight(); y++) {
      for (int x = 0; x < w.outputWidth(); x++) {
        int pixel = y * w.outputWidth() + x;
        for (int o = 0; o < out.channels(); o++) {
          int acc = sum(operands, y, x, o);
          epilogue(tensors, acc, pixel * out.channels() + o, o);
        }
      }
    }
  }

  private int[] operands(byte[] codes) {
    int[] operands = new int[codes.length];
    for (int i = 0; i < codes.length; i++) {
      operands[i] = PlainSteps.decode(codes[i], signed);
    }
    return operands;
  }

  private int sum(int[] operands, int y, int x, int o) {
    Window w = step.window();
    int first = step.weights().groupOf(o) * perOutput;
    int weight = o * w.taps() * perOutput;
    int acc = 0;
    for (int ky = 0; ky < w.kernelHeight(); ky++) {
      int iy = y * w.strideY() - w.padTop() + ky * w.dilationY();
      for (int kx = 0; kx < w.kernelWidth(); kx++, weight += perOutput) {
        int ix = x * w.strideX() - w.padLeft() + kx * w.dilationX();
        if (iy < 0 || iy >= in.height() || ix < 0 || ix >= in.width()) {
          continue; // a cell outside the map is worth 0
        }
        int at = (iy * in.width() + ix) * in.channels() + first;
        for (int c = 0; c < perOutput; c++) {
          acc += weights[weight + c] * operands[at + c];
        }
      }
    }
    return acc;
  }

  private void epilogue(Tensors tensors, int acc, int index, int o) {
    float t = (float) acc;
    t = t * step.affine().scale()[o];
    t = t + step.affine().offset()[o];
    if (step.residual() >= 0) {
      int k = PlainSteps.decode(tensors.codes(step.residual())[index], PlainSteps.signed(residual));
      t = t + (float) k * residual.step();
    }
    encoder.write(tensors, index, o, step.clamp().apply(t));
  }
}
