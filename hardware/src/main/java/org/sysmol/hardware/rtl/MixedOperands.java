package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * What the base unit's {@link BoothRows} multiply in the extended unit, so that values of 4, 2 and
 * 1 bits are multiplied there too.
 *
 * <p>An odd code is {@code c = 2s + 1}, {@code s} in two's complement being its digits with the
 * highest bit inverted: two Booth digits of a 4-bit weight, one of a 2-bit weight. So rows 0 and 1
 * multiply a lane's first 4-bit activation by the digits of its first weight, rows 2 and 3 the
 * second; or each row one 2-bit activation by one weight. A row stands two columns above the one
 * before; where its activation stands in the byte makes up for it. What is then wanted, {@code 2 s
 * a + a}, needs the activations added once more ({@link ActivationDigits}). A signed activation is
 * an odd code itself, a bit longer: its digits with the highest bit inverted, and a 1 below.
 *
 * <p>Of 1-bit values {@code s a} is 0 or -1, and of two together 0 to -2, a Booth digit: each row
 * takes two products. With signed activations {@code c c = 1 - 2z}, so {@code z} takes the place of
 * {@code -s a}, and no activations are added.
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
  static int excess(LaneMode mode, boolean signed) {
    return switch (mode) {
      case FOUR -> (BoothRows.EXCESS >> SHIFT) + (signed ? 4 * 15 : 0);
      case TWO -> BoothRows.EXCESS + (signed ? 16 * 8 * 3 : 0);
      case ONE -> BoothRows.EXCESS - (signed ? 64 * 16 : 0);
    };
  }

  /**
   * Emits wires from {@code n} and {@code m}: of row {@code k} the digit ({@code one<k>}, {@code
   * two<k>}, {@code neg<k>}) and what it multiplies ({@code b<k>_0} to {@code b<k>_7}, and {@code
   * b<k>_low} where {@link #hasLow} says so), of base instructions too.
   */
  void emit() {
    text.line("wire is_base = is_16b | is_8h | is_dot;");
    digits();
    activations();
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
      List<String> inverted = new ArrayList<>();
      if (has(LaneMode.FOUR) && k % 2 == 1) {
        inverted.add("m4");
      }
      if (has(LaneMode.TWO)) {
        inverted.add("m2");
      }
      String negative =
          inverted.isEmpty() ? high : high + " ^ (" + String.join(" | ", inverted) + ")";
      text.line("wire y%d = %s;", k, y);
      text.line("wire high%d = %s;", k, negative);
      String one = "%s ^ y%d".formatted(low, k);
      String two = "high%d & ~%s & ~y%d | ~high%d & %s & y%d".formatted(k, low, k, k, low, k);
      if (has(LaneMode.ONE)) {
        oneBitDigit(k, one, two);
      } else {
        text.line("wire one%d = %s;", k, one);
        text.line("wire two%d = %s;", k, two);
        text.line("wire neg%d = high%d;", k, k);
      }
    }
  }

  private void oneBitDigit(int k, String one, String two) {
    int i = 2 * k;
    for (int j = i; j < i + 2; j++) {
      text.line("wire z%d = n[%d] & ~m[%d] | signed_a & m[%d] & ~n[%d];", j, j, j, j, j);
    }
    text.line("wire one%d = m1 ? z%d ^ z%d : %s;", k, i, i + 1, one);
    text.line("wire two%d = m1 ? z%d & z%d : %s;", k, i, i + 1, two);
    // Rows 0 and 4 multiply -128, in their highest bit; the others a positive power of two.
    text.line("wire neg%d = high%d %s m1;", k, k, k % 4 == 0 ? "& ~" : "|");
  }

  /**
   * Activations as two's complement numbers: of a nibble v0 to v4, of its pairs v0, v1 and t0, and
   * w0, v3 and v4.
   */
  private void activations() {
    boolean four = has(LaneMode.FOUR);
    boolean two = has(LaneMode.TWO);
    if (!four && !two) {
      return;
    }
    text.comment("Activations as they are multiplied: u, or 2u - 15 or 2u - 3.");
    for (int q = 0; q < 4; q++) {
      int at = 4 * q;
      text.line("wire v%d_0 = n[%d] | signed_a;", q, at);
      for (int i = 1; i < 4; i++) {
        if (four || i != 2) {
          text.line("wire v%d_%d = signed_a ? n[%d] : n[%d];", q, i, at + i - 1, at + i);
        }
      }
      text.line("wire v%d_4 = signed_a & ~n[%d];", q, at + 3);
      if (two) {
        text.line("wire t%d_0 = signed_a & ~n[%d];", q, at + 1);
        text.line("wire w%d_0 = n[%d] | signed_a;", q, at + 2);
      }
    }
  }

  /** Bit {@code i} of what a row multiplies, counted from the activation's lowest. */
  private static String activation(LaneMode mode, int byteOf, int row, int i) {
    if (mode == LaneMode.FOUR) {
      return "v%d_%d".formatted(2 * byteOf + row / 2, Math.min(i, 4));
    }
    int nibble = 2 * byteOf + row / 2;
    if (row % 2 == 0) {
      return i < 2 ? "v%d_%d".formatted(nibble, i) : "t%d_0".formatted(nibble);
    }
    return i == 0 ? "w%d_0".formatted(nibble) : "v%d_%d".formatted(nibble, i == 1 ? 3 : 4);
  }

  /** Where the lowest bit of a row's activation stands. */
  private static int place(LaneMode mode, int row) {
    return switch (mode) {
      case FOUR -> row < 2 ? 3 : -1;
      case TWO -> 5 - 2 * row;
      case ONE -> 7 - 2 * row;
    };
  }

  /** Bits {@code b<k>_0} to {@code b<k>_7} that row {@code k} multiplies, and what is below. */
  private void multiplicand(int k) {
    int row = k % 4;
    text.comment("What row %d multiplies.".formatted(k));
    for (int i = hasLow(k) ? -1 : 0; i < 8; i++) {
      List<String> terms = new ArrayList<>();
      if (i >= 0) {
        terms.add("is_base & n[" + (k / 4 * 8 + i) + "]");
      }
      for (LaneMode mode : modes) {
        int at = i - place(mode, row);
        String select = "m" + mode.precision();
        if (mode == LaneMode.ONE) {
          if (at == 0) {
            terms.add(select);
          }
        } else if (at >= 0) {
          terms.add(select + " & " + activation(mode, k / 4, row, at));
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
