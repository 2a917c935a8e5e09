package org.sysmol.core.file;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.NetworkCheck;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.trained.Provenance;

/**
 * The {@code .smol} file: a packed network with all that is needed to run it and to tell where it
 * comes from (docs/file-format.md §4, §5).
 *
 * <p>A network that was read passed every checksum and {@link NetworkCheck}, so engines may rely on
 * all that the latter promises. What is written reads back equal, field by field.
 */
public final class SmolFile {
  static final String STRUCTURE = "structure";
  static final String WEIGHTS = "weights";
  static final String AFFINE = "affine";
  static final String BOUNDS = "bounds";
  private static final List<String> SECTIONS = List.of(STRUCTURE, WEIGHTS, AFFINE, BOUNDS);
  private static final String PROVENANCE = "provenance/";

  private SmolFile() {}

  /**
   * Reads and checks a file.
   *
   * @throws SysmolException (bad input) with the file and the place if anything is wrong
   */
  public static PackedNetwork read(Path path) {
    try (Container container = Container.open(path, FileKind.NETWORK)) {
      return read(container);
    }
  }

  /** Reads and checks a file in memory; {@code source} is what messages call it. */
  public static PackedNetwork read(byte[] bytes, String source) {
    return read(ByteBuffer.wrap(bytes), source);
  }

  /**
   * Reads and checks a file in memory or mapped, from position to limit; {@code source} is what
   * messages call it. The network has arrays of its own and outlives the buffer.
   */
  public static PackedNetwork read(ByteBuffer bytes, String source) {
    try (Container container = Container.open(bytes, source, FileKind.NETWORK)) {
      return read(container);
    }
  }

  /**
   * Writes a file atomically.
   *
   * @throws SysmolException (failed) if it can't be written; (bad input) if {@code network} breaks
   *     a rule of {@link NetworkCheck}
   */
  public static void write(PackedNetwork network, Path path) {
    writer(network).write(path);
  }

  /** The bytes of the file. */
  public static byte[] bytes(PackedNetwork network) {
    return writer(network).bytes();
  }

  private static ContainerWriter writer(PackedNetwork network) {
    NetworkCheck.check(network);
    return unchecked(network);
  }

  /** What {@link #write} writes, without the check: tests make bad files with it. */
  static ContainerWriter unchecked(PackedNetwork network) {
    ContainerWriter out = new ContainerWriter(FileKind.NETWORK);
    out.metadata("name", network.name());
    out.metadata("patterns", network.patterns());
    out.metadata("assign", network.assign());
    writeProvenance(out, network.provenance());
    StructureWriter structure = new StructureWriter();
    structure.write(network);
    out.section(STRUCTURE, structure.structure());
    out.section(WEIGHTS, structure.weights());
    float[] affine = structure.affine();
    out.section(AFFINE, affine, affine.length);
    out.section(BOUNDS, structure.bounds());
    return out;
  }

  private static PackedNetwork read(Container container) {
    requireSections(container, SECTIONS);
    Map<String, String> metadata = new LinkedHashMap<>(container.metadata());
    String name = take(container, metadata, "name");
    String patterns = take(container, metadata, "patterns");
    String assign = take(container, metadata, "assign");
    Provenance provenance = provenance(container, metadata);
    Section affine = container.section(AFFINE);
    container.requireRow(affine);
    StructureReader reader =
        new StructureReader(
            container.records(STRUCTURE),
            container.records(WEIGHTS),
            container.floats(affine),
            container.records(BOUNDS));
    PackedNetwork network = reader.read(name, patterns, assign, provenance);
    NetworkCheck.check(
        network,
        what ->
            FileProblem.of(FileProblem.Rule.CONTENT, FileKind.NETWORK, container.source(), what));
    return network;
  }

  static void writeProvenance(ContainerWriter out, Provenance provenance) {
    provenance.facts().forEach((fact, value) -> out.metadata(PROVENANCE + fact, value));
  }

  /** Removes and returns a piece of metadata; its absence is refused. */
  static String take(Container container, Map<String, String> metadata, String name) {
    String value = container.metadata(name);
    metadata.remove(name);
    return value;
  }

  /** The provenance among the metadata; anything else that is left is refused. */
  static Provenance provenance(Container container, Map<String, String> metadata) {
    Map<String, String> facts = new LinkedHashMap<>();
    metadata.forEach(
        (name, value) -> {
          if (!name.startsWith(PROVENANCE)) {
            throw container.problem(
                FileProblem.Rule.LAYOUT, "its metadata " + name + " means nothing in such a file");
          }
          facts.put(name.substring(PROVENANCE.length()), value);
        });
    return new Provenance(facts);
  }

  /** Refuses a container that has other sections, or the right ones in another order. */
  static void requireSections(Container container, List<String> names) {
    List<String> found = new ArrayList<>();
    container.sections().forEach(section -> found.add(section.name()));
    if (!found.equals(names)) {
      throw container.problem(
          FileProblem.Rule.LAYOUT,
          "its sections are " + found + " where " + names + " is expected");
    }
  }
}
