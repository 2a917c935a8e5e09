package org.sysmol.runtime.codegen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
 * <p>An image that only dense convolutions read lies close together, see {@link Packing}.
 *
 * <p>The last channels of a tensor of unsigned codes may lie apart as single bits, 32 channels a
 * word, in a second plane of the same rows, columns and halo.
 *
 * @param channels channels
 * @param height rows of the map
 * @param width columns of the map
 * @param pitch bytes of a pixel, at least the channels times their size
 * @param codeBytes bytes of a code: 1, or 2 for the plain signed integers of an image of words
 * @param top rows of halo above
 * @param left columns of halo left of the first row
 * @param columns pixels from one row to the next, halo included
 * @param after pixels of halo behind the last row's last pixel
 * @param zero stored byte that is worth 0
 * @param real binary32 values instead of bytes
 * @param words words of 32 one-bit channels of a pixel in the second plane
 */
record NativeTensor(
    int channels,
    int height,
    int width,
    int pitch,
    int codeBytes,
    int top,
    int left,
    int columns,
    int after,
    int zero,
    boolean real,
    int words) {
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

  /** How close the pixels of a tensor lie. */
  enum Packing {
    /** Pixels of as many channels as kernels write at once, or a multiple. */
    VECTORS,
    /** Pixels of four bytes or a multiple, for tiles. */
    FOURS,
    /** Bytes without a gap: the cells of a window row are one run of bytes. */
    BYTES,
    /** Words without a gap, for classes that multiply eight-bit codes as words. */
    WORDS
  }

  /**
   * The layout of a tensor.
   *
   * @param lanes channels that kernels write at once
   */
  static NativeTensor of(PackedTensor tensor, Halo halo, int lanes, Packing packing, int words) {
    boolean real = tensor.encoding() instanceof Encoding.Real;
    int channels = tensor.channels();
    int bytes = channels - 32 * words;
    int width = tensor.width();
    int columns = width + Math.max(halo.left(), halo.right());
    int codeBytes = packing == Packing.WORDS ? 2 : 1;
    int pitch =
        switch (packing) {
          case VECTORS -> roundUp(bytes, lanes) * (real ? 4 : 1);
          case FOURS -> roundUp(bytes, 4);
          case BYTES, WORDS -> bytes * codeBytes;
        };
    return new NativeTensor(
        channels,
        tensor.height(),
        width,
        pitch,
        codeBytes,
        halo.top(),
        halo.left(),
        columns,
        halo.bottom() * columns + halo.right(),
        codeBytes == 2 ? 0 : zero(tensor),
        real,
        words);
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

  /** True if the map is one cell. */
  boolean isCell() {
    return height == 1 && width == 1;
  }

  /** Bytes from one row to the next. */
  int rowPitch() {
    return columns * pitch;
  }

  /** Bytes from the buffer's start to a cell of the map or of its halo. */
  int at(int y, int x) {
    return ((y + top) * columns + left + x) * pitch;
  }

  /** Channels that are stored as bytes; those behind them are single bits. */
  int byteChannels() {
    return channels - 32 * words;
  }

  /** Bytes of a pixel in the second plane. */
  int bitPitch() {
    return 4 * words;
  }

  /** Bytes from the buffer's start to a cell in the second plane. */
  int bitsAt(int y, int x) {
    return Math.toIntExact(bitPlane() + ((long) (y + top) * columns + left + x) * bitPitch());
  }

  private long cells() {
    return (long) (top + height - 1) * columns + left + width + after;
  }

  private long bitPlane() {
    return words == 0 ? 0 : (cells() * pitch + 63) & -64;
  }

  /** Bytes of the buffer, halo included. */
  long bytes() {
    // The last step of a window row reads four bytes, of which three may lie behind the last cell.
    int behind = pitch % 4 == 0 ? 0 : 4;
    return words == 0 ? cells() * pitch + behind : bitPlane() + cells() * bitPitch();
  }

  /** The integer that stands in memory for a code, the buffer beginning at {@code start}. */
  int code(MemorySegment memory, long start, int y, int x, int c) {
    if (codeBytes == 2) {
      return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, start + at(y, x) + 2L * c);
    }
    if (c < byteChannels()) {
      return (memory.get(ValueLayout.JAVA_BYTE, start + at(y, x) + c) & 0xff) - zero;
    }
    int bit = c - byteChannels();
    byte eight = memory.get(ValueLayout.JAVA_BYTE, start + bitsAt(y, x) + bit / 8);
    return eight >> bit % 8 & 1;
  }

  /** Writes a code: the inverse of {@link #code}. */
  void put(MemorySegment memory, long start, int y, int x, int c, int code) {
    if (codeBytes == 2) {
      memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, start + at(y, x) + 2L * c, (short) code);
      return;
    }
    if (c < byteChannels()) {
      memory.set(ValueLayout.JAVA_BYTE, start + at(y, x) + c, (byte) (code + zero));
      return;
    }
    int bit = c - byteChannels();
    long place = start + bitsAt(y, x) + bit / 8;
    int eight = memory.get(ValueLayout.JAVA_BYTE, place) & ~(1 << bit % 8);
    memory.set(ValueLayout.JAVA_BYTE, place, (byte) (eight | code << bit % 8));
  }
}
