package org.sysmol.core.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.sysmol.core.SysmolException;

/**
 * Gathers metadata and arrays, then writes them as one container (docs/file-format.md §1, §2).
 *
 * <p>Arrays are kept, not copied, until the file is written.
 */
public final class ContainerWriter {
  private static final int PIECE_BYTES = 1 << 16;

  /** Puts {@code count} elements from {@code first} on into a buffer. */
  private interface Elements {
    void put(ByteBuffer piece, int first, int count);
  }

  private record Pending(String name, DataType type, List<Long> shape, int count, Elements from) {}

  private final FileKind kind;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Pending> sections = new ArrayList<>();

  /** A container without contents. */
  public ContainerWriter(FileKind kind) {
    this.kind = kind;
  }

  /** Adds a string; names are unique. */
  public ContainerWriter metadata(String name, String value) {
    if (metadata.put(name, value) != null) {
      throw new IllegalArgumentException("Metadata " + name + " was given twice");
    }
    return this;
  }

  /** Adds a section of type u8. */
  public ContainerWriter section(String name, byte[] values) {
    return add(
        name,
        DataType.U8,
        new int[] {values.length},
        values.length,
        (piece, first, count) -> piece.put(values, first, count));
  }

  /** Adds a section of type f32 whose shape has as many elements as there are values. */
  public ContainerWriter section(String name, float[] values, int... shape) {
    return add(
        name,
        DataType.F32,
        shape,
        values.length,
        (piece, first, count) -> {
          piece.asFloatBuffer().put(values, first, count);
          piece.position(piece.position() + 4 * count);
        });
  }

  /** Adds a section of type f64. */
  public ContainerWriter section(String name, double[] values) {
    return add(
        name,
        DataType.F64,
        new int[] {values.length},
        values.length,
        (piece, first, count) -> {
          piece.asDoubleBuffer().put(values, first, count);
          piece.position(piece.position() + 8 * count);
        });
  }

  /** Adds a section of type i32. */
  public ContainerWriter section(String name, int[] values) {
    return add(
        name,
        DataType.I32,
        new int[] {values.length},
        values.length,
        (piece, first, count) -> {
          piece.asIntBuffer().put(values, first, count);
          piece.position(piece.position() + 4 * count);
        });
  }

  /** Adds a section of type i64. */
  public ContainerWriter section(String name, long[] values) {
    return add(
        name,
        DataType.I64,
        new int[] {values.length},
        values.length,
        (piece, first, count) -> {
          piece.asLongBuffer().put(values, first, count);
          piece.position(piece.position() + 8 * count);
        });
  }

  private ContainerWriter add(
      String name, DataType type, int[] shape, int count, Elements elements) {
    List<Long> extents = new ArrayList<>();
    long product = 1;
    for (int extent : shape) {
      extents.add((long) extent);
      product = Math.multiplyExact(product, extent);
    }
    if (product != count || shape.length > Limits.RANK) {
      throw new IllegalArgumentException(
          "Section " + name + " has " + count + " elements but the shape " + extents);
    }
    if (sections.stream().anyMatch(s -> s.name.equals(name))) {
      throw new IllegalArgumentException("Section " + name + " was given twice");
    }
    sections.add(new Pending(name, type, extents, count, elements));
    return this;
  }

  /** The whole file in memory. */
  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writeTo(Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * Writes the file atomically.
   *
   * @throws SysmolException (failed) if it can't be written; see {@link AtomicFile}
   */
  public void write(Path path) {
    AtomicFile.write(path, this::writeTo);
  }

  private void writeTo(WritableByteChannel channel) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    List<Section> directory = new ArrayList<>();
    long payload = 0;
    for (Pending section : sections) {
      CRC32C crc = new CRC32C();
      pieces(section, piece, crc::update);
      long length = (long) section.count * section.type.bytes();
      directory.add(
          new Section(
              section.name, section.type, section.shape, payload, length, (int) crc.getValue()));
      payload += length;
    }
    byte[] header = new ContainerHeader(metadata, directory).encode();
    if (header.length > Limits.HEADER_BYTES
        || metadata.size() > Limits.ENTRIES
        || sections.size() > Limits.ENTRIES) {
      throw SysmolException.badInput(
          "The "
              + kind.noun()
              + " has more names than a file can hold ("
              + header.length
              + " bytes of header); use fewer or shorter ones.");
    }
    CRC32C crc = new CRC32C();
    crc.update(header);
    long total = (long) Preamble.BYTES + header.length + payload + Digests.SHA256_BYTES;
    MessageDigest sha = Digests.sha256();
    piece.clear();
    piece.putLong(kind.magic()).putInt(FileKind.VERSION).putInt((int) crc.getValue());
    piece.putLong(header.length).putLong(total).flip();
    Sink sink =
        bytes -> {
          sha.update(bytes.duplicate());
          AtomicFile.writeFully(channel, bytes);
        };
    sink.take(piece);
    sink.take(ByteBuffer.wrap(header));
    for (Pending section : sections) {
      pieces(section, piece, sink);
    }
    AtomicFile.writeFully(channel, ByteBuffer.wrap(sha.digest()));
  }

  private interface Sink {
    void take(ByteBuffer bytes) throws IOException;
  }

  private static void pieces(Pending section, ByteBuffer piece, Sink sink) throws IOException {
    int perPiece = piece.capacity() / section.type.bytes();
    for (int first = 0; first < section.count; ) {
      int count = Math.min(perPiece, section.count - first);
      piece.clear();
      section.from.put(piece, first, count);
      piece.flip();
      sink.take(piece);
      first += count;
    }
  }
}
