package org.sysmol.hardware.program;

import java.util.stream.IntStream;
import org.sysmol.core.architecture.Core;

/** Channels in groups of four, as the words of a register hold them. */
final class Blocks {
  private Blocks() {}

  /**
   * How many groups of four outputs a kernel of the base unit computes at once, 1 to 4: as many as
   * leave the weights of one kernel in half of the second cache, since each row reads them again.
   *
   * @param bytesOfFour weights of one group of four outputs
   */
  static int vectors(long bytesOfFour, Core core) {
    return Math.clamp(512L * core.l2().kib() / Math.max(1, bytesOfFour), 1, 4);
  }

  /**
   * First channels of groups of four that cover {@code from} to {@code to}. The last group reaches
   * back where their number is no multiple of four; of fewer than four there is one group, which
   * reaches past them.
   */
  static int[] fours(int from, int to) {
    int count = Math.ceilDiv(to - from, 4);
    return IntStream.range(0, count)
        .map(b -> b == count - 1 ? Math.max(from, to - 4) : from + 4 * b)
        .toArray();
  }
}
