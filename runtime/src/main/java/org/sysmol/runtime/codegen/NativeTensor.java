package org.sysmol.runtime.codegen;

import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;

/**
 * How a tensor lies in native memory: rows of pixels, channels innermost, with a halo of cells
 * worth 0 around the map, so that no kernel needs to know where the map ends.
 *
 * <p>Rows share their halo: the cells right of one row are those left of the next. A stored byte is
 * the integer that enters a product plus {@link #zero}, so that it is never negative: unsigned
 * codes as they are, odd codes plus 16, signed eight-bit codes plus 128.
 *
 * @param channels channels
 * @param height rows of the map
 * @param width columns of the map
 * @param pitch bytes of a pixel, at least the channels times their size
 * @param top rows of halo above
 * @param left columns of halo left of the first row
 * @param columns pixels from one row to the next, halo included
 * @param after pixels of halo behind the last row's last pixel
 * @param zero stored byte that is worth 0
 * @param real binary32 values instead of bytes
 */
record NativeTensor(
    int channels,
    int height,
    int width,
    int pitch,
    int top,
    int left,
    int columns,
    int after,
    int zero,
    boolean real) {
  /** Cells of halo that a tensor's readers want: rows above and below, columns on both sides. */
  record Halo(int top, int left, int bottom, int right) {
    static final Halo NONE = new Halo(0, 0, 0, 0);

    Halo and(Halo other) {
      return new Halo(
          Math.max(top, other.top),
          Math.max(left, other.left),
          Math.max(bottom, other.bottom),
          Math.max(right, other.right));
    }
  }

  /**
   * The layout of a tensor.
   *
   * @param lanes channels that kernels write at once
   */
  static NativeTensor of(PackedTensor tensor, Halo halo, int lanes, boolean image) {
    boolean real = tensor.encoding() instanceof Encoding.Real;
    int channels = tensor.channels();
    int width = tensor.width();
    int columns = width + Math.max(halo.left(), halo.right());
    int pitch = image ? roundUp(channels, 4) : roundUp(channels, lanes) * (real ? 4 : 1);
    return new NativeTensor(
        channels,
        tensor.height(),
        width,
        pitch,
        halo.top(),
        halo.left(),
        columns,
        halo.bottom() * columns + halo.right(),
        zero(tensor),
        real);
  }

  /** The stored byte of a tensor that is worth 0. */
  static int zero(PackedTensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> mixed.signed() ? 16 : 0;
      case Encoding.Eight eight -> eight.signed() ? 128 : 0;
      case Encoding.Real _ -> 0;
    };
  }

  static int roundUp(int value, int multiple) {
    return Math.ceilDiv(value, multiple) * multiple;
  }

  /** Bytes from one row to the next. */
  int rowPitch() {
    return columns * pitch;
  }

  /** Bytes from the buffer's start to a cell of the map or of its halo. */
  int at(int y, int x) {
    return ((y + top) * columns + left + x) * pitch;
  }

  /** Bytes of the buffer, halo included. */
  long bytes() {
    return ((long) (top + height - 1) * columns + left + width + after) * pitch;
  }

  /** The integer that a stored byte means. */
  int decode(byte stored) {
    return (stored & 0xff) - zero;
  }
}
