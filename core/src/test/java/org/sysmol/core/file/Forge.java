package org.sysmol.core.file;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/**
 * Takes a container apart and puts it together again with lies in it, but with checksums that
 * agree, so that the lies get past them.
 */
final class Forge {
  private final FileKind kind;
  private final ContainerHeader header;
  private final Map<String, byte[]> contents = new LinkedHashMap<>();

  private Forge(FileKind kind, ContainerHeader header) {
    this.kind = kind;
    this.header = header;
  }

  static Forge of(FileKind kind, byte[] file) {
    try (Container container = Container.open(ByteBuffer.wrap(file), "original", kind)) {
      Forge forge =
          new Forge(kind, new ContainerHeader(container.metadata(), container.sections()));
      int payload = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(16) + 32;
      for (Section section : container.sections()) {
        int from = payload + (int) section.offset();
        forge.contents.put(
            section.name(), Arrays.copyOfRange(file, from, from + (int) section.length()));
      }
      return forge;
    }
  }

  /** Names of the sections in order. */
  List<String> names() {
    return List.copyOf(contents.keySet());
  }

  byte[] section(String name) {
    return contents.get(name).clone();
  }

  /** The file with other bytes in a section, and a header that agrees with them. */
  byte[] withSection(String name, byte[] bytes) {
    return withSections(Map.of(name, bytes));
  }

  byte[] withSections(Map<String, byte[]> changed) {
    List<Section> sections = new ArrayList<>();
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (Section section : header.sections()) {
      byte[] bytes = changed.getOrDefault(section.name(), contents.get(section.name()));
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      List<Long> shape =
          bytes.length == section.length()
              ? section.shape()
              : List.of((long) bytes.length / section.type().bytes());
      sections.add(
          new Section(
              section.name(),
              section.type(),
              shape,
              payload.size(),
              bytes.length,
              (int) crc.getValue()));
      payload.writeBytes(bytes);
    }
    return seal(
        kind.magic(),
        FileKind.VERSION,
        new ContainerHeader(header.metadata(), sections).encode(),
        payload.toByteArray());
  }

  /** The file with one section's entry in the header replaced. */
  byte[] withEntry(String name, UnaryOperator<Section> lie) {
    List<Section> sections = new ArrayList<>();
    for (Section section : header.sections()) {
      sections.add(section.name().equals(name) ? lie.apply(section) : section);
    }
    return withHeader(new ContainerHeader(header.metadata(), sections).encode());
  }

  /** The file with other metadata. */
  byte[] withMetadata(Map<String, String> metadata) {
    return withHeader(new ContainerHeader(metadata, header.sections()).encode());
  }

  Map<String, String> metadata() {
    return new LinkedHashMap<>(header.metadata());
  }

  byte[] header() {
    return header.encode();
  }

  byte[] withHeader(byte[] encoded) {
    return seal(kind.magic(), FileKind.VERSION, encoded, payload());
  }

  byte[] payload() {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    contents.values().forEach(payload::writeBytes);
    return payload.toByteArray();
  }

  byte[] withVersion(int version) {
    return seal(kind.magic(), version, header.encode(), payload());
  }

  /** A whole file whose lengths and checksums agree with what is given. */
  static byte[] seal(long magic, int version, byte[] header, byte[] payload) {
    int length = 32 + header.length + payload.length + 32;
    CRC32C crc = new CRC32C();
    crc.update(header);
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(magic).putInt(version).putInt((int) crc.getValue());
    out.putLong(header.length).putLong(length).put(header).put(payload);
    return resealed(out.array());
  }

  /** The file with the SHA-256 that its other bytes have. */
  static byte[] resealed(byte[] file) {
    byte[] sealed = file.clone();
    var sha = Digests.sha256();
    sha.update(sealed, 0, sealed.length - 32);
    System.arraycopy(sha.digest(), 0, sealed, sealed.length - 32, 32);
    return sealed;
  }
}
