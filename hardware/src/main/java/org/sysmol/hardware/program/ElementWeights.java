package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.packed.PackedWeights;
import org.sysmol.core.plan.Window;

/**
 * Weights of a layer of bytes in the order in which {@link ElementKernel} reads them: by element of
 * four bytes, for each group of four outputs one register, a word for each output.
 */
final class ElementWeights {
  private final PackedWeights weights;
  private final Window window;
  private final int pixelBytes;
  private final boolean biased;
  private final int[] codes;
  private final int runCells;

  /**
   * The weights.
   *
   * @param pixelBytes bytes of a cell that lie behind one another; those beyond the channels are
   *     multiplied by 0
   * @param biased whether activations are stored as 128 less than they mean
   */
  ElementWeights(PackedWeights weights, Window window, int pixelBytes, boolean biased) {
    this.weights = weights;
    this.window = window;
    this.pixelBytes = pixelBytes;
    this.biased = biased;
    codes = weights.codes();
    // Cells of a row of the window that follow each other in memory are one run.
    runCells = weights.groups() == 1 && window.dilationX() == 1 ? window.kernelWidth() : 1;
  }

  /** The runs of a window. */
  List<ElementKernel.Run> runs(Area in, Window w) {
    List<ElementKernel.Run> runs = new ArrayList<>();
    int elements = Math.ceilDiv(runCells * pixelBytes, 4);
    for (int t = 0; t < w.taps(); t += runCells) {
      int offset =
          t / w.kernelWidth() * w.dilationY() * in.rowBytes()
              + t % w.kernelWidth() * w.dilationX() * in.pixelBytes();
      runs.add(new ElementKernel.Run(offset, elements));
    }
    return runs;
  }

  private int weight(int output, int tap, int at) {
    int cell = at / pixelBytes;
    int channel = at % pixelBytes;
    if (cell >= runCells || channel >= weights.channelsPerOutput()) {
      return 0;
    }
    int o = Math.min(output, weights.outputs() - 1);
    return codes[(o * window.taps() + tap + cell) * weights.channelsPerOutput() + channel];
  }

  /** The weights of these groups of four outputs. */
  byte[] block(int[] firsts) {
    int elements = Math.ceilDiv(runCells * pixelBytes, 4);
    Constants buffer = Memory.buffer(window.taps() / runCells * elements * firsts.length * 16);
    for (int tap = 0; tap < window.taps(); tap += runCells) {
      for (int e = 0; e < elements; e++) {
        for (int first : firsts) {
          for (int k = 0; k < 4; k++) {
            for (int b = 0; b < 4; b++) {
              buffer.put((byte) weight(first + k, tap, 4 * e + b));
            }
          }
        }
      }
    }
    return buffer.bytes();
  }

  /**
   * The weights as {@link MatrixKernel} reads them: by sixteen bytes of a run, by half of them, for
   * each two outputs one register, eight bytes of each; in each segment of it those of other
   * groups.
   */
  byte[] matrixBlock(int[] firsts, int segments) {
    int groups = Math.ceilDiv(runCells * pixelBytes, 16);
    Constants buffer = Memory.buffer(window.taps() / runCells * groups * firsts.length * 64);
    for (int tap = 0; tap < window.taps(); tap += runCells) {
      for (int half = 0; half < 2 * groups; half++) {
        for (int register = 0; register < 2 * firsts.length; register++) {
          int output = matrixOutput(firsts, segments, register);
          for (int b = 0; b < 16; b++) {
            buffer.put((byte) weight(output + b / 8, tap, 8 * half + b % 8));
          }
        }
      }
    }
    return buffer.bytes();
  }

  /** The first of the two outputs in 128 bits: by register, then by segment. */
  private static int matrixOutput(int[] firsts, int segments, int number) {
    int group = number / (2 * segments) * segments + number % segments;
    return firsts[group] + number / segments % 2 * 2;
  }

  /** {@link #starts} as {@link MatrixKernel} reads them: two outputs for each of two pixels. */
  byte[] matrixStarts(int[] firsts, int segments) {
    Constants buffer = Memory.buffer(32 * firsts.length);
    for (int register = 0; register < 2 * firsts.length; register++) {
      int output = matrixOutput(firsts, segments, register);
      for (int word = 0; word < 4; word++) {
        buffer.putInt(start(output + word % 2));
      }
    }
    return buffer.bytes();
  }

  /** What sums begin with: 128 times the sum of the weights. */
  byte[] starts(int[] firsts) {
    Constants buffer = Memory.buffer(16 * firsts.length);
    for (int first : firsts) {
      for (int k = 0; k < 4; k++) {
        buffer.putInt(start(first + k));
      }
    }
    return buffer.bytes();
  }

  private int start(int output) {
    if (!biased) {
      throw new IllegalStateException("sums begin with 0");
    }
    int perOutput = window.taps() * weights.channelsPerOutput();
    int o = Math.min(output, weights.outputs() - 1);
    int sum = 0;
    for (int i = 0; i < perOutput; i++) {
      sum += codes[o * perOutput + i];
    }
    return 128 * sum;
  }
}
