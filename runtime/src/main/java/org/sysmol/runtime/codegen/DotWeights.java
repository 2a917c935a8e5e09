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

  /** Receives the weights of one output in one step. */
  interface Sink {
    /**
     * One output's weights.
     *
     * @param block of outputs
     * @param step number of the step within the block
     * @param output within the block
     * @param weights aligned, four or two
     */
    void put(int block, int step, int output, int[] weights);
  }

  /**
   * Hands out all weights.
   *
   * @param aligned as {@link org.sysmol.core.packed.PackedWeights#aligned}
   */
  void forEach(int[] aligned, Sink sink) {
    int taps = step.weights().taps();
    int group = channelsPerGroup();
    int runs = offsets.size();
    int[] some = new int[perStep];
    for (int o = 0; o < outputs; o++) {
      int block = o / blockOutputs;
      int base = base(block);
      int from = o / perGroup() * group;
      for (int run = 0; run < runs; run++) {
        for (int s = 0; s < runSteps(); s++) {
          for (int i = 0; i < perStep; i++) {
            int place = s * perStep + i;
            int cell = touching ? place / span : run % window.kernelWidth();
            int ky = touching ? run : run / window.kernelWidth();
            int tap = ky * window.kernelWidth() + cell;
            int c = base + (touching ? place % span : place) - from;
            boolean within = cell < window.kernelWidth() && c >= 0 && c < group;
            some[i] = within ? aligned[(o * taps + tap) * group + c] : 0;
          }
          sink.put(block, run * runSteps() + s, o % blockOutputs, some);
        }
      }
    }
  }
}
