package org.sysmol.core.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a container: metadata, then a directory of the sections (docs/file-format.md §2).
 *
 * @param metadata strings by name, in file order
 * @param sections in the order in which they lie
 */
record ContainerHeader(Map<String, String> metadata, List<Section> sections) {
  byte[] encode() {
    RecordWriter out = new RecordWriter();
    out.varint(metadata.size());
    metadata.forEach(
        (name, value) -> {
          out.name("metadata name " + name, name);
          out.string("metadata value of " + name, value, Limits.TEXT_BYTES);
        });
    out.varint(sections.size());
    for (Section section : sections) {
      out.name("section name " + section.name(), section.name());
      out.u8(section.type().number());
      out.u8(section.shape().size());
      section.shape().forEach(out::varint);
      out.varint(section.offset());
      out.varint(section.length());
      out.u32(section.checksum());
    }
    return out.bytes();
  }

  /**
   * Reads a header and checks that its sections fill the payload without holes and overlaps.
   *
   * @param payload bytes between header and final checksum
   */
  static ContainerHeader decode(FileKind kind, String source, ByteBuffer bytes, long payload) {
    RecordReader in = new RecordReader(kind, FileProblem.Rule.HEADER, source, "the header", bytes);
    Map<String, String> metadata = new LinkedHashMap<>();
    int entries = in.count("number of metadata entries", Limits.ENTRIES, 2);
    for (int i = 0; i < entries; i++) {
      String name = in.name("metadata name");
      if (metadata.put(name, in.string("metadata value", Limits.TEXT_BYTES)) != null) {
        throw in.problem("the metadata name " + name + " appears twice");
      }
    }
    List<Section> sections = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int count = in.count("number of sections", Limits.ENTRIES, 9);
    long end = 0;
    for (int i = 0; i < count; i++) {
      Section section = section(in);
      if (!names.add(section.name())) {
        throw in.problem("the section name " + section.name() + " appears twice");
      }
      if (section.offset() != end) {
        throw layout(
            kind,
            source,
            "section "
                + section.name()
                + " begins at payload byte "
                + section.offset()
                + (section.offset() < end
                    ? " and overlaps what ends at byte "
                    : " and leaves a hole behind byte ")
                + end);
      }
      if (section.length() > payload - end) {
        throw layout(
            kind,
            source,
            "section "
                + section.name()
                + " of "
                + section.length()
                + " bytes reaches past the payload of "
                + payload
                + " bytes");
      }
      end += section.length();
      sections.add(section);
    }
    in.end();
    if (end != payload) {
      throw layout(
          kind,
          source,
          "its sections fill " + end + " bytes of a payload of " + payload + " bytes");
    }
    return new ContainerHeader(metadata, sections);
  }

  private static Section section(RecordReader in) {
    String name = in.name("section name");
    DataType type = DataType.numbered(in.u8("element type"));
    if (type == null) {
      throw in.problem("the element type of section " + name + " is unknown");
    }
    int rank = in.u8("rank");
    if (rank > Limits.RANK) {
      throw in.problem("section " + name + " has more than " + Limits.RANK + " dimensions");
    }
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    for (int i = 0; i < rank; i++) {
      long extent = in.varint("size of a dimension");
      shape.add(extent);
      elements = multiply(in, name, elements, extent);
    }
    long bytes = multiply(in, name, elements, type.bytes());
    long offset = in.varint("section offset");
    long length = in.varint("section length");
    if (length != bytes) {
      throw in.problem(
          "section "
              + name
              + " declares "
              + length
              + " bytes but its shape "
              + shape
              + " of "
              + type.word()
              + " needs "
              + bytes);
    }
    return new Section(name, type, shape, offset, length, in.u32("section checksum"));
  }

  private static long multiply(RecordReader in, String name, long a, long b) {
    if (Math.multiplyHigh(a, b) != 0 || a * b < 0) {
      throw in.problem("the shape of section " + name + " overflows");
    }
    return a * b;
  }

  private static RuntimeException layout(FileKind kind, String source, String what) {
    return FileProblem.of(FileProblem.Rule.LAYOUT, kind, source, what);
  }
}
