package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * What one 128-bit register holds (PAPER section 2): {@code n1} values of 1 bit, {@code n2} of 2
 * bits and {@code n4} of 4 bits.
 *
 * <p>A register is eight lanes of 16 bits, and a lane holds values of one precision only: sixteen
 * of 1 bit, eight of 2 bits or four of 4 bits. So {@code n1 + 2 n2 + 4 n4 = 128} and {@code n1/16 +
 * n2/8 + n4/4 = 8} with whole lanes, which leaves exactly 45 patterns.
 *
 * @param n1 1-bit slots, a multiple of 16
 * @param n2 2-bit slots, a multiple of 8
 * @param n4 4-bit slots, a multiple of 4
 */
public record Pattern(int n1, int n2, int n4) {
  /** Bits of a register. */
  public static final int BITS = 128;

  /** Lanes of a register. */
  public static final int LANES = 8;

  /** Bits of a lane. */
  public static final int LANE_BITS = 16;

  private static final List<Pattern> ALL = enumerate();

  /** Checks that the slots fill eight whole lanes. */
  public Pattern {
    boolean whole =
        n1 >= 0 && n2 >= 0 && n4 >= 0 && n1 % 16 == 0 && n2 % 8 == 0 && n4 % 4 == 0 && n1 <= BITS;
    if (!whole || (long) n1 / 16 + (long) n2 / 8 + (long) n4 / 4 != LANES) {
      throw SysmolException.badInput(
          "(%d,%d,%d) is not a pattern: a register has eight lanes, each of sixteen 1-bit, eight 2-bit or four 4-bit slots, for instance (32,32,8)."
              .formatted(n1, n2, n4));
    }
  }

  /** All 45 patterns: most 1-bit lanes first, then most 2-bit lanes. */
  public static List<Pattern> all() {
    return ALL;
  }

  /** The pattern with these lanes of 1-bit, 2-bit and 4-bit slots, eight in all. */
  public static Pattern ofLanes(int lanes1, int lanes2, int lanes4) {
    return new Pattern(16 * lanes1, 8 * lanes2, 4 * lanes4);
  }

  /** Reads {@code n1,n2,n4}, with or without parentheses and spaces. */
  public static Pattern parse(String text) {
    String inner = text.strip();
    if (inner.startsWith("(") && inner.endsWith(")")) {
      inner = inner.substring(1, inner.length() - 1);
    }
    String[] parts = inner.split(",", -1);
    if (parts.length == 3) {
      try {
        return new Pattern(
            Integer.parseInt(parts[0].strip()),
            Integer.parseInt(parts[1].strip()),
            Integer.parseInt(parts[2].strip()));
      } catch (NumberFormatException e) {
        throw unreadable(text, e);
      }
    }
    throw unreadable(text, null);
  }

  private static SysmolException unreadable(String text, @Nullable Throwable cause) {
    String message =
        "'%s' is not a pattern: write its numbers of 1-bit, 2-bit and 4-bit slots, for instance 32,32,8."
            .formatted(text);
    return cause == null
        ? SysmolException.badInput(message)
        : SysmolException.badInput(message, cause);
  }

  /** Lanes of 1-bit slots. */
  public int lanes1() {
    return n1 / 16;
  }

  /** Lanes of 2-bit slots. */
  public int lanes2() {
    return n2 / 8;
  }

  /** Lanes of 4-bit slots. */
  public int lanes4() {
    return n4 / 4;
  }

  /** Slots of all precisions: how many channels the register can hold, 32 to 128. */
  public int slots() {
    return n1 + n2 + n4;
  }

  /** Slots of one precision, which is 1, 2 or 4. */
  public int slots(int precision) {
    return switch (precision) {
      case 1 -> n1;
      case 2 -> n2;
      case 4 -> n4;
      default -> throw new IllegalArgumentException("precision " + precision);
    };
  }

  private static List<Pattern> enumerate() {
    List<Pattern> all = new ArrayList<>();
    for (int lanes1 = LANES; lanes1 >= 0; lanes1--) {
      for (int lanes2 = LANES - lanes1; lanes2 >= 0; lanes2--) {
        all.add(ofLanes(lanes1, lanes2, LANES - lanes1 - lanes2));
      }
    }
    return List.copyOf(all);
  }

  /** {@code (n1,n2,n4)}. */
  @Override
  public String toString() {
    return "(" + n1 + "," + n2 + "," + n4 + ")";
  }
}
