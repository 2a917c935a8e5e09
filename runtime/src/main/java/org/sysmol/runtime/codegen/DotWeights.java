package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The order in which a dense or grouped convolution reads its input and weights: for each window
 * row (or cell, where cells do not touch) one run of steps of four bytes: four channels, or two of
 * an image of words. The last step of a run may go beyond its cells.
 *
 * <p>A block of outputs reads the channels of the groups that it touches; those that belong to
 * another output's group meet weights of 0.
 */
final class DotWeights {
  /** Bytes of a step. */
  static final int STEP = 4;

  private final Step.Convolution step;
  private final NativeTensor in;
  private final Window window;
  private final int outputs;
  private final int blockOutputs;
  private final int span;

  /** Channels of a pixel in memory, unused ones included. */
  private final int pixel;

  /** Channels of a step. */
  private final int perStep;

  private final boolean touching;
  private final List<Integer> offsets = new ArrayList<>();

  /**
   * The order for a layer.
   *
   * @param blockOutputs outputs of a whole block
   */
  DotWeights(Step.Convolution step, NativeTensor in, int outputs, int blockOutputs) {
    this.step = step;
    this.in = in;
    this.window = step.window();
    this.outputs = outputs;
    this.blockOutputs = blockOutputs;
    pixel = in.pitch() / in.codeBytes();
    perStep = STEP / in.codeBytes();
    span = Math.min(pixel, widestSpan());
    touching = span == pixel && window.dilationX() == 1;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < (touching ? 1 : window.kernelWidth()); kx++) {
        offsets.add(ky * window.dilationY() * in.rowPitch() + kx * window.dilationX() * in.pitch());
      }
    }
  }

  private int widestSpan() {
    int widest = 0;
    for (int block = 0; block * blockOutputs < outputs; block++) {
      widest = Math.max(widest, NativeTensor.roundUp(last(block) - first(block), perStep));
    }
    return widest;
  }

  private int perGroup() {
    return outputs / step.groups();
  }

  private int channelsPerGroup() {
    return step.weights().channelsPerOutput();
  }

  /** First channel that a block reads, a multiple of a step. */
  private int first(int block) {
    return block * blockOutputs / perGroup() * channelsPerGroup() / perStep * perStep;
  }

  private int last(int block) {
    int end = Math.min(outputs, (block + 1) * blockOutputs);
    // Channels that are single bits are none of these steps' concern.
    return Math.min(in.byteChannels(), ((end - 1) / perGroup() + 1) * channelsPerGroup());
  }

  /** The first channel that a block reads; also bytes from a pixel to it, but in words. */
  int base(int block) {
    return Math.min(first(block), pixel - span);
  }

  /** Bytes from an output's first input cell to each run. */
  List<Integer> offsets() {
    return offsets;
  }

  /** Steps of a run. */
  int runSteps() {
    return Math.ceilDiv((touching ? window.kernelWidth() : 1) * span, perStep);
  }

  int allSteps() {
    return runSteps() * offsets.size();
  }

  /** Receives weights of one output. */
  interface Sink {
    /**
     * Neighbouring weights of an output; places that are never handed out are worth 0.
     *
     * @param output of the layer
     * @param place of the first among all that the output's block reads: a step has as many as it
     *     multiplies channels
     * @param from index of the first among the aligned weights
     * @param count of weights
     */
    void put(int output, int place, int from, int count);
  }

  /** Hands out all weights, as {@link org.sysmol.core.packed.PackedWeights#aligned} has them. */
  void forEach(Sink sink) {
    int taps = step.weights().taps();
    int group = channelsPerGroup();
    for (int o = 0; o < outputs; o++) {
      int ahead = o / perGroup() * group - base(o / blockOutputs);
      int begin = Math.max(0, -ahead);
      int count = Math.min(group, span - ahead) - begin;
      for (int tap = 0; count > 0 && tap < taps; tap++) {
        int run = touching ? tap / window.kernelWidth() : tap;
        int cell = touching ? tap % window.kernelWidth() * span : 0;
        int place = run * runSteps() * perStep + cell + ahead + begin;
        sink.put(o, place, (o * taps + tap) * group + begin, count);
      }
    }
  }
}
