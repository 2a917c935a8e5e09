package org.sysmol.core.file;

import java.util.List;

/**
 * A named array in a container.
 *
 * @param name unique in its file
 * @param type of its elements
 * @param shape its sizes, row-major; empty for a single element
 * @param offset of its first byte, counted from the end of the header
 * @param length in bytes
 * @param checksum CRC32C of its bytes
 */
public record Section(
    String name, DataType type, List<Long> shape, long offset, long length, int checksum) {
  /** Copies the shape. */
  public Section {
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  public long elements() {
    return length / type.bytes();
  }
}
