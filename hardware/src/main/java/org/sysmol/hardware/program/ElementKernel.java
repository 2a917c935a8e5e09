package org.sysmol.hardware.program;

import java.util.Arrays;
import java.util.List;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program of a layer on the base unit, where one element of a register of activations meets
 * four outputs: one row of outputs of up to sixteen channels. An element is four bytes (SDOT) or
 * one binary32 (FMLA).
 *
 * <p>Output-stationary: a tile of pixels by channels has its accumulators; each element of each
 * pixel is multiplied with a vector of weights for each four channels.
 *
 * <p>Arguments: x0 input, x1 weights, x2 constants of the finish, x3 output, x4 residual, x5 its
 * step, x6 vectors that sums begin with.
 */
final class ElementKernel {
  private static final int COUNTER = 8;
  private static final int WEIGHTS = 9;
  private static final int PIXELS = 10;
  private static final int RUN_COUNTER = 7;
  private static final int MOST_PIXELS = 8;
  private static final int UNROLLED = 2;

  /** Elements that lie one behind the other in memory. */
  record Run(int offset, int elements) {}

  /**
   * What a kernel must know of its layer.
   *
   * @param name of the layer
   * @param segments of a register, each of which has outputs of its own
   * @param multiply SDOT_4S or FMLA_4S
   * @param runs of a window
   * @param pixelStep bytes from one output pixel's input to the next one's
   * @param width output columns
   * @param outputBytes from one output pixel to the next
   * @param residualBytes the same of the residual, 0 for none
   * @param vectors registers of outputs, four in each segment: 1 to 4
   * @param starts whether sums begin with vectors of their own rather than with 0
   */
  record Geometry(
      String name,
      int segments,
      Opcode multiply,
      List<Run> runs,
      int pixelStep,
      int width,
      int outputBytes,
      int residualBytes,
      int vectors,
      boolean starts) {
    /** Vectors of weights for each group of four outputs. */
    int elements() {
      return runs.stream().mapToInt(Run::elements).sum();
    }
  }

  /** What becomes of the sums of four outputs. */
  interface Finish {
    /**
     * Emits it.
     *
     * @param sums registers, one for each pixel
     * @param free registers that may be changed
     * @param vector which four outputs of the block
     */
    void emit(Program.Builder code, int[] sums, int[] free, int vector);
  }

  private final Geometry g;
  private final Finish finish;
  private final Program.Builder code;
  private final int most;
  private final int tile;

  private ElementKernel(Geometry g, Finish finish) {
    this.g = g;
    this.finish = finish;
    code = new Program.Builder(g.name(), g.segments());
    most = Math.min(MOST_PIXELS, (32 - g.vectors() - 2) / (g.vectors() + 1));
    int tiles = Math.ceilDiv(g.width(), most);
    tile = Math.ceilDiv(g.width(), tiles);
  }

  static Program of(Geometry geometry, Finish finish) {
    return new ElementKernel(geometry, finish).program();
  }

  private Program program() {
    Tiles.row(code, COUNTER, g.width(), tile, this::tile);
    return code.build();
  }

  private int accumulator(int pixel, int vector) {
    return pixel * g.vectors() + vector;
  }

  private int weight(int vector) {
    return tile * g.vectors() + vector;
  }

  private int activation(int pixel) {
    return (tile + 1) * g.vectors() + pixel;
  }

  private void tile(int pixels, boolean advance) {
    code.comment(
        "%d pixels by %d channels: registers suffice for %d, and tiles of a row of %d are about equal"
            .formatted(pixels, 4 * g.segments() * g.vectors(), most, g.width()));
    for (int v = 0; v < g.vectors(); v++) {
      if (g.starts()) {
        code.immediate(Opcode.LDR_Q, accumulator(0, v), 6, code.vectorBytes() * v);
      } else {
        code.immediate(Opcode.MOVI, accumulator(0, v), 0, 0);
      }
    }
    for (int i = 1; i < pixels; i++) {
      for (int v = 0; v < g.vectors(); v++) {
        if (g.starts()) {
          code.op(Opcode.MOV_V, accumulator(i, v), accumulator(0, v), 0);
        } else {
          code.immediate(Opcode.MOVI, accumulator(i, v), 0, 0);
        }
      }
    }
    code.immediate(Opcode.ADD_X, WEIGHTS, 1, 0);
    for (int v = 0; v < g.vectors(); v++) {
      loadWeight(v);
    }
    for (Run run : g.runs()) {
      for (int i = 0; i < pixels; i++) {
        code.immediate(Opcode.ADD_X, PIXELS + i, 0, run.offset() + i * g.pixelStep());
      }
      int full = run.elements() / 4;
      if (full > UNROLLED) {
        code.immediate(Opcode.MOV_X, RUN_COUNTER, 0, full);
        int start = code.here();
        elements(pixels, 4);
        code.loop(RUN_COUNTER, start);
      } else {
        for (int k = 0; k < full; k++) {
          elements(pixels, 4);
        }
      }
      elements(pixels, run.elements() % 4);
    }
    // Those of weights and, behind them, of activations.
    int[] free = new int[Math.max(SumThresholds.FREE, g.vectors() + pixels)];
    Arrays.setAll(free, this::weight);
    for (int v = 0; v < g.vectors(); v++) {
      int[] sums = new int[pixels];
      for (int i = 0; i < pixels; i++) {
        sums[i] = accumulator(i, v);
      }
      finish.emit(code, sums, free, v);
    }
    if (advance) {
      code.immediate(Opcode.ADD_X, 0, 0, pixels * g.pixelStep());
      code.immediate(Opcode.ADD_X, 3, 3, pixels * g.outputBytes());
      if (g.residualBytes() > 0) {
        code.immediate(Opcode.ADD_X, 4, 4, pixels * g.residualBytes());
      }
    }
  }

  /** One register of activations for each pixel, of which so many elements are used. */
  private void elements(int pixels, int count) {
    if (count == 0) {
      return;
    }
    for (int i = 0; i < pixels; i++) {
      code.repeatedPost(activation(i), PIXELS + i, 16);
    }
    for (int element = 0; element < count; element++) {
      for (int i = 0; i < pixels; i++) {
        for (int v = 0; v < g.vectors(); v++) {
          code.lane(g.multiply(), accumulator(i, v), weight(v), activation(i), element);
          if (i == pixels - 1) {
            // The next element's, or the next run's; after the last they are loaded in vain.
            loadWeight(v);
          }
        }
      }
    }
  }

  private void loadWeight(int vector) {
    code.immediate(Opcode.LDR_Q_POST, weight(vector), WEIGHTS, code.vectorBytes());
  }
}
