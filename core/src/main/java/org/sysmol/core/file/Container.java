package org.sysmol.core.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.sysmol.core.SysmolException;

/**
 * An open container whose header was checked and whose every byte agreed with its checksums when it
 * was opened (docs/file-format.md §1, §2).
 *
 * <p>Opening reads the file once, in pieces of 64 KiB; besides those only the header is allocated,
 * which is at most {@link Limits#HEADER_BYTES} and never longer than the file. A section is
 * allocated when it is asked for, and its checksum is compared again, so a file that changes
 * meanwhile is refused too. Not for use by several threads at once.
 */
public final class Container implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 16;

  private final FileKind kind;
  private final String source;
  private final ByteSource bytes;
  private final ContainerHeader header;
  private final long payloadStart;

  private Container(
      FileKind kind, String source, ByteSource bytes, ContainerHeader header, long payloadStart) {
    this.kind = kind;
    this.source = source;
    this.bytes = bytes;
    this.header = header;
    this.payloadStart = payloadStart;
  }

  /**
   * Opens and verifies a file.
   *
   * @param path of a regular file
   * @param kind that it must be of
   * @throws SysmolException (bad input) if it can't be read or breaks a rule; {@link FileProblem}
   *     tells which
   */
  public static Container open(Path path, FileKind kind) {
    String source = path.toString();
    if (Files.isDirectory(path)) {
      throw SysmolException.badInput(
          source + " is a directory; give the path of a " + kind.noun() + " file.");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw SysmolException.badInput(
          source + " is not a regular file; give the path of a " + kind.noun() + " file.");
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    } catch (IOException e) {
      throw unreadable(source, kind, e);
    }
    try {
      return open(source, kind, new ByteSource.Disk(channel, channel.size()));
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw unreadable(source, kind, e);
    } catch (RuntimeException e) {
      closeQuietly(channel, e);
      throw e;
    }
  }

  /**
   * Opens and verifies bytes in memory or a mapped file.
   *
   * @param bytes from position to limit; neither is changed
   * @param source what messages call it
   * @param kind that it must be of
   */
  public static Container open(ByteBuffer bytes, String source, FileKind kind) {
    try {
      return open(source, kind, new ByteSource.Memory(bytes.asReadOnlyBuffer()));
    } catch (IOException e) {
      throw unreadable(source, kind, e);
    }
  }

  private static Container open(String source, FileKind kind, ByteSource bytes) throws IOException {
    Preamble preamble = Preamble.read(kind, source, bytes);
    ByteBuffer encoded = little(preamble.headerLength());
    bytes.read(Preamble.BYTES, encoded);
    encoded.flip();
    CRC32C crc = new CRC32C();
    crc.update(encoded.duplicate());
    if ((int) crc.getValue() != preamble.headerChecksum()) {
      throw FileProblem.of(
          FileProblem.Rule.CHECKSUM, kind, source, "its header differs from its checksum");
    }
    ContainerHeader header =
        ContainerHeader.decode(kind, source, encoded, preamble.payloadLength());
    MessageDigest sha = Digests.sha256();
    sha.update(preamble.bytes());
    sha.update(encoded);
    long payloadStart = (long) Preamble.BYTES + preamble.headerLength();
    Container container = new Container(kind, source, bytes, header, payloadStart);
    container.verify(sha, bytes.length());
    return container;
  }

  private void verify(MessageDigest sha, long length) throws IOException {
    ByteBuffer piece = little(PIECE_BYTES);
    for (Section section : header.sections()) {
      CRC32C crc = new CRC32C();
      long at = payloadStart + section.offset();
      for (long left = section.length(); left > 0; ) {
        piece.clear().limit((int) Math.min(left, piece.capacity()));
        bytes.read(at, piece);
        piece.flip();
        at += piece.limit();
        left -= piece.limit();
        crc.update(piece.duplicate());
        sha.update(piece);
      }
      requireChecksum(section, crc);
    }
    byte[] stored = new byte[Digests.SHA256_BYTES];
    bytes.read(length - Digests.SHA256_BYTES, ByteBuffer.wrap(stored));
    if (!Arrays.equals(stored, sha.digest())) {
      throw FileProblem.of(
          FileProblem.Rule.CHECKSUM, kind, source, "it differs from the SHA-256 at its end");
    }
  }

  private void requireChecksum(Section section, CRC32C crc) {
    if ((int) crc.getValue() != section.checksum()) {
      throw FileProblem.of(
          FileProblem.Rule.CHECKSUM,
          kind,
          source,
          "section "
              + section.name()
              + " (bytes "
              + (payloadStart + section.offset())
              + " to "
              + (payloadStart + section.offset() + section.length())
              + ") differs from its checksum");
    }
  }

  /** A refusal of the file. */
  SysmolException problem(FileProblem.Rule rule, String what) {
    return FileProblem.of(rule, kind, source, what);
  }

  /** What messages call the file. */
  public String source() {
    return source;
  }

  /** Strings by name, in file order. */
  public Map<String, String> metadata() {
    return java.util.Collections.unmodifiableMap(header.metadata());
  }

  /** The metadata called {@code name}; its absence is refused. */
  public String metadata(String name) {
    String value = header.metadata().get(name);
    if (value == null) {
      throw FileProblem.of(
          FileProblem.Rule.LAYOUT, kind, source, "it has no metadata called " + name);
    }
    return value;
  }

  /** The sections in file order. */
  public List<Section> sections() {
    return List.copyOf(header.sections());
  }

  /** The section called {@code name}; its absence is refused. */
  public Section section(String name) {
    for (Section section : header.sections()) {
      if (section.name().equals(name)) {
        return section;
      }
    }
    throw FileProblem.of(FileProblem.Rule.LAYOUT, kind, source, "it has no section called " + name);
  }

  /** The bytes of a section of type u8 or i8. */
  public byte[] bytes(Section section) {
    require(section, section.type() == DataType.I8 ? DataType.I8 : DataType.U8);
    byte[] values = new byte[(int) section.length()];
    read(section, piece -> piece.get(values, (int) piece.filled(), piece.count()));
    return values;
  }

  /** The values of a section of type f32. */
  public float[] floats(Section section) {
    require(section, DataType.F32);
    float[] values = new float[(int) section.elements()];
    read(section, p -> p.in().asFloatBuffer().get(values, p.element(4), p.count() / 4));
    return values;
  }

  /** The values of a section of type f64. */
  public double[] doubles(Section section) {
    require(section, DataType.F64);
    double[] values = new double[(int) section.elements()];
    read(section, p -> p.in().asDoubleBuffer().get(values, p.element(8), p.count() / 8));
    return values;
  }

  /** The values of a section of type i32. */
  public int[] ints(Section section) {
    require(section, DataType.I32);
    int[] values = new int[(int) section.elements()];
    read(section, p -> p.in().asIntBuffer().get(values, p.element(4), p.count() / 4));
    return values;
  }

  /** The values of a section of type i64. */
  public long[] longs(Section section) {
    require(section, DataType.I64);
    long[] values = new long[(int) section.elements()];
    read(section, p -> p.in().asLongBuffer().get(values, p.element(8), p.count() / 8));
    return values;
  }

  /** A reader of the records in a section, which is a row of unsigned bytes. */
  RecordReader records(String name) {
    Section section = section(name);
    require(section, DataType.U8);
    requireRow(section);
    return new RecordReader(
        kind, FileProblem.Rule.CONTENT, source, "section " + name, ByteBuffer.wrap(bytes(section)));
  }

  /** Refuses a section that is not a plain row of elements. */
  void requireRow(Section section) {
    if (section.shape().size() != 1) {
      throw problem(
          FileProblem.Rule.LAYOUT,
          "section "
              + section.name()
              + " has the shape "
              + section.shape()
              + " where a row is expected");
    }
  }

  private void require(Section section, DataType type) {
    if (section.type() != type) {
      throw FileProblem.of(
          FileProblem.Rule.LAYOUT,
          kind,
          source,
          "section "
              + section.name()
              + " holds "
              + section.type().word()
              + " where "
              + type.word()
              + " is expected");
    }
    if (section.elements() > Integer.MAX_VALUE - 8) {
      throw FileProblem.of(
          FileProblem.Rule.LAYOUT,
          kind,
          source,
          "section " + section.name() + " has more than 2^31 elements");
    }
  }

  /**
   * A piece of a section on its way to an array.
   *
   * @param in its bytes
   * @param filled bytes of the section before it
   */
  private record Piece(ByteBuffer in, long filled) {
    int count() {
      return in.remaining();
    }

    int element(int bytesEach) {
      return (int) (filled / bytesEach);
    }

    void get(byte[] values, int at, int count) {
      in.duplicate().get(values, at, count);
    }
  }

  private void read(Section section, java.util.function.Consumer<Piece> sink) {
    ByteBuffer piece = little((int) Math.min(PIECE_BYTES, section.length()));
    CRC32C crc = new CRC32C();
    try {
      for (long filled = 0; filled < section.length(); ) {
        piece.clear().limit((int) Math.min(section.length() - filled, piece.capacity()));
        bytes.read(payloadStart + section.offset() + filled, piece);
        piece.flip();
        crc.update(piece.duplicate());
        sink.accept(new Piece(piece, filled));
        filled += piece.limit();
      }
    } catch (IOException e) {
      throw unreadable(source, kind, e);
    }
    requireChecksum(section, crc);
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException e) {
      // Nothing was written, and all that was read agreed with its checksums.
      throw unreadable(source, kind, e);
    }
  }

  private static void closeQuietly(FileChannel channel, Exception because) {
    try {
      channel.close();
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static SysmolException unreadable(String source, FileKind kind, IOException e) {
    String message =
        switch (e) {
          case NoSuchFileException _ ->
              source + " does not exist; give the path of a " + kind.noun() + ".";
          case AccessDeniedException _ ->
              source + " may not be read; change its permissions or copy it.";
          default ->
              source + " can't be read (" + e.getMessage() + "); check the disk and try again.";
        };
    return SysmolException.badInput(message, e);
  }
}
