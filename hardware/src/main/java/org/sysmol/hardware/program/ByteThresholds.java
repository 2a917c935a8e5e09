package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * Codes made of bytes by comparisons, sixteen channels at once: where a channel's result only grows
 * with the byte, or only falls, and takes few values, it is the lowest value and one more for each
 * threshold that the byte exceeds. Thresholds are read off the results of all 256 bytes, each
 * computed as docs/arithmetic.md §6 says, so nothing is rounded differently.
 *
 * <p>Arguments of the programs: x0 bytes, x1 constants, x2 codes.
 */
final class ByteThresholds {
  /** Values above the lowest; with more, numbers are as fast. */
  private static final int MOST = 15;

  private static final int BLOCK = 16;
  private static final int NEVER = 255;
  private static final int COUNTER = 8;
  private static final int PIXELS = 4;
  private static final int FLIP = 31;
  private static final int START = 30;
  private static final int WORTH = 29;
  private static final int FIRST_THRESHOLD = 28;

  /** Makes bytes grow with the result: none, falling, signed, signed and falling. */
  private static final int[] FLIPS = {0, 0xFF, 0x80, 0x7F};

  /** The result of a channel for a byte as it is stored, 0 to 255. */
  interface Result {
    int of(int channel, int stored);
  }

  private final int[] flips;
  private final int[] starts;
  private final int[][] thresholds;

  private ByteThresholds(int[] flips, int[] starts, int[][] thresholds) {
    this.flips = flips;
    this.starts = starts;
    this.thresholds = thresholds;
  }

  /** The thresholds of all channels, or null if one has too many or none. */
  static @Nullable ByteThresholds of(int channels, Result result) {
    int[] flips = new int[channels];
    int[] starts = new int[channels];
    int[][] thresholds = new int[channels][];
    for (int c = 0; c < channels; c++) {
      int[] results = new int[256];
      for (int stored = 0; stored < results.length; stored++) {
        results[stored] = result.of(c, stored);
      }
      for (int flip : FLIPS) {
        int[] found = thresholds(results, flip);
        if (found != null) {
          flips[c] = flip;
          starts[c] = results[flip];
          thresholds[c] = found;
          break;
        }
      }
      if (thresholds[c] == null) {
        return null;
      }
    }
    return new ByteThresholds(flips, starts, thresholds);
  }

  /** For each value above the first the highest byte that does not reach it. */
  private static int @Nullable [] thresholds(int[] results, int flip) {
    int[] found = new int[MOST];
    int count = 0;
    for (int k = 1; k < results.length; k++) {
      int more = results[k ^ flip] - results[(k - 1) ^ flip];
      if (more < 0 || count + more > MOST) {
        return null;
      }
      for (int j = 0; j < more; j++) {
        found[count++] = k - 1;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /**
   * Adds calls that make the rows of {@code to} from those of {@code from}.
   *
   * @param largest of each channel's digits where odd codes are written; empty where digits are
   * @param width pixels of a row
   */
  void rows(
      String name,
      Area from,
      Area to,
      int[] largest,
      Memory memory,
      List<List<Call>> rows,
      int width) {
    int channels = starts.length;
    Map<String, Program> programs = new TreeMap<>();
    for (int first : firsts(channels)) {
      int end = Math.min(channels, first + BLOCK);
      int levels = 0;
      boolean flipped = false;
      for (int c = first; c < end; c++) {
        levels = Math.max(levels, thresholds[c].length);
        flipped |= flips[c] != 0;
      }
      Kernel kernel =
          new Kernel(
              levels, flipped, largest.length > 0, end - first, from.pixelBytes(), to.pixelBytes());
      Program program =
          programs.computeIfAbsent(kernel.toString(), k -> kernel.program(name, width));
      int constants = constants(memory, first, end, kernel, largest);
      for (int y = 0; y < rows.size(); y++) {
        rows.get(y)
            .add(
                new Call(
                    program,
                    new long[] {
                      from.at(y, 0) + (long) first, constants, to.at(y, 0) + (long) first
                    }));
      }
    }
  }

  /** First channels of blocks; the last one reaches back where there are sixteen or more. */
  private static int[] firsts(int channels) {
    int[] firsts = new int[Math.ceilDiv(channels, BLOCK)];
    for (int b = 0; b < firsts.length; b++) {
      firsts[b] = Math.max(0, Math.min(BLOCK * b, channels - BLOCK));
    }
    return firsts;
  }

  private int constants(Memory memory, int first, int end, Kernel kernel, int[] largest) {
    Constants buffer = Memory.buffer(BLOCK * (3 + kernel.levels()));
    for (int k = 0; k < BLOCK; k++) {
      buffer.put((byte) flips[Math.min(first + k, end - 1)]);
    }
    for (int k = 0; k < BLOCK; k++) {
      buffer.put((byte) starts[Math.min(first + k, end - 1)]);
    }
    for (int k = 0; k < BLOCK; k++) {
      buffer.put((byte) (kernel.odd() ? -largest[Math.min(first + k, end - 1)] : 0));
    }
    for (int j = 0; j < kernel.levels(); j++) {
      for (int k = 0; k < BLOCK; k++) {
        int[] own = thresholds[Math.min(first + k, end - 1)];
        buffer.put((byte) (j < own.length ? own[j] : NEVER));
      }
    }
    return memory.constant(buffer.bytes());
  }

  /**
   * The program of a block.
   *
   * @param levels thresholds
   * @param flipped whether bytes are flipped first
   * @param odd whether odd codes are written
   * @param channels 1 to 16
   * @param fromBytes from one pixel read to the next
   * @param toBytes from one pixel written to the next
   */
  private record Kernel(
      int levels, boolean flipped, boolean odd, int channels, int fromBytes, int toBytes) {
    Program program(String name, int width) {
      Program.Builder code = new Program.Builder(name);
      code.comment(
          "%d channels of a pixel at once, %d thresholds each".formatted(channels, levels));
      if (flipped) {
        code.immediate(Opcode.LDR_Q, FLIP, 1, 0);
      }
      code.immediate(Opcode.LDR_Q, START, 1, BLOCK);
      if (odd) {
        code.immediate(Opcode.LDR_Q, WORTH, 1, 2 * BLOCK);
      }
      for (int j = 0; j < levels; j++) {
        code.immediate(Opcode.LDR_Q, FIRST_THRESHOLD - j, 1, BLOCK * (3 + j));
      }
      int tiles = width / PIXELS;
      if (tiles > 0) {
        code.immediate(Opcode.MOV_X, COUNTER, 0, tiles);
        int start = code.here();
        pixels(code, PIXELS);
        code.loop(COUNTER, start);
      }
      if (width % PIXELS > 0) {
        pixels(code, width % PIXELS);
      }
      return code.build();
    }

    private void pixels(Program.Builder code, int count) {
      List<Integer> sums = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        sums.add(3 * i);
        code.immediate(Opcode.LDR_Q, 3 * i + 1, 0, i * fromBytes);
        if (flipped) {
          code.op(Opcode.EOR, 3 * i + 1, 3 * i + 1, FLIP);
        }
      }
      for (int j = 0; j < levels; j++) {
        for (int sum : sums) {
          code.op(Opcode.CMHI_16B, sum + 2, sum + 1, FIRST_THRESHOLD - j);
          // What is true is all ones, which is -1.
          code.op(Opcode.SUB_16B, sum, j == 0 ? START : sum, sum + 2);
        }
      }
      for (int i = 0; i < count; i++) {
        int sum = sums.get(i);
        if (levels == 0) {
          code.op(Opcode.MOV_V, sum, START, 0);
        }
        if (odd) {
          code.op(Opcode.ADD_16B, sum, sum, sum);
          code.op(Opcode.ADD_16B, sum, sum, WORTH);
        }
        Stores.exactly(code, sum, sum + 1, 2, i * toBytes, channels);
      }
      code.immediate(Opcode.ADD_X, 0, 0, count * fromBytes);
      code.immediate(Opcode.ADD_X, 2, 2, count * toBytes);
    }
  }
}
