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

  /** From the first channel of all registers' groups to the first of each register. */
  static int[] offsets(int[] firsts, int segments) {
    return IntStream.range(0, firsts.length / segments)
        .map(v -> firsts[v * segments] - firsts[0])
        .toArray();
  }

  /**
   * How many segments of wide registers are used where each computes four outputs of its own: all
   * of them, or a half or quarter where there are too few outputs.
   *
   * @param segments of a register: 1, 2 or 4
   * @param outputs of a channel group
   */
  static int segments(int segments, int outputs) {
    int used = segments;
    while (used > 1 && 4 * used > outputs) {
      used /= 2;
    }
    return used;
  }

  /**
   * First channels of groups of four that cover {@code from} to {@code to}, by registers: each
   * holds neighbouring groups in its segments. The last register reaches back as the last group
   * does in {@link #fours(int, int)}.
   *
   * @param segments at most as many as {@link #segments} says
   */
  static int[] fours(int from, int to, int segments) {
    if (segments == 1) {
      return fours(from, to);
    }
    int outputs = 4 * segments;
    int count = Math.ceilDiv(to - from, outputs);
    return IntStream.range(0, count * segments)
        .map(f -> Math.min(from + f / segments * outputs, to - outputs) + f % segments * 4)
        .toArray();
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
