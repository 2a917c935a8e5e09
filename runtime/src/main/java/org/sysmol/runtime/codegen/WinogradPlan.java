package org.sysmol.runtime.codegen;

import static org.sysmol.runtime.x86.GeneralRegister.RSP;
import static org.sysmol.runtime.x86.Memory.mem;

import org.sysmol.core.plan.Window;
import org.sysmol.runtime.x86.Memory;

/**
 * Where a {@link WinogradConvolution} keeps what it makes of its input: local numbers at rsp; in
 * the thread's scratch, for a strip of rows, the transformed input {@code [transform][row][group of
 * pixels][channel]} in bytes and the sums of a block {@code [group of pixels][transform][output]}
 * in 32 bits.
 *
 * <p>A group is four neighbouring outputs of a row. Groups of a strip are numbered row by row, and
 * a tile of the product is any run of them: the last one may reach beyond the strip, into what the
 * scratch happens to hold, and the sums of such groups are never looked at.
 */
final class WinogradPlan {
  /** Outputs of a group. */
  static final int OUTPUTS = 4;

  /** Input cells, and transformed cells, of a group. */
  static final int CELLS = 6;

  // Local numbers; the first two are those of BitCounts.

  /** Rows of outputs left of the thread's part, after this strip. */
  static final int ROWS = 16;

  /** Rows of outputs in this strip. */
  static final int STRIP_ROWS = 24;

  /** Groups in this strip. */
  static final int STRIP_GROUPS = 32;

  /** Address of the strip's input. */
  static final int INPUT = 40;

  /** Address of the strip's output. */
  static final int OUTPUT = 48;

  /** Address of the strip's output in the second plane. */
  static final int OUTPUT_BITS = 56;

  /** Address of the strip's part of the added tensor. */
  static final int SECOND = 64;

  /** Address of the block's output in the strip. */
  static final int BLOCK_OUTPUT = 72;

  /** Address of the block's part of the added tensor in the strip. */
  static final int BLOCK_SECOND = 80;

  /** Blocks left. */
  static final int BLOCK = 88;

  /** Most bytes of a strip's sums, and of its transformed input, if one row has fewer. */
  private static final int SUM_BYTES = 44 << 10;

  private static final int INPUT_BYTES = 128 << 10;

  private final Target target;
  private final int vectors;

  /** Groups of a row. */
  final int groups;

  /** Most output rows of a strip. */
  final int rows;

  /** Bytes from one transformed input of a strip to the next. */
  final int transformPitch;

  /** Bytes of a transformed group: those of a pixel of the input. */
  final int groupBytes;

  /** Offset of the sums in the scratch; the transformed input is at 0. */
  final int sums;

  final int end;

  /**
   * A plan.
   *
   * @param vectors of outputs in a whole block
   */
  WinogradPlan(Window window, NativeTensor in, Target target, int vectors) {
    this.target = target;
    this.vectors = vectors;
    groups = Math.ceilDiv(window.outputWidth(), OUTPUTS);
    groupBytes = in.pitch();
    int fit = window.outputHeight();
    while (fit > 1
        && (fit * groups * sumPitch(vectors) > SUM_BYTES
            || CELLS * transformBytes(fit, window) > INPUT_BYTES)) {
      fit--;
    }
    // Strips of nearly equal height: 14 rows are 7 + 7, not 9 + 5.
    rows = Math.ceilDiv(window.outputHeight(), Math.ceilDiv(window.outputHeight(), fit));
    transformPitch = NativeTensor.roundUp(transformBytes(rows, window), 64);
    int beyond = mostGroups(1) * groupBytes;
    sums = NativeTensor.roundUp(CELLS * transformPitch + beyond, 64);
    int tiles = Math.max(whole(vectors) * sumPitch(vectors), whole(1) * sumPitch(1));
    end = sums + tiles;
  }

  private int transformBytes(int outputRows, Window window) {
    return (outputRows + window.kernelHeight() - 1) * groups * groupBytes;
  }

  /** Groups of a whole strip, rounded up to whole tiles. */
  private int whole(int blockVectors) {
    return NativeTensor.roundUp(rows * groups, tile(blockVectors));
  }

  /** Most groups of a tile: sums, weights and one input must fit the registers. */
  private int mostGroups(int blockVectors) {
    return Math.min(16, (target.vectorRegisters() - 1 - blockVectors) / blockVectors);
  }

  /** Groups of a tile, so that a whole strip has tiles of nearly equal size. */
  int tile(int blockVectors) {
    int tiles = Math.ceilDiv(rows * groups, mostGroups(blockVectors));
    return Math.ceilDiv(rows * groups, tiles);
  }

  /** Vectors of outputs in a whole block. */
  int vectors() {
    return vectors;
  }

  /** Bytes of a group's sums in a block. */
  int sumPitch(int blockVectors) {
    return CELLS * blockVectors * target.vectorBytes();
  }

  static Memory local(int at) {
    return mem(RSP, at).ofQword();
  }
}
