package org.sysmol.hardware.program;

import java.util.stream.IntStream;

/** Channels in groups of four, as the words of a register hold them. */
final class Blocks {
  private Blocks() {}

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
