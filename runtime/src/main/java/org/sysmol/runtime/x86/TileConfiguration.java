package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The shapes of the eight tiles, as {@code ldtilecfg} reads them.
 *
 * @param tiles the shape of each tile from {@code tmm0} on; tiles behind the last are not used
 */
public record TileConfiguration(List<Shape> tiles) {
  /** Tile registers of palette 1, the only one that processors have. */
  public static final int TILES = 8;

  /** Most rows of a tile. */
  public static final int MOST_ROWS = 16;

  /** Most bytes of a row. */
  public static final int MOST_ROW_BYTES = 64;

  /** Size in memory. */
  public static final int BYTES = 64;

  // Where the parts lie: palette, first row, then 16-bit lengths of rows, then numbers of rows.
  private static final int ROW_BYTES_AT = 16;
  private static final int ROWS_AT = 48;

  /**
   * The shape of a tile.
   *
   * @param rows 0 where the tile is not used
   * @param rowBytes bytes of a row, 0 where the tile is not used
   */
  public record Shape(int rows, int rowBytes) {
    /** A tile that is not used. */
    public static final Shape UNUSED = new Shape(0, 0);

    /** Checks what the processor would fault on. */
    public Shape {
      if (rows < 0
          || rows > MOST_ROWS
          || rowBytes < 0
          || rowBytes > MOST_ROW_BYTES
          || rows == 0 != (rowBytes == 0)) {
        throw new IllegalArgumentException(
            "No tile has " + rows + " rows of " + rowBytes + " bytes.");
      }
    }
  }

  /** Checks the number of tiles and freezes them. */
  public TileConfiguration {
    if (tiles.size() > TILES) {
      throw new IllegalArgumentException("There are eight tiles, not " + tiles.size() + ".");
    }
    tiles = List.copyOf(tiles);
  }

  /** Shapes for the tiles from {@code tmm0} on. */
  public static TileConfiguration of(Shape... tiles) {
    return new TileConfiguration(Arrays.asList(tiles));
  }

  /** All eight tiles with 16 rows of 64 bytes. */
  public static TileConfiguration full() {
    return new TileConfiguration(Collections.nCopies(TILES, new Shape(MOST_ROWS, MOST_ROW_BYTES)));
  }

  /** The shape of {@code tile}. */
  public Shape shape(TileRegister tile) {
    return tile.index() < tiles.size() ? tiles.get(tile.index()) : Shape.UNUSED;
  }

  /** The 64 bytes that {@code ldtilecfg} reads. */
  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    bytes[0] = 1;
    for (int i = 0; i < tiles.size(); i++) {
      bytes[ROW_BYTES_AT + 2 * i] = (byte) tiles.get(i).rowBytes();
      bytes[ROWS_AT + i] = (byte) tiles.get(i).rows();
    }
    return bytes;
  }

  /**
   * Reads 64 bytes as the processor does, palette 1 only.
   *
   * @throws IllegalArgumentException where the processor would fault, or start amid a tile
   */
  static TileConfiguration read(byte[] bytes) {
    if (bytes[0] != 1) {
      throw new IllegalArgumentException("There is no palette " + (bytes[0] & 0xFF) + ".");
    }
    if (bytes[1] != 0) {
      throw new IllegalArgumentException(
          "Tiles must start at row 0, not " + (bytes[1] & 0xFF) + ".");
    }
    Shape[] tiles = new Shape[TILES];
    byte[] read = bytes.clone();
    for (int i = 0; i < TILES; i++) {
      tiles[i] =
          new Shape(
              bytes[ROWS_AT + i] & 0xFF, (int) Lanes.unsigned(bytes, 16, ROW_BYTES_AT / 2 + i));
      read[ROWS_AT + i] = 0;
      Lanes.set(read, 16, ROW_BYTES_AT / 2 + i, 0);
    }
    read[0] = 0;
    for (int i = 0; i < BYTES; i++) {
      if (read[i] != 0) {
        throw new IllegalArgumentException("Byte " + i + " of a tile configuration must be 0.");
      }
    }
    return of(tiles);
  }
}
