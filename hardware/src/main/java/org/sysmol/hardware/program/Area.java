package org.sysmol.hardware.program;

/**
 * A map in memory: rows of pixels, channels innermost, with cells around it that windows may read.
 *
 * @param origin address of the first pixel
 * @param pixelBytes from one pixel to the next
 * @param rowBytes from one row to the next
 */
record Area(int origin, int pixelBytes, int rowBytes) {
  /** Address of a pixel, which may lie around the map. */
  int at(int y, int x) {
    return origin + y * rowBytes + x * pixelBytes;
  }

  /** Reserves a map. */
  static Area allocate(
      Memory memory, int height, int width, int pixelBytes, Margin margin, byte around) {
    int rowBytes = (width + margin.left() + margin.right()) * pixelBytes;
    long size = (long) rowBytes * (height + margin.top() + margin.bottom());
    int start = memory.allocate(size);
    if (around != 0) {
      memory.fill(start, Math.toIntExact(start + size), around);
    }
    return new Area(
        start + margin.top() * rowBytes + margin.left() * pixelBytes, pixelBytes, rowBytes);
  }

  /**
   * Cells around a map, in rows and columns.
   *
   * @param top rows above
   * @param left columns on the left
   * @param bottom rows below
   * @param right columns on the right
   */
  record Margin(int top, int left, int bottom, int right) {
    /** None. */
    static final Margin NONE = new Margin(0, 0, 0, 0);

    /** What serves both. */
    Margin and(Margin other) {
      return new Margin(
          Math.max(top, other.top),
          Math.max(left, other.left),
          Math.max(bottom, other.bottom),
          Math.max(right, other.right));
    }
  }
}
