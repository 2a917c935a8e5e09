package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The order in which a dense or grouped convolution reads its input and weights: for each window
 * row (or cell, where cells do not touch) one run of steps of four channels.
 *
 * <p>A block of outputs reads the channels of the groups that it touches; those that belong to
 * another output's group meet weights of 0.
 */
final class DotWeights {
  /** Channels of a step. */
  static final int STEP = 4;

  private final Step.Convolution step;
  private final NativeTensor in;
  private final Window window;
  private final int outputs;
  private final int blockOutputs;
  private final int span;
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
    span = widestSpan();
    touching = span == in.pitch() && window.dilationX() == 1;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < (touching ? 1 : window.kernelWidth()); kx++) {
        offsets.add(ky * window.dilationY() * in.rowPitch() + kx * window.dilationX() * in.pitch());
      }
    }
  }

  private int widestSpan() {
    int widest = 0;
    for (int block = 0; block * blockOutputs < outputs; block++) {
      widest = Math.max(widest, NativeTensor.roundUp(last(block) - first(block), STEP));
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
    return block * blockOutputs / perGroup() * channelsPerGroup() / STEP * STEP;
  }

  private int last(int block) {
    int end = Math.min(outputs, (block + 1) * blockOutputs);
    // Channels that are single bits are none of these steps' concern.
    return Math.min(in.byteChannels(), ((end - 1) / perGroup() + 1) * channelsPerGroup());
  }

  /** Bytes from a pixel to the first channel that a block reads. */
  int base(int block) {
    return Math.min(first(block), in.pitch() - span);
  }

  /** Bytes from an output's first input cell to each run. */
  List<Integer> offsets() {
    return offsets;
  }

  /** Steps of a run. */
  int runSteps() {
    return (touching ? window.kernelWidth() : 1) * span / STEP;
  }

  int allSteps() {
    return runSteps() * offsets.size();
  }

  /** Receives the weights of one output in one step. */
  interface Sink {
    /**
     * One output's four weights.
     *
     * @param block of outputs
     * @param step number of the step within the block
     * @param output within the block
     * @param weights four aligned weights
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
    int[] four = new int[STEP];
    for (int o = 0; o < outputs; o++) {
      int block = o / blockOutputs;
      int base = base(block);
      int from = o / perGroup() * group;
      for (int run = 0; run < runs; run++) {
        for (int s = 0; s < runSteps(); s++) {
          int cell = touching ? s * STEP / span : 0;
          int ky = touching ? run : run / window.kernelWidth();
          int kx = touching ? cell : run % window.kernelWidth();
          int tap = ky * window.kernelWidth() + kx;
          for (int i = 0; i < STEP; i++) {
            int c = base + s * STEP - cell * span + i - from;
            four[i] = c >= 0 && c < group ? aligned[(o * taps + tap) * group + c] : 0;
          }
          sink.put(block, run * runSteps() + s, o % blockOutputs, four);
        }
      }
    }
  }
}
