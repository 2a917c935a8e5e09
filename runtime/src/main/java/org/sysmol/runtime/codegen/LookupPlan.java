package org.sysmol.runtime.codegen;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.plan.Window;

/**
 * Where a {@link LookupConvolution} keeps what it makes of its input: local numbers at rsp; in the
 * thread's scratch 16-bit sums of a tile, 32-bit sums of a chunk of a row, and by pixel of a strip
 * of rows the bytes that are multiplied and the offsets of tables.
 */
final class LookupPlan {
  /** Rows of outputs left of the thread's part, after this strip. */
  static final int ROWS = 0;

  /** Rows of outputs in this strip. */
  static final int STRIP_ROWS = 8;

  /** Rows left of the block. */
  static final int ROW = 16;

  /** Whole blocks left. */
  static final int BLOCK = 24;

  /** Address of the strip's input. */
  static final int INPUT = 32;

  /** Address of the strip's output. */
  static final int OUTPUT = 40;

  /** Address of the strip's part of the added tensor. */
  static final int SECOND = 48;

  /** Address of the block's output in the strip. */
  static final int BLOCK_OUTPUT = 56;

  /** Address of the block's part of the added tensor in the strip. */
  static final int BLOCK_SECOND = 64;

  /** Chunks left of the row. */
  static final int CHUNK = 72;

  /** Groups of vectors left of a block. */
  static final int GROUP = 80;

  private static final int SUM_BYTES = 8 << 10;
  private static final int INPUT_BYTES = 32 << 10;

  /** Vectors are stored beyond the last pixel. */
  private static final int SLACK = 32;

  final Window window;
  final NativeTensor in;
  final LookupSegments segments;

  /** Bytes of the 32-bit sums of a pixel. */
  final int sumPitch;

  /** Most pixels of a chunk of a row, even. */
  final int chunk;

  /** Most output rows of a strip, 0 if not even one fits. */
  final int rows;

  /** Offsets in the scratch. */
  final int words;

  final int sums;
  final int bytes;
  final int twos;
  final int ones;
  final int end;

  /**
   * A plan.
   *
   * @param wordBytes 16-bit sums of a tile
   * @param sumPitch 32-bit sums of a pixel in a block, in bytes
   */
  LookupPlan(Window window, NativeTensor in, LookupSegments segments, int wordBytes, int sumPitch) {
    this.window = window;
    this.in = in;
    this.segments = segments;
    this.sumPitch = sumPitch;
    int most = Math.max(2, SUM_BYTES / sumPitch / 2 * 2);
    int chunks = Math.ceilDiv(window.outputWidth(), most);
    chunk = NativeTensor.roundUp(Math.ceilDiv(window.outputWidth(), chunks), 2);
    int perPixel = segments.byteChannels() + twoBytes() + oneBytes();
    int fit = window.outputHeight();
    while (fit > 0 && pixels(fit) * perPixel > INPUT_BYTES) {
      fit--;
    }
    rows =
        fit == 0
            ? 0
            : Math.ceilDiv(window.outputHeight(), Math.ceilDiv(window.outputHeight(), fit));
    words = 0;
    sums = words + wordBytes;
    bytes = sums + chunk * sumPitch;
    int pixels = (int) pixels(rows);
    twos = bytes + pixels * segments.byteChannels() + SLACK;
    ones = twos + pixels * twoBytes() + SLACK;
    end = ones + pixels * oneBytes() + SLACK;
  }

  /** Bytes of a pixel's offsets of two-bit tables. */
  int twoBytes() {
    return 2 * segments.twoSteps();
  }

  /** Bytes of a pixel's offsets of one-bit tables. */
  int oneBytes() {
    return 2 * segments.oneSteps();
  }

  /**
   * True if one-bit channels are looked up for one pixel alone, with the weights of two steps in a
   * byte: there is no second pixel in a row, and no run of cells ends within a byte.
   */
  boolean onePixel() {
    return window.outputWidth() == 1
        && (runs().size() == 1 || runCells() * segments.oneSteps() % 2 == 0);
  }

  /** Input pixels between two output rows. */
  int rowPixels() {
    return window.strideY() * in.columns();
  }

  /** Input pixels, in the order of memory, that {@code count} rows of outputs read. */
  long pixels(int count) {
    return (count - 1L) * rowPixels() + firstRowPixels();
  }

  /** Input pixels that all strips of an image bring into another form. */
  long allPixels() {
    int whole = window.outputHeight() / rows;
    int rest = window.outputHeight() % rows;
    return whole * pixels(rows) + (rest > 0 ? pixels(rest) : 0);
  }

  /** Input pixels that one row of outputs reads. */
  int firstRowPixels() {
    return (window.kernelHeight() - 1) * window.dilationY() * in.columns()
        + (window.outputWidth() - 1) * window.strideX()
        + (window.kernelWidth() - 1) * window.dilationX()
        + 1;
  }

  /** Pixels from an output's first cell to each run of cells that touch. */
  List<Integer> runs() {
    List<Integer> runs = new ArrayList<>();
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < (touching() ? 1 : window.kernelWidth()); kx++) {
        runs.add(ky * window.dilationY() * in.columns() + kx * window.dilationX());
      }
    }
    return runs;
  }

  /** Cells of a run. */
  int runCells() {
    return touching() ? window.kernelWidth() : 1;
  }

  private boolean touching() {
    return window.dilationX() == 1;
  }
}
