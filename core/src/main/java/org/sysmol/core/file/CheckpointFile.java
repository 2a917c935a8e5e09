package org.sysmol.core.file;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.sysmol.core.SysmolException;

/**
 * Checkpoints on disk: each array is a section, each fact an entry of the metadata
 * (docs/file-format.md §8).
 *
 * <p>A process that is killed while it saves leaves the previous checkpoint whole.
 */
public final class CheckpointFile {
  private CheckpointFile() {}

  /**
   * Writes a checkpoint atomically.
   *
   * @throws SysmolException (failed) if it can't be written
   */
  public static void write(Checkpoint checkpoint, Path path) {
    writer(checkpoint).write(path);
  }

  /** The bytes of the file. */
  public static byte[] bytes(Checkpoint checkpoint) {
    return writer(checkpoint).bytes();
  }

  private static ContainerWriter writer(Checkpoint checkpoint) {
    ContainerWriter out = new ContainerWriter(FileKind.CHECKPOINT);
    checkpoint.facts().forEach(out::metadata);
    checkpoint
        .arrays()
        .forEach(
            (name, values) -> {
              switch (values) {
                case float[] floats -> out.section(name, floats, floats.length);
                case double[] doubles -> out.section(name, doubles);
                case int[] ints -> out.section(name, ints);
                case long[] longs -> out.section(name, longs);
                case byte[] bytes -> out.section(name, bytes);
                default -> throw new IllegalStateException("Not an array type: " + name);
              }
            });
    return out;
  }

  /**
   * Reads a checkpoint.
   *
   * @throws SysmolException (bad input) if it can't be read or is damaged
   */
  public static Checkpoint read(Path path) {
    try (Container container = Container.open(path, FileKind.CHECKPOINT)) {
      return read(container);
    }
  }

  /** Reads a checkpoint from memory; {@code source} is what messages call it. */
  public static Checkpoint read(byte[] bytes, String source) {
    try (Container container =
        Container.open(ByteBuffer.wrap(bytes), source, FileKind.CHECKPOINT)) {
      return read(container);
    }
  }

  private static Checkpoint read(Container container) {
    Checkpoint checkpoint = new Checkpoint(container.source());
    container.metadata().forEach(checkpoint::put);
    for (Section section : container.sections()) {
      Object values =
          switch (section.type()) {
            case U8, I8 -> container.bytes(section);
            case I32 -> container.ints(section);
            case I64 -> container.longs(section);
            case F32 -> container.floats(section);
            case F64 -> container.doubles(section);
          };
      checkpoint.putArray(section.name(), values);
    }
    return checkpoint;
  }
}
