package org.sysmol.hardware.program;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Codes made of a layer's integer sums by comparisons, two pixels of four channels at once. A
 * channel's code only grows or only falls with its sum, since each operation of docs/arithmetic.md
 * §6 does, so it is the lowest code and one more for each threshold that the sum exceeds;
 * thresholds are looked for with §6's own arithmetic. Sums are compared as halfwords: where codes
 * still change beyond those, or are many, numbers must be used.
 */
final class SumThresholds {
  /** Codes above the lowest; with more, numbers are as fast. */
  private static final int MOST = 3;

  /** Registers that {@link #emit} changes beside the sums. */
  static final int FREE = 3;

  /** The code of a channel for a sum. */
  interface Code {
    int of(int channel, int sum);
  }

  private final boolean[] falls;
  private final int[] starts;
  private final int[][] thresholds;
  private final int levels;
  private final boolean flipped;

  private SumThresholds(boolean[] falls, int[] starts, int[][] thresholds) {
    this.falls = falls;
    this.starts = starts;
    this.thresholds = thresholds;
    levels = Arrays.stream(thresholds).mapToInt(t -> t.length).max().orElse(0);
    boolean any = false;
    for (boolean f : falls) {
      any |= f;
    }
    flipped = any;
  }

  /** The thresholds of all channels, or null if numbers must be used. */
  static @Nullable SumThresholds of(int channels, Code code) {
    boolean[] falls = new boolean[channels];
    int[] starts = new int[channels];
    int[][] thresholds = new int[channels][];
    for (int c = 0; c < channels; c++) {
      int channel = c;
      int least = code.of(c, Short.MIN_VALUE);
      int last = code.of(c, Short.MAX_VALUE);
      if (least != code.of(c, Integer.MIN_VALUE) || last != code.of(c, Integer.MAX_VALUE)) {
        return null;
      }
      falls[c] = last < least;
      starts[c] = Math.min(least, last);
      int count = Math.abs(last - least);
      if (count > MOST) {
        return null;
      }
      thresholds[c] = new int[count];
      boolean flip = falls[c];
      for (int j = 0; j < count; j++) {
        int reached = starts[c] + j + 1;
        thresholds[c][j] = below(sum -> code.of(channel, flip ? ~sum : sum) >= reached);
      }
    }
    return new SumThresholds(falls, starts, thresholds);
  }

  private interface Reached {
    boolean by(int sum);
  }

  /** The greatest halfword that does not reach, of those that all lie below those that do. */
  private static int below(Reached reached) {
    int low = Short.MIN_VALUE;
    int high = Short.MAX_VALUE;
    while (high - low > 1) {
      int middle = (low + high) >> 1;
      if (reached.by(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /** Bytes of one block of constants, of four channels. */
  int blockBytes() {
    return 16 * (2 + levels);
  }

  /**
   * Puts the blocks of these groups of four channels into memory, one behind the other; vector by
   * vector those of the groups that share a register of so many segments.
   */
  int constants(Memory memory, int[] firstChannels, int segments) {
    Constants buffer = Memory.buffer(firstChannels.length * blockBytes());
    for (int from = 0; from < firstChannels.length; from += segments) {
      int[] groups = Arrays.copyOfRange(firstChannels, from, from + segments);
      vector(buffer, groups, c -> falls[c] ? -1 : 0);
      vector(buffer, groups, c -> starts[c]);
      for (int j = 0; j < levels; j++) {
        int level = j;
        vector(
            buffer,
            groups,
            c -> level < thresholds[c].length ? thresholds[c][level] : Short.MAX_VALUE);
      }
    }
    return memory.constant(buffer.bytes());
  }

  private interface OfChannel {
    int of(int channel);
  }

  /** In each segment the halfwords of four channels, twice. */
  private void vector(Constants buffer, int[] groups, OfChannel value) {
    for (int first : groups) {
      for (int k = 0; k < 8; k++) {
        buffer.putShort((short) value.of(Math.min(first + k % 4, starts.length - 1)));
      }
    }
  }

  /**
   * Code from sums to codes.
   *
   * @param sums registers with words, changed; one for each of some pixels
   * @param free at least {@link #FREE} registers that may be changed
   * @param constants general register with the address of the blocks
   * @param blockOffset bytes from there
   * @param to general register with the address of the first pixel's four channels
   * @param toOffset bytes from there
   * @param pixelBytes from one pixel to the next
   */
  void emit(
      Program.Builder code,
      int[] sums,
      int[] free,
      int constants,
      int blockOffset,
      int to,
      int toOffset,
      int pixelBytes) {
    int pairs = Math.ceilDiv(sums.length, 2);
    int[] results = new int[pairs];
    for (int p = 0; p < pairs; p++) {
      int sum = sums[2 * p];
      code.op(Opcode.SQXTN_4H, sum, sum, 0);
      // The second sum's register is free once its halfwords stand beside the first's.
      boolean alone = 2 * p + 1 == sums.length;
      results[p] = alone ? free[2] : sums[2 * p + 1];
      if (!alone) {
        code.op(Opcode.SQXTN2_8H, sum, sums[2 * p + 1], 0);
      }
    }
    if (flipped) {
      code.immediate(Opcode.LDR_Q, free[0], constants, blockOffset);
      for (int p = 0; p < pairs; p++) {
        code.op(Opcode.EOR, sums[2 * p], sums[2 * p], free[0]);
      }
    }
    int bytes = code.vectorBytes();
    for (int p = 0; p < pairs; p++) {
      code.immediate(Opcode.LDR_Q, results[p], constants, blockOffset + bytes);
    }
    for (int j = 0; j < levels; j++) {
      code.immediate(Opcode.LDR_Q, free[0], constants, blockOffset + bytes * (2 + j));
      for (int p = 0; p < pairs; p++) {
        code.op(Opcode.CMGT_8H, free[1], sums[2 * p], free[0]);
        // What is true is all ones, which is -1.
        code.op(Opcode.SUB_8H, results[p], results[p], free[1]);
      }
    }
    for (int p = 0; p < pairs; p++) {
      int at = toOffset + 2 * p * pixelBytes;
      code.op(Opcode.UZP1_16B, results[p], results[p], results[p]);
      code.immediate(Opcode.STR_S, results[p], to, at);
      if (2 * p + 1 < sums.length) {
        int second = sums[2 * p];
        code.add(new Instruction(Opcode.EXT_16B, second, results[p], results[p], 4, 0));
        code.immediate(Opcode.STR_S, second, to, at + pixelBytes);
      }
    }
  }
}
