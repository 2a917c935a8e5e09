package org.sysmol.runtime.engine;

import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.packed.Step;

/** The scalar reference of an index map (docs/arithmetic.md §15). */
final class ScalarGather implements Kernel {
  private final Step.Gather step;
  private final PackedTensor out;
  private final Encoder encoder;
  private final int width;

  /** By channel of the output: which input, and which of its channels. */
  private final int[] input;

  private final int[] channel;
  private final PackedTensor[] inputs;

  ScalarGather(PackedNetwork network, Step.Gather step) {
    this.step = step;
    out = network.tensors().get(step.output());
    encoder = new Encoder(step.output(), out);
    inputs = step.inputs().stream().map(network.tensors()::get).toArray(PackedTensor[]::new);
    width = inputs[0].width();
    input = new int[out.channels()];
    channel = step.channels().clone();
    for (int c = 0; c < channel.length; c++) {
      while (channel[c] >= inputs[input[c]].channels()) {
        channel[c] -= inputs[input[c]++].channels();
      }
    }
  }

  @Override
  public String name() {
    return "scalar gather";
  }

  @Override
  public void run(Tensors tensors) {
    for (int y = 0; y < out.height(); y++) {
      for (int x = 0; x < out.width(); x++) {
        boolean inside = step.rows()[y] >= 0 && step.columns()[x] >= 0;
        int pixel = step.rows()[y] * width + step.columns()[x];
        for (int c = 0; c < out.channels(); c++) {
          float t = inside && channel[c] >= 0 ? value(tensors, c, pixel) : 0f;
          encoder.write(tensors, (y * out.width() + x) * out.channels() + c, c, t);
        }
      }
    }
  }

  private float value(Tensors tensors, int c, int pixel) {
    PackedTensor from = inputs[input[c]];
    byte code = tensors.codes(step.inputs().get(input[c]))[pixel * from.channels() + channel[c]];
    return (float) PlainSteps.decode(code, PlainSteps.signed(from)) * from.step();
  }
}
