package org.sysmol.hardware.program;

import java.util.stream.IntStream;
import org.sysmol.core.architecture.Core;

/** Channels in groups of four, as the words of a register hold them. */
final class Blocks {
  private Blocks() {}

  /**
   * How many registers of outputs a kernel of the base unit computes at once, 1 to 4: as many as
   * leave the weights of one kernel in half of the second cache, since each row reads them again.
   *
   * @param bytesOfOne weights of one register of outputs
   */
  static int vectors(long bytesOfOne, Core core) {
    return Math.clamp(512L * core.l2().kib() / Math.max(1, bytesOfOne), 1, 4);
  }

  /**
   * Whether a layer is computed row by row, all channels of each, and not all rows of a few
   * channels after each other: while its weights fit half of the first cache.
   */
  static boolean rowByRow(long weightBytes, Core core) {
    return 2 * weightBytes <= 1024L * core.l1().kib();
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
   * The same for a kernel of the base unit; fewer too where the weights of one register of outputs
   * would not fit the second cache, for each row reads them again.
   *
   * @param bytesOfFour weights of four outputs
   */
  static int segments(int segments, int outputs, long bytesOfFour, Core core) {
    int used = segments(segments, outputs);
    while (used > 1 && used * bytesOfFour > 1024L * core.l2().kib()) {
      used /= 2;
    }
    return used;
  }

  /**
   * First channels of groups of four that cover {@code from} to {@code to}. The last group reaches
   * back where their number is no multiple of four; of fewer than four there is one group, which
   * reaches past them.
   */
  static int[] fours(int from, int to) {
    return fours(from, to, 1);
  }

  /**
   * The same by registers: each holds neighbouring groups in its segments, and it is the last
   * register that reaches back.
   *
   * @param segments at most as many as {@link #segments} says
   */
  static int[] fours(int from, int to, int segments) {
    int outputs = 4 * segments;
    int last = Math.max(from, to - outputs);
    return IntStream.range(0, Math.ceilDiv(to - from, outputs) * segments)
        .map(f -> Math.min(from + f / segments * outputs, last) + f % segments * 4)
        .toArray();
  }
}
