package org.sysmol.core.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first bytes of a container, checked: what they say about lengths is possible for a file of
 * this size (docs/file-format.md §1).
 *
 * @param bytes the preamble itself, for the checksum over everything
 * @param headerLength of the header, in bytes
 * @param headerChecksum CRC32C of the header
 * @param payloadLength bytes between the header and the checksum at the end
 */
record Preamble(byte[] bytes, int headerLength, int headerChecksum, long payloadLength) {
  /** Bytes before the header: magic, version, checksum, header length, file length. */
  static final int BYTES = 32;

  static Preamble read(FileKind kind, String source, ByteSource file) throws IOException {
    long minimum = BYTES + Digests.SHA256_BYTES;
    long length = file.length();
    byte[] bytes = new byte[(int) Math.min(length, BYTES)];
    file.read(0, ByteBuffer.wrap(bytes));
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (length >= Long.BYTES) {
      requireMagic(source, kind, in.getLong(0));
    }
    if (length < minimum) {
      throw FileProblem.of(
          FileProblem.Rule.LENGTH,
          kind,
          source,
          "it is " + length + " bytes long where the shortest one has " + minimum);
    }
    requireVersion(source, kind, in.getInt(8));
    long headerLength = in.getLong(16);
    long declared = in.getLong(24);
    if (declared != length) {
      throw FileProblem.of(
          FileProblem.Rule.LENGTH,
          kind,
          source,
          "it is "
              + length
              + " bytes long but declares "
              + Long.toUnsignedString(declared)
              + " (a transfer may have been cut off)");
    }
    long possible = Math.min(Limits.HEADER_BYTES, length - minimum);
    if (headerLength < 0 || headerLength > possible) {
      throw FileProblem.of(
          FileProblem.Rule.LENGTH,
          kind,
          source,
          "it declares a header of "
              + Long.toUnsignedString(headerLength)
              + " bytes where at most "
              + possible
              + " are possible");
    }
    return new Preamble(bytes, (int) headerLength, in.getInt(12), length - minimum - headerLength);
  }

  private static void requireMagic(String source, FileKind kind, long magic) {
    if (magic == kind.magic()) {
      return;
    }
    String what = source + " is not a " + kind.noun() + ": it does not begin as sysmol's files do";
    for (FileKind other : FileKind.values()) {
      if (magic == other.magic()) {
        what = source + " is a " + other.noun() + ", not a " + kind.noun();
      }
    }
    throw FileProblem.of(FileProblem.Rule.MAGIC, what, "give the path of a " + kind.noun());
  }

  private static void requireVersion(String source, FileKind kind, int version) {
    if (version != FileKind.VERSION) {
      throw FileProblem.of(
          FileProblem.Rule.VERSION,
          source
              + " is a "
              + kind.noun()
              + " of format version "
              + Integer.toUnsignedString(version)
              + ", but this program reads version "
              + FileKind.VERSION,
          "use the program's version that wrote it, or make the file again with this one");
    }
  }
}
