package org.sysmol.core.file;

/**
 * What a container holds; told by the first eight bytes of the file (docs/file-format.md §1).
 *
 * <p>The magic is {@code 93 'S' 'M' 'O' 'L' kind 0D 0A}: the first byte is no ASCII and no UTF-8,
 * and a transfer that rewrites line ends breaks the last two, so that neither is taken for a file.
 */
public enum FileKind {
  /** A compiled network, {@code .smol}. */
  NETWORK('N', "packed network", "compile the network again or copy the file again"),
  /** A trained network with its precisions. */
  TRAINED('T', "trained network", "train the network again or copy the file again"),
  /** The state of a training run between two epochs. */
  CHECKPOINT('C', "checkpoint", "delete it to start the run anew, or copy the file again");

  /** The only format version that this program writes and reads. */
  public static final int VERSION = 1;

  private final long magic;
  private final String noun;
  private final String remedy;

  FileKind(char letter, String noun, String remedy) {
    // Read as a little-endian u64 of the bytes in the order of the Javadoc above.
    this.magic = 0x0A0D_00_4C4F4D53_93L | (long) letter << 40;
    this.noun = noun;
    this.remedy = remedy;
  }

  /** The first eight bytes of a file as a little-endian integer. */
  long magic() {
    return magic;
  }

  /** What such a file is called in a sentence. */
  String noun() {
    return noun;
  }

  /** What a user can do about a damaged one, as the end of a sentence. */
  String remedy() {
    return remedy;
  }
}
