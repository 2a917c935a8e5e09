package org.sysmol.hardware.program;

import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program of a layer of bytes on a base unit that multiplies matrices (SMMLA): two pixels by
 * two outputs by eight bytes in each instruction. Otherwise as {@link ElementKernel}, whose
 * geometry and arguments it has; x6 points to starts for two pixels.
 */
final class MatrixKernel {
  private static final int COUNTER = 8;
  private static final int WEIGHTS = 9;
  private static final int PIXELS = 10;
  private static final int RUN_COUNTER = 7;
  private static final int UNROLLED = 2;
  private static final int BYTES = 16;

  private final ElementKernel.Geometry g;
  private final ElementKernel.Finish finish;
  private final Program.Builder code;
  private final int pairs;

  private MatrixKernel(ElementKernel.Geometry g, ElementKernel.Finish finish) {
    this.g = g;
    this.finish = finish;
    code = new Program.Builder(g.name(), g.segments());
    int n = g.vectors();
    // Accumulators, weights of a half, activations of both halves, one register to load with.
    pairs = Math.min(Math.ceilDiv(g.width(), 2), Math.max(1, (32 - 2 * n - 1) / (2 * n + 2)));
  }

  static Program of(ElementKernel.Geometry geometry, ElementKernel.Finish finish) {
    return new MatrixKernel(geometry, finish).program();
  }

  private Program program() {
    Tiles.row(code, COUNTER, g.width(), 2 * pairs, this::tile);
    return code.build();
  }

  private int accumulator(int pair, int vector, int half) {
    return 2 * (pair * g.vectors() + vector) + half;
  }

  private int weight(int k) {
    return 2 * pairs * g.vectors() + k;
  }

  private int activation(int pair, int half) {
    return 2 * (pairs + 1) * g.vectors() + 2 * pair + half;
  }

  private void tile(int pixels, boolean advance) {
    int used = Math.ceilDiv(pixels, 2);
    code.comment("%d pixels by %d channels".formatted(pixels, 4 * g.segments() * g.vectors()));
    for (int i = 0; i < used; i++) {
      for (int v = 0; v < g.vectors(); v++) {
        for (int half = 0; half < 2; half++) {
          if (g.starts()) {
            code.immediate(
                Opcode.LDR_Q, accumulator(i, v, half), 6, code.vectorBytes() * (2 * v + half));
          } else {
            code.immediate(Opcode.MOVI, accumulator(i, v, half), 0, 0);
          }
        }
      }
    }
    code.immediate(Opcode.ADD_X, WEIGHTS, 1, 0);
    for (ElementKernel.Run run : g.runs()) {
      for (int i = 0; i < pixels; i++) {
        code.immediate(Opcode.ADD_X, PIXELS + i, 0, run.offset() + i * g.pixelStep());
      }
      int groups = Math.ceilDiv(4 * run.elements(), BYTES);
      if (groups > UNROLLED) {
        code.immediate(Opcode.MOV_X, RUN_COUNTER, 0, groups);
        int start = code.here();
        group(pixels);
        code.loop(RUN_COUNTER, start);
      } else {
        for (int k = 0; k < groups; k++) {
          group(pixels);
        }
      }
    }
    int[] free = new int[2 * g.vectors() + 2 * pairs];
    for (int k = 0; k < free.length; k++) {
      free[k] = weight(k);
    }
    for (int v = 0; v < g.vectors(); v++) {
      finish(pixels, v, free);
    }
    if (advance) {
      code.immediate(Opcode.ADD_X, 0, 0, pixels * g.pixelStep());
      code.immediate(Opcode.ADD_X, 3, 3, pixels * g.outputBytes());
      if (g.residualBytes() > 0) {
        code.immediate(Opcode.ADD_X, 4, 4, pixels * g.residualBytes());
      }
    }
  }

  /** Sixteen bytes of each pixel. */
  private void group(int pixels) {
    int used = Math.ceilDiv(pixels, 2);
    for (int i = 0; i < used; i++) {
      int first = activation(i, 0);
      int second = activation(i, 1);
      int spare = weight(0);
      code.repeatedPost(first, PIXELS + 2 * i, BYTES);
      if (2 * i + 1 < pixels) {
        code.repeatedPost(spare, PIXELS + 2 * i + 1, BYTES);
      } else {
        // The last pixel stands alone: its pair is computed in vain.
        code.op(Opcode.MOV_V, spare, first, 0);
      }
      code.op(Opcode.ZIP2_2D, second, first, spare);
      code.op(Opcode.ZIP1_2D, first, first, spare);
    }
    for (int half = 0; half < 2; half++) {
      for (int k = 0; k < 2 * g.vectors(); k++) {
        code.immediate(Opcode.LDR_Q_POST, weight(k), WEIGHTS, code.vectorBytes());
      }
      for (int i = 0; i < used; i++) {
        for (int k = 0; k < 2 * g.vectors(); k++) {
          code.op(Opcode.SMMLA_4S, accumulator(i, k / 2, k % 2), activation(i, half), weight(k));
        }
      }
    }
  }

  /** Sums of two pixels by two outputs become those of a pixel by four. */
  private void finish(int pixels, int vector, int[] free) {
    int used = Math.ceilDiv(pixels, 2);
    int[] sums = new int[pixels];
    for (int i = 0; i < used; i++) {
      int a = accumulator(i, vector, 0);
      int b = accumulator(i, vector, 1);
      code.op(Opcode.MOV_V, free[0], a, 0);
      code.op(Opcode.ZIP1_2D, a, a, b);
      code.op(Opcode.ZIP2_2D, b, free[0], b);
      sums[2 * i] = a;
      if (2 * i + 1 < pixels) {
        sums[2 * i + 1] = b;
      }
    }
    finish.emit(code, sums, free, vector);
  }
}
