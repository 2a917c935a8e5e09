package org.sysmol.hardware.program;

import java.util.Arrays;
import org.sysmol.core.SysmolException;

/** Lays out what programs read and write: addresses are handed out, and filled where constant. */
final class Memory {
  /** On registers of 128 bits loads may reach so many bytes past what they need. */
  private static final int SLACK = 64;

  private final int slack;
  private byte[] bytes = new byte[1 << 16];
  private int used;
  private int scratch;
  private long scratchSize;

  /** The memory of programs on registers of so many segments of 128 bits. */
  Memory(int segments) {
    slack = segments * SLACK;
    used = slack;
  }

  /**
   * Reserves bytes worth 0, on a multiple of 64.
   *
   * @throws SysmolException if more than 2 GiB are needed in all
   */
  int allocate(long size) {
    long start = used + 63L & ~63L;
    long end = start + size + slack;
    if (end > Integer.MAX_VALUE - 64) {
      throw SysmolException.badInput(
          "The network needs more than 2 GiB of simulated memory; simulate a smaller one.");
    }
    if (end > bytes.length) {
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(Integer.MAX_VALUE - 64L, Math.max(end, 2L * bytes.length)));
    }
    used = (int) end;
    return (int) start;
  }

  /**
   * Room that any step may use as it runs and none keeps: the same for all that ask for no more
   * than before.
   */
  int scratch(long size) {
    if (size > scratchSize) {
      scratch = allocate(size);
      scratchSize = size;
    }
    return scratch;
  }

  /** Reserves room for these bytes and puts them there. */
  int constant(byte[] content) {
    int at = allocate(content.length);
    System.arraycopy(content, 0, bytes, at, content.length);
    return at;
  }

  /** Fills part of what was reserved. */
  void fill(int from, int to, byte value) {
    Arrays.fill(bytes, from, to, value);
  }

  /** Room for so many bytes of constants, in the order of bytes that programs read. */
  static Constants buffer(int size) {
    return new Constants(size);
  }

  /** All of it as it is before a run. */
  byte[] image() {
    return Arrays.copyOf(bytes, used + slack);
  }
}
