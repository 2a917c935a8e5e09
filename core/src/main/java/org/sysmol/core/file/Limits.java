package org.sysmol.core.file;

/**
 * The largest sizes that files may declare (docs/file-format.md §6): far above what networks need,
 * and low enough that every product of them fits the arithmetic of the readers.
 */
public final class Limits {
  /** Bytes of a container's header. */
  public static final int HEADER_BYTES = 16 << 20;

  /** Sections of a container, and entries of its metadata. */
  public static final int ENTRIES = 1 << 16;

  /** Bytes of a name in UTF-8. */
  public static final int NAME_BYTES = 1024;

  /** Bytes of a metadata value in UTF-8. */
  public static final int TEXT_BYTES = 1 << 18;

  /** Dimensions of a section's shape. */
  public static final int RANK = 8;

  /** Tensors, steps, class names, nodes: anything that a network has a list of. */
  public static final int COUNT = 1 << 16;

  /** Golden inputs of a network. */
  public static final int GOLDENS = 64;

  private Limits() {}
}
