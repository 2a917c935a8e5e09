package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * What the base unit's {@link BoothRows} multiply in the extended unit, so that values of 4, 2 and
 * 1 bits are multiplied there too.
 *
 * <p>A weight in two's complement is two Booth digits of 4 bits, or one of 2. So rows 0 and 1
 * multiply a lane's first 4-bit activation by the digits of its first weight, rows 2 and 3 the
 * second; or each row one 2-bit activation by one weight. A row stands two columns above the one
 * before; where its activation stands in the byte makes up for it. Of 1-bit values {@code s u} is 0
 * or -1, and of two together 0 to -2, a Booth digit: each row takes two products.
 *
 * <p>4-bit products stand two columns too high, the others where they belong. The sum, with what
 * inverted signs add, is below 2^16.
 */
final class MixedOperands {
  /** By how many columns the sum of 4-bit products must be shifted right. */
  static final int SHIFT = 2;

  private final VerilogText text;
  private final Set<LaneMode> modes;

  MixedOperands(VerilogText text, Set<LaneMode> modes) {
    this.text = text;
    this.modes = modes;
  }

  /** What a mode's sum is too large by, after the shift. */
  static int excess(LaneMode mode) {
    return mode == LaneMode.FOUR ? BoothRows.EXCESS >> SHIFT : BoothRows.EXCESS;
  }

  /**
   * Emits wires from {@code n} and {@code m}: of row {@code k} the digit ({@code one<k>}, {@code
   * two<k>}, {@code neg<k>}) and what it multiplies ({@code b<k>_0} to {@code b<k>_7}, and {@code
   * b<k>_low} where {@link #hasLow} says so), of base instructions too.
   */
  void emit() {
    text.line("wire is_base = is_16b | is_8h | is_dot;");
    digits();
    for (int k = 0; k < 8; k++) {
      multiplicand(k);
    }
  }

  private boolean has(LaneMode mode) {
    return modes.contains(mode);
  }

  private void digits() {
    text.comment("Booth digits of m: +-1 (one), +-2 (two); each weight has its own.");
    for (int k = 0; k < 8; k++) {
      String high = "m[" + (2 * k + 1) + "]";
      String low = "m[" + 2 * k + "]";
      String below = "m[" + (2 * k - 1) + "]";
      String y;
      if (k == 0) {
        y = "1'b0";
      } else if (k == 4) {
        y = below + " & is_8h";
      } else if (k % 2 == 0) {
        y = below + " & is_base";
      } else {
        y = below + (has(LaneMode.TWO) ? " & ~m2" : "");
      }
      text.line("wire y%d = %s;", k, y);
      String one = "%s ^ y%d".formatted(low, k);
      String two = "%s & ~%s & ~y%d | ~%s & %s & y%d".formatted(high, low, k, high, low, k);
      if (has(LaneMode.ONE)) {
        oneBitDigit(k, one, two);
      } else {
        text.line("wire one%d = %s;", k, one);
        text.line("wire two%d = %s;", k, two);
        text.line("wire neg%d = %s;", k, high);
      }
    }
  }

  private void oneBitDigit(int k, String one, String two) {
    int i = 2 * k;
    for (int j = i; j < i + 2; j++) {
      text.line("wire z%d = n[%d] & m[%d];", j, j, j);
    }
    text.line("wire one%d = m1 ? z%d ^ z%d : %s;", k, i, i + 1, one);
    text.line("wire two%d = m1 ? z%d & z%d : %s;", k, i, i + 1, two);
    // Rows 0 and 4 multiply -128, in their highest bit; the others a positive power of two.
    text.line("wire neg%d = m[%d] %s m1;", k, i + 1, k % 4 == 0 ? "& ~" : "|");
  }

  /** Where the lowest bit of a row's activation stands. */
  private static int place(LaneMode mode, int row) {
    return switch (mode) {
      case FOUR -> row < 2 ? 3 : -1;
      case TWO -> 5 - 2 * row;
      case ONE -> 7 - 2 * row;
    };
  }

  /** Bit {@code i} of the activation that a row multiplies, counted from its lowest. */
  private static String activation(LaneMode mode, int k, int i) {
    int first = mode == LaneMode.FOUR ? 4 * (k / 2) : 2 * k;
    return "n[" + (first + i) + "]";
  }

  /** Bits {@code b<k>_0} to {@code b<k>_7} that row {@code k} multiplies, and what is below. */
  private void multiplicand(int k) {
    text.comment("What row %d multiplies.".formatted(k));
    for (int i = hasLow(k) ? -1 : 0; i < 8; i++) {
      List<String> terms = new ArrayList<>();
      if (i >= 0) {
        terms.add("is_base & n[" + (k / 4 * 8 + i) + "]");
      }
      for (LaneMode mode : modes) {
        int at = i - place(mode, k % 4);
        String select = "m" + mode.precision();
        if (mode == LaneMode.ONE) {
          if (at == 0) {
            terms.add(select);
          }
        } else if (at >= 0 && at < mode.precision()) {
          terms.add(select + " & " + activation(mode, k, at));
        }
      }
      text.line("wire b%d_%s = %s;", k, i < 0 ? "low" : "" + i, String.join(" | ", terms));
    }
  }

  /** Whether a row multiplies a bit below its lowest column. */
  boolean hasLow(int k) {
    return (k % 4 == 3 && has(LaneMode.TWO)) || (k % 4 >= 2 && has(LaneMode.FOUR));
  }
}
