package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Lane sums of any set at all, from a table of the sums of 1, 2, 3, ... registers.
 *
 * <p>It serves sets that lack the uniform pattern of a precision they use, and is the independent
 * twin that {@link UniformLaneSums} is tested against. The table for {@code r} registers is a bit
 * per pair of lanes, {@code 64 r^2} bits; it is made when first asked for, and {@link
 * #MAX_REGISTERS} bounds it to some 90 MB. Safe for use by several threads.
 */
final class TableLaneSums implements LaneSums {
  /** The most registers of one layer; more are refused by name. */
  static final int MAX_REGISTERS = 320;

  private final List<Pattern> patterns;
  // Entry r has, for each number of 4-bit lanes 0..8r, a row of bits over the 2-bit lanes 0..8r.
  private final List<long[]> tables = new ArrayList<>();

  TableLaneSums(List<Pattern> patterns) {
    this.patterns = patterns;
    tables.add(new long[] {1});
  }

  private static int words(int registers) {
    return registers / 8 + 1;
  }

  private synchronized long[] table(int registers) {
    if (registers > MAX_REGISTERS) {
      throw SysmolException.badInput(
          "A layer needs more than %d registers with a pattern set that lacks a uniform pattern (128,0,0), (0,64,0) or (0,0,32) of a precision it uses: add that pattern to the set or split the layer."
              .formatted(MAX_REGISTERS));
    }
    while (tables.size() <= registers) {
      tables.add(next(tables.getLast(), tables.size()));
    }
    return tables.get(registers);
  }

  private long[] next(long[] previous, int registers) {
    int words = words(registers);
    int oldWords = words(registers - 1);
    long[] table = new long[(8 * registers + 1) * words];
    for (Pattern p : patterns) {
      int shift = p.lanes2();
      for (int row = 0; row <= 8 * (registers - 1); row++) {
        int to = (row + p.lanes4()) * words;
        int from = row * oldWords;
        for (int w = 0; w < oldWords; w++) {
          long bits = previous[from + w];
          table[to + w] |= bits << shift;
          if (shift > 0 && w + 1 < words) {
            table[to + w + 1] |= bits >>> (64 - shift);
          }
        }
      }
    }
    return table;
  }

  @Override
  public int mostLanes2(int registers, int lanes4, int limit) {
    if (lanes4 > 8 * registers || limit < 0) {
      return -1;
    }
    long[] table = table(registers);
    int words = words(registers);
    int last = Math.min(limit, 8 * registers);
    int row = lanes4 * words;
    int w = last >> 6;
    long bits = table[row + w] & (-1L >>> (63 - (last & 63)));
    while (bits == 0 && w > 0) {
      bits = table[row + --w];
    }
    return bits == 0 ? -1 : 64 * w + 63 - Long.numberOfLeadingZeros(bits);
  }

  @Override
  public List<Pattern> registers(int registers, int lanes2, int lanes4) {
    int[] count = new int[patterns.size()];
    int twos = lanes2;
    int fours = lanes4;
    for (int left = registers; left > 0; left--) {
      int i = lastPattern(left, twos, fours);
      count[i]++;
      twos -= patterns.get(i).lanes2();
      fours -= patterns.get(i).lanes4();
    }
    List<Pattern> list = new ArrayList<>(registers);
    for (int i = 0; i < count.length; i++) {
      Pattern p = patterns.get(i);
      for (int k = 0; k < count[i]; k++) {
        list.add(p);
      }
    }
    return list;
  }

  private int lastPattern(int left, int lanes2, int lanes4) {
    for (int i = 0; i < patterns.size(); i++) {
      int twos = lanes2 - patterns.get(i).lanes2();
      int fours = lanes4 - patterns.get(i).lanes4();
      if (twos >= 0 && fours >= 0 && mostLanes2(left - 1, fours, twos) == twos) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        left + " registers cannot have " + lanes2 + " and " + lanes4 + " lanes");
  }

  @Override
  public String toString() {
    return "table over " + Arrays.toString(patterns.toArray());
  }
}
