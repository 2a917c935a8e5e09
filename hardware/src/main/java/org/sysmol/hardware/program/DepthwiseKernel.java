package org.sysmol.hardware.program;

import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program of a depthwise layer on the base unit: one row of outputs of eight channels, whose
 * weights stay in registers where they fit.
 *
 * <p>Arguments: x0 input, x1 weights as halfwords, x2 constants of the codec, x3 output, x4
 * residual, x5 its step.
 */
final class DepthwiseKernel {
  private static final int COUNTER = 8;
  private static final int ROWS = 10;
  private static final int MOST_CACHED = 20;

  /**
   * What a kernel must know of its layer.
   *
   * @param name of the layer
   * @param rowOffsets bytes from the input pointer to each row of the window
   * @param cellOffsets bytes within a row to each cell
   * @param pixelStep bytes from one output pixel's input to the next one's
   * @param width output columns
   * @param outputBytes from one output pixel to the next
   * @param channels of this program: 8, or 4
   * @param signed whether activations are signed bytes
   * @param wide whether sums need 32 bits
   */
  record Geometry(
      String name,
      int[] rowOffsets,
      int[] cellOffsets,
      int pixelStep,
      int width,
      int outputBytes,
      int channels,
      boolean signed,
      boolean wide) {}

  private DepthwiseKernel() {}

  static Program of(Geometry g, SumCodec codec) {
    Program.Builder code = new Program.Builder(g.name());
    int taps = g.rowOffsets().length * g.cellOffsets().length;
    boolean cached = taps <= MOST_CACHED;
    for (int ky = 0; ky < g.rowOffsets().length; ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, 0, g.rowOffsets()[ky]);
    }
    for (int t = 0; t < taps && cached; t++) {
      code.immediate(Opcode.LDR_Q, 12 + t, 1, 16 * t);
    }
    code.immediate(Opcode.MOV_X, COUNTER, 0, g.width());
    int start = code.here();
    code.immediate(Opcode.MOVI, 0, 0, 0);
    code.immediate(Opcode.MOVI, 1, 0, 0);
    for (int t = 0; t < taps; t++) {
      int a = 2 + (t & 3);
      int offset = g.cellOffsets()[t % g.cellOffsets().length];
      code.immediate(
          g.channels() == 8 ? Opcode.LDR_D : Opcode.LDR_S,
          a,
          ROWS + t / g.cellOffsets().length,
          offset);
      code.op(g.signed() ? Opcode.SXTL_8H : Opcode.UXTL_8H, a, a, 0);
      int w = cached ? 12 + t : 6 + (t & 3);
      if (!cached) {
        code.immediate(Opcode.LDR_Q, w, 1, 16 * t);
      }
      if (g.wide()) {
        code.op(Opcode.SMLAL_4S, 0, a, w);
        if (g.channels() == 8) {
          code.op(Opcode.SMLAL2_4S, 1, a, w);
        }
      } else {
        code.op(Opcode.MLA_8H, 0, a, w);
      }
    }
    if (!g.wide()) {
      if (g.channels() == 8) {
        code.op(Opcode.SXTL2_4S, 1, 0, 0);
      }
      code.op(Opcode.SXTL_4S, 0, 0, 0);
    }
    for (int half = 0; half < g.channels() / 4; half++) {
      codec.emit(code, new int[] {half}, new int[] {2, 3, 4}, half, 4 * half, g.outputBytes());
    }
    for (int ky = 0; ky < g.rowOffsets().length; ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, ROWS + ky, g.pixelStep());
    }
    code.immediate(Opcode.ADD_X, 3, 3, g.outputBytes());
    if (codec.residualBytes() > 0) {
      code.immediate(Opcode.ADD_X, 4, 4, codec.residualBytes());
    }
    code.loop(COUNTER, start);
    return code.build();
  }
}
