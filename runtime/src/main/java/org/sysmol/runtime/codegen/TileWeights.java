package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * The order in which a dense convolution reads its input and weights by tiles.
 *
 * <p>A window row (or cell, where cells do not touch or are whole steps) is a run of bytes of the
 * input. Steps cut it into pieces of equal length, at most 64 bytes; the last begins before the end
 * of the one before it if the run is no multiple of 64, and meets weights of 0 for bytes that it
 * reads again. So no step reads beyond the window.
 *
 * <p>A block of outputs begins with a row of 32-bit sums to begin with for each vector, where these
 * are not all 0. Then come the steps, each with a tile for every vector: a row for every four bytes
 * of input, in it four weights of each output.
 */
final class TileWeights {
  private static final int LANES = 16;
  private static final int MOST_BYTES = 64;
  private static final int ROW_BYTES = 64;

  private final NativeTensor in;
  private final Window window;
  private final boolean touching;
  private final int runBytes;

  /** The order for a layer that reads {@code in}. */
  TileWeights(Step.Convolution step, NativeTensor in) {
    this.in = in;
    window = step.window();
    touching = window.dilationX() == 1 && in.pitch() % MOST_BYTES != 0;
    runBytes =
        NativeTensor.roundUp(in.channels(), 4)
            + (touching ? (window.kernelWidth() - 1) * in.pitch() : 0);
  }

  /** Bytes of input of a step. */
  int stepBytes() {
    return Math.min(runBytes, MOST_BYTES);
  }

  /** Steps of a run. */
  int runSteps() {
    return Math.ceilDiv(runBytes, MOST_BYTES);
  }

  /** Runs of a window row. */
  int rowRuns() {
    return touching ? 1 : window.kernelWidth();
  }

  /** Runs of a window. */
  int runs() {
    return window.kernelHeight() * rowRuns();
  }

  /** Steps of a window. */
  int steps() {
    return runs() * runSteps();
  }

  /** The channel of a byte of a run's step, or -1 for one that meets weights of 0 only. */
  int channel(int runStep, int k) {
    int place = inRun(runStep) + k;
    int channel = touching ? place % in.pitch() : place;
    return place < runStep * MOST_BYTES || channel >= in.channels() ? -1 : channel;
  }

  /** Bytes from a run's input to a step's. */
  int inRun(int runStep) {
    return Math.min(runStep * MOST_BYTES, runBytes - stepBytes());
  }

  /** Bytes of input from one run of a window row to the next. */
  int runPitch() {
    return window.dilationX() * in.pitch();
  }

  /** Bytes of input from one window row to the next. */
  int rowPitch() {
    return window.dilationY() * in.rowPitch();
  }

  /** Bytes from a window's input to a step's. */
  int offset(int s) {
    int run = s / runSteps();
    return run / rowRuns() * rowPitch() + run % rowRuns() * runPitch() + inRun(s % runSteps());
  }

  /** Bytes of a tile. */
  int tileBytes() {
    return stepBytes() / 4 * ROW_BYTES;
  }

  /** Bytes of what the sums of a block of {@code vectors} begin with. */
  int startBytes(int vectors) {
    return in.zero() == 0 ? 0 : vectors * ROW_BYTES;
  }

  /** Bytes of a block of {@code vectors} of outputs. */
  int blockBytes(int vectors) {
    return startBytes(vectors) + steps() * vectors * tileBytes();
  }

  /**
   * All weights.
   *
   * @param aligned as {@link org.sysmol.core.packed.PackedWeights#aligned}
   * @param starts by output what its sum begins with
   * @param vectors of outputs in a whole block
   */
  byte[] bytes(int[] aligned, int[] starts, int vectors) {
    int outputs = starts.length;
    int allVectors = Math.ceilDiv(outputs, LANES);
    int blocks = allVectors / vectors;
    int tail = allVectors % vectors;
    ByteBuffer to =
        ByteBuffer.allocate(blocks * blockBytes(vectors) + (tail > 0 ? blockBytes(tail) : 0))
            .order(ByteOrder.LITTLE_ENDIAN);
    int perOutput = window.taps() * in.channels();
    int[] tiles = new int[perOutput];
    int[] inTile = new int[perOutput];
    for (int i = 0; i < perOutput; i++) {
      place(i / in.channels(), i % in.channels(), i, tiles, inTile);
    }
    for (int o = 0; o < outputs; o++) {
      int block = o / (vectors * LANES);
      int mine = block < blocks ? vectors : tail;
      int vector = o / LANES % vectors;
      int start = block * blockBytes(vectors);
      if (in.zero() != 0) {
        to.putInt(start + vector * ROW_BYTES + o % LANES * 4, starts[o]);
      }
      int at = start + startBytes(mine) + vector * tileBytes() + o % LANES * 4;
      for (int i = 0; i < perOutput; i++) {
        to.put(at + tiles[i] * mine * tileBytes() + inTile[i], (byte) aligned[o * perOutput + i]);
      }
    }
    return to.array();
  }

  /** The step and the place in a tile's first column of the {@code i}th weight of an output. */
  private void place(int tap, int channel, int i, int[] steps, int[] inTile) {
    int ky = tap / window.kernelWidth();
    int kx = tap % window.kernelWidth();
    int run = ky * rowRuns() + (touching ? 0 : kx);
    int place = (touching ? kx * in.pitch() : 0) + channel;
    int runStep = place / MOST_BYTES;
    int k = place - inRun(runStep);
    steps[i] = run * runSteps() + runStep;
    inTile[i] = k / 4 * ROW_BYTES + k % 4;
  }
}
