package org.sysmol.hardware.program;

import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/** A row of pixels in tiles: a loop over whole ones, and what is left behind it. */
final class Tiles {
  /** What computes one tile. */
  interface Tile {
    /**
     * Emits it.
     *
     * @param pixels of the tile
     * @param advance whether pointers must be moved on behind it
     */
    void emit(int pixels, boolean advance);
  }

  private Tiles() {}

  /**
   * Emits a row.
   *
   * @param counter general register that counts tiles
   * @param width pixels of the row
   * @param pixels of a tile
   */
  static void row(Program.Builder code, int counter, int width, int pixels, Tile tile) {
    int tiles = width / pixels;
    int rest = width % pixels;
    if (tiles > 1) {
      code.immediate(Opcode.MOV_X, counter, 0, tiles);
    }
    int start = code.here();
    if (tiles > 0) {
      tile.emit(pixels, tiles > 1 || rest > 0);
    }
    if (tiles > 1) {
      code.loop(counter, start);
    }
    if (rest > 0) {
      tile.emit(rest, false);
    }
  }
}
