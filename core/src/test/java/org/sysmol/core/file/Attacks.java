package org.sysmol.core.file;

import static org.sysmol.core.file.FileProblem.Rule.CHECKSUM;
import static org.sysmol.core.file.FileProblem.Rule.CONTENT;
import static org.sysmol.core.file.FileProblem.Rule.HEADER;
import static org.sysmol.core.file.FileProblem.Rule.LAYOUT;
import static org.sysmol.core.file.FileProblem.Rule.LENGTH;
import static org.sysmol.core.file.FileProblem.Rule.MAGIC;
import static org.sysmol.core.file.FileProblem.Rule.VERSION;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;

/**
 * Bad .smol files, each with one lie, named for the lie and the rule that it breaks: {@code
 * LIE.RULE.smol}. The corpus in {@code src/test/resources/attacks} holds them; {@link #main} writes
 * it and a test compares.
 */
final class Attacks {
  /** The file with all sentences, one a line, in the order of the names. */
  static final String REFUSALS = "refusals.txt";

  private final Map<String, byte[]> files = new TreeMap<>();
  private final PackedNetwork network = SampleNetworks.of(4, 3, 1);
  private final byte[] good = SmolFile.bytes(network);
  private final Forge forge = Forge.of(FileKind.NETWORK, good);

  private Attacks() {}

  /** All attacks by file name. */
  static Map<String, byte[]> all() {
    Attacks attacks = new Attacks();
    attacks.frame();
    attacks.header();
    attacks.layout();
    StructureAttacks.on(attacks.network, attacks.forge)
        .forEach((name, file) -> attacks.add(name, CONTENT, file));
    NetworkAttacks.on(attacks.network)
        .forEach((name, bad) -> attacks.add(name, CONTENT, SmolFile.unchecked(bad).bytes()));
    return attacks.files;
  }

  /** The rule that a file of the corpus breaks, by its name. */
  static FileProblem.Rule rule(String file) {
    String[] parts = file.split("\\.", -1);
    return FileProblem.Rule.valueOf(parts[parts.length - 2].toUpperCase(Locale.ROOT));
  }

  private void add(String name, FileProblem.Rule rule, byte[] file) {
    String key = name + "." + rule.name().toLowerCase(Locale.ROOT) + ".smol";
    if (files.put(key, file) != null) {
      throw new IllegalStateException(key + " exists twice");
    }
  }

  /** A copy of a good file, patched and sealed again. */
  private byte[] patched(Consumer<ByteBuffer> patch) {
    byte[] file = good.clone();
    patch.accept(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
    return Forge.resealed(file);
  }

  private void frame() {
    add("empty", LENGTH, new byte[0]);
    add("one-byte", LENGTH, new byte[] {(byte) 0x93});
    add("magic-only", LENGTH, Arrays.copyOf(good, 8));
    add("preamble-only", LENGTH, Arrays.copyOf(good, 32));
    add("cut-in-half", LENGTH, Arrays.copyOf(good, good.length / 2));
    add("last-byte-missing", LENGTH, Arrays.copyOf(good, good.length - 1));
    add("one-byte-more", LENGTH, Forge.resealed(Arrays.copyOf(good, good.length + 1)));
    add("zip-magic", MAGIC, patched(b -> b.putInt(0, 0x04034B50)));
    add("line-ends-rewritten", MAGIC, patched(b -> b.put(6, (byte) 0x0A)));
    add("checkpoint-magic", MAGIC, patched(b -> b.putLong(0, FileKind.CHECKPOINT.magic())));
    add("version-0", VERSION, forge.withVersion(0));
    add("version-2", VERSION, forge.withVersion(2));
    add("version-negative", VERSION, forge.withVersion(-1));
    long[] lengths = {1L << 40, Long.MAX_VALUE, -1, Limits.HEADER_BYTES + 1, good.length - 63};
    for (long length : lengths) {
      add(
          "header-of-" + Long.toUnsignedString(length),
          LENGTH,
          patched(b -> b.putLong(16, length)));
      add("file-of-" + Long.toUnsignedString(length), LENGTH, patched(b -> b.putLong(24, length)));
    }
    add("header-checksum", CHECKSUM, patched(b -> b.putInt(12, ~b.getInt(12))));
    add("header-of-0", CHECKSUM, patched(b -> b.putLong(16, 0)));
    byte[] payloadFlip = good.clone();
    payloadFlip[good.length - 40] ^= 4;
    add("payload-bit-under-a-good-sha", CHECKSUM, Forge.resealed(payloadFlip));
    byte[] shaFlip = good.clone();
    shaFlip[good.length - 1] ^= 1;
    add("sha-bit", CHECKSUM, shaFlip);
  }

  private void header() {
    byte[] header = forge.header();
    add("header-empty", HEADER, forge.withHeader(new byte[0]));
    add(
        "header-with-a-byte-more",
        HEADER,
        forge.withHeader(Arrays.copyOf(header, header.length + 1)));
    add("header-cut", HEADER, forge.withHeader(Arrays.copyOf(header, header.length - 3)));
    add(
        "metadata-65536-entries",
        HEADER,
        forge.withHeader(new byte[] {(byte) 0x80, (byte) 0x80, 4}));
    add("metadata-2-to-62-entries", HEADER, forge.withHeader(varint(1L << 62)));
    add("metadata-count-of-70-bits", HEADER, forge.withHeader(filled(10, 0xFF)));
    add("metadata-count-in-two-bytes", HEADER, forge.withHeader(new byte[] {(byte) 0x80, 0, 0}));
    add("metadata-name-of-1-GiB", HEADER, forge.withHeader(join(varint(1), varint(1 << 30))));
    add(
        "metadata-not-utf8",
        HEADER,
        forge.withHeader(new byte[] {1, 2, (byte) 0xC0, (byte) 0x80, 0, 0}));
    add("metadata-twice", HEADER, forge.withHeader(new byte[] {2, 1, 'a', 0, 1, 'a', 0, 0}));
    add("sections-65537", HEADER, forge.withHeader(join(varint(0), varint(65537))));
    add("sections-65536-in-no-bytes", HEADER, forge.withHeader(join(varint(0), varint(65536))));
    add("section-type-unknown", HEADER, forge.withHeader(entry("s", 6, 1, 1, 0, 1)));
    add("section-rank-9", HEADER, forge.withHeader(entry("s", 0, 9, 1, 0, 1)));
    add(
        "section-shape-overflows",
        HEADER,
        forge.withEntry(
            "weights", s -> shaped(s, List.of(1L << 40, 1L << 40), s.offset(), s.length())));
    add(
        "section-shape-overflows-to-its-length",
        HEADER,
        forge.withEntry(
            "affine", s -> shaped(s, List.of(1L << 62, 4L, s.elements()), s.offset(), s.length())));
    add(
        "section-length-is-not-its-shape",
        HEADER,
        forge.withEntry(
            "weights", s -> shaped(s, List.of(s.length() - 1), s.offset(), s.length())));
    add(
        "section-without-elements-but-long",
        HEADER,
        forge.withEntry("weights", s -> shaped(s, List.of(0L), s.offset(), s.length())));
  }

  private void layout() {
    add(
        "section-overlaps",
        LAYOUT,
        forge.withEntry("weights", s -> shaped(s, s.shape(), s.offset() - 1, s.length())));
    add(
        "section-behind-a-hole",
        LAYOUT,
        forge.withEntry("weights", s -> shaped(s, s.shape(), s.offset() + 1, s.length())));
    add(
        "section-at-2-to-62",
        LAYOUT,
        forge.withEntry("bounds", s -> shaped(s, s.shape(), 1L << 62, s.length())));
    add(
        "section-past-the-end",
        LAYOUT,
        forge.withEntry(
            "bounds", s -> shaped(s, List.of(s.length() + 1), s.offset(), s.length() + 1)));
    add(
        "section-of-2-to-62",
        LAYOUT,
        forge.withEntry("bounds", s -> shaped(s, List.of(1L << 62), s.offset(), 1L << 62)));
    add(
        "section-checksum",
        CHECKSUM,
        forge.withEntry(
            "bounds",
            s ->
                new Section(s.name(), s.type(), s.shape(), s.offset(), s.length(), ~s.checksum())));
    add("payload-without-sections", LAYOUT, forge.withHeader(new byte[] {0, 0}));
    add(
        "payload-longer",
        LAYOUT,
        Forge.seal(
            FileKind.NETWORK.magic(), 1, forge.header(), join(forge.payload(), new byte[1])));
    add("section-renamed", LAYOUT, forge.withEntry("bounds", s -> named(s, "bound")));
    add(
        "section-of-another-type",
        LAYOUT,
        forge.withEntry(
            "weights",
            s ->
                new Section(
                    s.name(), DataType.I8, s.shape(), s.offset(), s.length(), s.checksum())));
    for (String name : List.of("structure", "affine")) {
      add(
          name + "-in-two-dimensions",
          LAYOUT,
          forge.withEntry(name, s -> shaped(s, List.of(1L, s.elements()), s.offset(), s.length())));
    }
    Map<String, String> metadata = forge.metadata();
    metadata.remove("assign");
    add("metadata-missing", LAYOUT, forge.withMetadata(metadata));
    metadata = forge.metadata();
    metadata.put("patern", "P4");
    add("metadata-unknown", LAYOUT, forge.withMetadata(metadata));
  }

  private static Section shaped(Section s, List<Long> shape, long offset, long length) {
    return new Section(s.name(), s.type(), shape, offset, length, s.checksum());
  }

  private static Section named(Section s, String name) {
    return new Section(name, s.type(), s.shape(), s.offset(), s.length(), s.checksum());
  }

  /** A header with one section. */
  private static byte[] entry(String name, int type, int rank, int extent, int offset, int length) {
    RecordWriter out = new RecordWriter();
    out.varint(0);
    out.varint(1);
    out.name("name", name);
    out.u8(type);
    out.u8(rank);
    for (int i = 0; i < rank; i++) {
      out.varint(extent);
    }
    out.varint(offset);
    out.varint(length);
    out.u32(0);
    return out.bytes();
  }

  private static byte[] varint(long value) {
    RecordWriter out = new RecordWriter();
    out.varint(value);
    return out.bytes();
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /**
   * Writes the corpus, and with which sentences this program refuses it.
   *
   * @param arguments the directory
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Files.createDirectories(directory);
    StringBuilder refusals = new StringBuilder();
    for (Map.Entry<String, byte[]> attack : all().entrySet()) {
      Files.write(directory.resolve(attack.getKey()), attack.getValue());
      refusals.append(refusal(attack.getKey(), attack.getValue())).append('\n');
    }
    Files.writeString(directory.resolve(REFUSALS), refusals);
  }

  /** The sentence that refuses a file; it begins with the file's name. */
  static String refusal(String name, byte[] file) {
    try {
      SmolFile.read(file, name);
      return name + " is accepted";
    } catch (SysmolException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
