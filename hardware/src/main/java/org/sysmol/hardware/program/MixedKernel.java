package org.sysmol.hardware.program;

import java.util.List;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The program of a searched layer: one row of outputs of four channels (PAPER section 4).
 *
 * <p>Output-stationary: a tile of up to five pixels by four channels has one accumulator each, and
 * a step is one register of weights for each channel and one of activations for each pixel.
 * Registers to spare keep the first weights from tile to tile. A step's weights are loaded as soon
 * as the last pixel has used those before, so that neither core waits for them.
 *
 * <p>Arguments: x0 input, x1 weights, x2 constants of the codec, x3 output, x4 residual, x5 its
 * step, x6 addresses of corrections by column, x7 offset of the block among them, x8 sums of the
 * row's activations ({@link ActivationSums}).
 */
final class MixedKernel {
  private static final int OUTPUTS = 4;
  private static final int MOST_PIXELS = 5;
  private static final int SUMS = 8;
  private static final int ROWS = 10;

  /** A window's rows at most: each has a general register. */
  static final int MOST_ROWS = 16;

  private static final int CORRECTION = 26;
  private static final int COUNTER = 27;

  /**
   * What a kernel must know of its layer.
   *
   * @param name of the layer
   * @param segments of a register, each of which has four outputs of its own
   * @param rowOffsets bytes from the input pointer to each row of the window
   * @param cellOffsets bytes within a row to each cell of the window
   * @param pixelStep bytes from one output pixel's input to the next one's
   * @param width output columns
   * @param outputBytes from one output pixel to the next
   * @param patterns those of a cell's registers
   * @param signed whether activations are
   * @param drains steps before which accumulators are drained
   */
  record Geometry(
      String name,
      int segments,
      int[] rowOffsets,
      int[] cellOffsets,
      int pixelStep,
      int width,
      int outputBytes,
      LayerPatterns patterns,
      boolean signed,
      List<Integer> drains) {
    /** Registers of a cell. */
    int registers() {
      return patterns.registers();
    }

    /** Registers of a window. */
    int steps() {
      return rowOffsets.length * cellOffsets.length * registers();
    }

    /** The row of the window that a step's register is of. */
    int row(int step) {
      return step / registers() / cellOffsets.length;
    }

    /** Bytes from there to a step's register. */
    int offset(int step) {
      return cellOffsets[step / registers() % cellOffsets.length] + 16 * (step % registers());
    }

    /** Bytes of an output pixel's sums of activations: one for each stretch between drains. */
    int sumBytes() {
      return 16 * (drains.size() + 1);
    }
  }

  private final Geometry g;
  private final SumCodec codec;
  private final Program.Builder code;
  private final int tile;
  private final int cached;

  private MixedKernel(Geometry g, SumCodec codec) {
    this.g = g;
    this.codec = codec;
    code = new Program.Builder(g.name(), g.segments());
    tile = bestTile();
    cached = Math.min(OUTPUTS * g.steps(), 32 - used(tile));
  }

  static Program of(Geometry g, SumCodec codec) {
    return new MixedKernel(g, codec).program();
  }

  /** Accumulators, sums where drained, weights of a step, two activations. */
  private int used(int pixels) {
    return OUTPUTS * pixels + (g.drains().isEmpty() ? 0 : pixels) + OUTPUTS + 2;
  }

  private int bestTile() {
    int best = 1;
    long least = Long.MAX_VALUE;
    for (int m = 1; m <= Math.min(MOST_PIXELS, g.width()); m++) {
      long cost = rowCost(m);
      if (cost < least) {
        least = cost;
        best = m;
      }
    }
    return best;
  }

  /** Instructions of a row in tiles of so many pixels, roughly. */
  private long rowCost(int pixels) {
    int rest = g.width() % pixels;
    return g.width() / pixels * cost(pixels) + (rest == 0 ? 0 : cost(rest));
  }

  /** Instructions of a tile, roughly. */
  private long cost(int pixels) {
    return (long) g.steps() * (OUTPUTS + pixels + OUTPUTS * pixels) + 14L * pixels + 8;
  }

  private int accumulator(int pixel, int output) {
    return OUTPUTS * pixel + output;
  }

  private int sum(int pixel) {
    return OUTPUTS * tile + pixel;
  }

  private int weight(int step, int output) {
    int index = OUTPUTS * step + output;
    return index < cached ? used(tile) + index : used(tile) - 6 + output;
  }

  private boolean isCached(int step, int output) {
    return OUTPUTS * step + output < cached;
  }

  private int activation(int number) {
    return used(tile) - 2 + (number & 1);
  }

  /** Why the tile is as it is. */
  private String choice() {
    StringBuilder text = new StringBuilder();
    for (int m = 1; m <= Math.min(MOST_PIXELS, g.width()); m++) {
      text.append(m == 1 ? "" : ", ").append("%d: %d".formatted(m, rowCost(m)));
    }
    return "tiles of %d pixels by %d channels: fewest instructions for a row of %d by an estimate (%s); %d of %d weight registers stay"
        .formatted(tile, g.segments() * OUTPUTS, g.width(), text, cached, OUTPUTS * g.steps());
  }

  private Program program() {
    code.comment(choice());
    g.patterns().setAll(code);
    for (int ky = 0; ky < g.rowOffsets().length; ky++) {
      code.immediate(Opcode.ADD_X, ROWS + ky, 0, g.rowOffsets()[ky]);
    }
    if (cached > 0) {
      code.comment("weights that stay for the whole row");
    }
    for (int step = 0; step < g.steps(); step++) {
      for (int o = 0; o < OUTPUTS && isCached(step, o); o++) {
        loadWeight(step, o);
      }
    }
    Tiles.row(code, COUNTER, g.width(), tile, this::tile);
    return code.build();
  }

  private void tile(int pixels, boolean advance) {
    code.comment(
        "%d pixels by %d channels, %d steps".formatted(pixels, g.segments() * OUTPUTS, g.steps()));
    for (int o = 0; o < OUTPUTS; o++) {
      if (!isCached(0, o)) {
        loadWeight(0, o);
      }
    }
    loadActivation(0, 0, 0);
    loadSums(pixels, 0);
    int number = 0;
    int drained = 0;
    for (int step = 0; step < g.steps(); step++) {
      boolean first = step == 0 || g.drains().contains(step);
      if (first && step > 0) {
        drain(pixels, drained > 0);
        drained++;
        loadSums(pixels, drained);
      }
      g.patterns().share(code, step % g.registers());
      for (int i = 0; i < pixels; i++, number++) {
        boolean last = i == pixels - 1;
        if (!last) {
          loadActivation(number + 1, step, i + 1);
        } else if (step + 1 < g.steps()) {
          loadActivation(number + 1, step + 1, 0);
        }
        for (int o = 0; o < OUTPUTS; o++) {
          int to = accumulator(i, o);
          code.add(
              new Instruction(
                  Opcode.VMAC,
                  to,
                  activation(number),
                  weight(step, o),
                  first ? accumulator(i, OUTPUTS - 1) : to,
                  g.patterns().patternRegister(step % g.registers())));
          if (last && step + 1 < g.steps() && !isCached(step + 1, o)) {
            loadWeight(step + 1, o);
          }
        }
      }
    }
    finish(pixels, drained > 0);
    if (advance) {
      for (int ky = 0; ky < g.rowOffsets().length; ky++) {
        code.immediate(Opcode.ADD_X, ROWS + ky, ROWS + ky, pixels * g.pixelStep());
      }
      code.immediate(Opcode.ADD_X, 3, 3, pixels * g.outputBytes());
      code.immediate(Opcode.ADD_X, SUMS, SUMS, pixels * g.sumBytes());
      if (codec.residualBytes() > 0) {
        code.immediate(Opcode.ADD_X, 4, 4, pixels * codec.residualBytes());
      }
      if (g.signed()) {
        code.immediate(Opcode.ADD_X, 6, 6, 8 * pixels);
      }
    }
  }

  /** Sums of activations, which all outputs of a pixel begin from: where the last one's will be. */
  private void loadSums(int pixels, int drained) {
    for (int i = 0; i < pixels; i++) {
      code.repeated(accumulator(i, OUTPUTS - 1), SUMS, i * g.sumBytes() + 16 * drained);
    }
  }

  private void loadWeight(int step, int output) {
    code.immediate(
        Opcode.LDR_Q, weight(step, output), 1, code.vectorBytes() * (OUTPUTS * step + output));
  }

  private void loadActivation(int number, int step, int pixel) {
    int offset = g.offset(step) + pixel * g.pixelStep();
    code.repeated(activation(number), ROWS + g.row(step), offset);
  }

  /** Adds what the accumulators hold to the sums; the accumulators are free afterwards. */
  private void drain(int pixels, boolean again) {
    code.comment("before a lane could overflow");
    for (int i = 0; i < pixels; i++) {
      code.op(Opcode.VSUMQ, accumulator(i, 0), accumulator(i, 0), accumulator(i, 1));
      code.op(Opcode.VSUMQ, accumulator(i, 2), accumulator(i, 2), accumulator(i, 3));
    }
    for (int i = 0; i < pixels; i++) {
      int to = again ? accumulator(i, 0) : sum(i);
      code.op(Opcode.ADDP_4S, to, accumulator(i, 0), accumulator(i, 2));
    }
    if (again) {
      for (int i = 0; i < pixels; i++) {
        code.op(Opcode.ADD_4S, sum(i), sum(i), accumulator(i, 0));
      }
    }
  }

  private void finish(int pixels, boolean drained) {
    for (int i = 0; i < pixels; i++) {
      code.op(Opcode.VSUMQ, accumulator(i, 0), accumulator(i, 0), accumulator(i, 1));
      code.op(Opcode.VSUMQ, accumulator(i, 2), accumulator(i, 2), accumulator(i, 3));
    }
    int[] t = new int[pixels];
    for (int i = 0; i < pixels; i++) {
      t[i] = accumulator(i, 0);
      code.op(Opcode.ADDP_4S, t[i], accumulator(i, 0), accumulator(i, 2));
    }
    if (drained) {
      for (int i = 0; i < pixels; i++) {
        code.op(Opcode.ADD_4S, t[i], t[i], sum(i));
      }
    }
    if (g.signed()) {
      code.comment(
          "signed activations are twice their digits, less what is the same for all pixels");
      for (int i = 0; i < pixels; i++) {
        code.op(Opcode.ADD_4S, t[i], t[i], t[i]);
      }
      for (int i = 0; i < pixels; i++) {
        code.immediate(Opcode.LDR_X, CORRECTION, 6, 8 * i);
        code.op(Opcode.ADD_XX, CORRECTION, CORRECTION, 7);
        code.immediate(Opcode.LDR_Q, accumulator(i, 1), CORRECTION, 0);
        code.op(Opcode.ADD_4S, t[i], t[i], accumulator(i, 1));
      }
    }
    int[] free = new int[Math.max(SumThresholds.FREE, pixels + 1)];
    for (int i = 0; i < free.length; i++) {
      free[i] = accumulator(i / 3, 1 + i % 3);
    }
    codec.emit(code, t, free, 0, 0, g.outputBytes());
  }
}
