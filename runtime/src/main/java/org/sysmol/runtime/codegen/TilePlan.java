package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.plan.Window;

/**
 * Which pixels of a layer's output make up the rows of each tile, and where they lie.
 *
 * <p>A tile's rows are {@link #rows} windows at equal distances in the input. Where the distance of
 * two rows of the map is a multiple of that of two pixels, the map is one run of windows, those of
 * the cells between two rows among them, which belong to no pixel; else each row is a run. A tile
 * begins at the first pixel that is in none yet, or before it so far that it ends at a pixel of the
 * run. So it reads nothing beyond the windows of pixels; a pixel in two tiles is computed twice,
 * alike; and a row that is no pixel's stands before one that is, whose place it takes first.
 */
final class TilePlan {
  /** Most accumulators: the eight tiles less two of pixels and two of weights. */
  static final int MOST_SUMS = 4;

  private static final int MOST_ROWS = 16;

  private final Window window;
  private final NativeTensor in;
  private final int width;

  /** Windows from one row of the map to the next, where the map is one run; else 0. */
  private final int columns;

  private final int rows;
  private final List<int[]> tiles = new ArrayList<>();

  /** Rows in the table before a block's first, with the same place. */
  private final int before;

  /** A plan for a layer that reads {@code in} through {@code window}. */
  TilePlan(NativeTensor in, Window window) {
    this(in, window, 0);
  }

  private TilePlan(NativeTensor in, Window window, int before) {
    this.in = in;
    this.window = window;
    this.before = before;
    width = window.outputWidth();
    int down = window.strideY() * in.columns();
    columns = down % window.strideX() == 0 && down / window.strideX() >= width ? down : 0;
    int runs = columns > 0 ? 1 : window.outputHeight();
    int length = columns > 0 ? (window.outputHeight() - 1) * across() + width : width;
    int most = Math.min(MOST_ROWS, length);
    while (!pixel(most - 1)) {
      most--;
    }
    rows = most;
    for (int run = 0; run < runs; run++) {
      int next = 0;
      while (next < length) {
        int first = Math.min(next, length - rows);
        while (!pixel(first + rows - 1)) {
          first--;
        }
        tiles.add(new int[] {run, first});
        next = first + rows;
        while (next < length && !pixel(next)) {
          next++;
        }
      }
    }
  }

  private int across() {
    return columns / window.strideX();
  }

  private boolean pixel(int place) {
    return columns == 0 || place % across() < width;
  }

  /** The same plan with {@code rows} in the table before a block's first, with the same place. */
  TilePlan before(int rows) {
    return new TilePlan(in, window, rows);
  }

  /** Rows in the table before a block's first. */
  int before() {
    return before;
  }

  /** Rows of a tile. */
  int rows() {
    return rows;
  }

  /** Number of tiles. */
  int tiles() {
    return tiles.size();
  }

  /** Tiles of a block for {@code vectors} of outputs: as many sums as there are accumulators. */
  int blockTiles(int vectors) {
    if (vectors == 1 || (tiles() > 2 && tiles() <= MOST_SUMS)) {
      return Math.min(tiles(), MOST_SUMS);
    }
    return Math.min(tiles(), 2);
  }

  /** Bytes of the table for a block of {@code count} tiles. */
  int blockBytes(int count, boolean second) {
    return 4 * (count + (second ? 2 : 1) * (before + count * rows));
  }

  /** Bytes from a block's part of the table to a tile's input. */
  static int inputAt(int tile) {
    return 4 * tile;
  }

  /**
   * Bytes from a block's part of the table to the place of a row in the output.
   *
   * @param row of the table: those before the block's first, then the tiles' one after the other
   */
  int outputAt(int count, int row) {
    return 4 * (count + row);
  }

  /** Bytes from a block's part of the table to the place of a row in the added tensor. */
  int secondAt(int count, int row) {
    return 4 * (count + before + count * rows + row);
  }

  /**
   * The table: for each block of {@code count} tiles, from the tensors' starts, where the tiles'
   * windows begin, where each row's result belongs, and where what is added to it lies. Tiles that
   * the last block lacks are its last one again.
   */
  byte[] table(int count, NativeTensor out, @Nullable NativeTensor second) {
    int blocks = Math.ceilDiv(tiles(), count);
    ByteBuffer to =
        ByteBuffer.allocate(blocks * blockBytes(count, second != null))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < count; i++) {
        int[] tile = tile(block * count + i);
        int y = tile[0] + (columns > 0 ? tile[1] / across() : 0);
        int x = columns > 0 ? tile[1] % across() : tile[1];
        to.putInt(
            in.at(y * window.strideY() - window.padTop(), x * window.strideX() - window.padLeft()));
      }
      places(to, block, count, out);
      if (second != null) {
        places(to, block, count, second);
      }
    }
    return to.array();
  }

  private int[] tile(int index) {
    return tiles.get(Math.min(index, tiles() - 1));
  }

  private void places(ByteBuffer to, int block, int count, NativeTensor tensor) {
    for (int row = -before; row < count * rows; row++) {
      int[] tile = tile(block * count + Math.max(row, 0) / rows);
      int place = tile[1] + Math.max(row, 0) % rows;
      while (!pixel(place)) {
        place++;
      }
      to.putInt(
          columns > 0 ? tensor.at(place / across(), place % across()) : tensor.at(tile[0], place));
    }
  }
}
