package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * The partial products of one lane of the mixed unit, as bits of a {@link BitHeap}.
 *
 * <p>An odd code is {@code c = sum of ±2^k} over its digits' bits, so a product of two of them is a
 * sum of {@code ±2^(j+k)}: one XNOR each, twice, less a constant. With unsigned activations {@code
 * c = 2s + 1}, {@code s} in two's complement being the digits with the highest bit inverted, so
 * {@code c * u = 2 s u + u}: one AND each, with the highest weight bit's inverted, and the digits
 * added. One cell does both: {@code w a | ~a v}, {@code v} being made once for each weight bit.
 *
 * <p>A 4-bit product takes 4 x 4 cells. In the 2-bit mode the eight cells of the two antidiagonal 2
 * x 2 blocks make two products in equal columns, and in the 1-bit mode the four of the antidiagonal
 * make four, if the activation's bits are rearranged; the other cells rest. So nothing is added for
 * these modes but a selection of activation bits, and a shift of the sum: {@link #shift}.
 */
final class MixedRows {
  /** Columns that the unshifted sum needs: it is below 2^12. */
  static final int WIDTH = 12;

  private final VerilogText text;
  private final BitHeap heap;
  private final Set<LaneMode> modes;
  // Columns of the constant that share a bit with the sum of digits.
  private final Set<Integer> taken = new HashSet<>();

  /**
   * @param heap takes the bits
   * @param modes at least one
   */
  MixedRows(VerilogText text, BitHeap heap, Set<LaneMode> modes) {
    this.text = text;
    this.heap = heap;
    this.modes = modes;
  }

  /** By how many columns the sum must be shifted left. */
  static int shift(LaneMode mode) {
    return switch (mode) {
      case FOUR -> 0;
      case TWO -> 2;
      case ONE -> 3;
    };
  }

  /** Emits wires from {@code n} (activations) and {@code m} (weights), and adds all bits. */
  void emit() {
    text.comment(
        "Mixed products. Selection: one of m4, m2, m1; signed_a says that activations are odd codes.");
    text.line("wire unsigned_a = ~signed_a;");
    arrangeActivations();
    weightTerms();
    cells();
    digitSum();
    constants();
  }

  private static String select(LaneMode mode) {
    return "m" + mode.precision();
  }

  private boolean free() {
    return modes.size() == 1;
  }

  private static boolean active(LaneMode mode, int j, int k) {
    return switch (mode) {
      case FOUR -> true;
      case TWO -> j / 2 + k / 2 == 1;
      case ONE -> j + k == 3;
    };
  }

  private static boolean highest(LaneMode mode, int k) {
    return (k + 1) % mode.precision() == 0;
  }

  private static int arranged(LaneMode mode, int j) {
    return switch (mode) {
      case FOUR -> j;
      case TWO -> j ^ 2;
      case ONE -> 3 - j;
    };
  }

  private Set<LaneMode> activeModes(int j, int k) {
    EnumSet<LaneMode> active = EnumSet.noneOf(LaneMode.class);
    for (LaneMode mode : modes) {
      if (active(mode, j, k)) {
        active.add(mode);
      }
    }
    return active;
  }

  private void arrangeActivations() {
    text.comment("Activation bits in the order in which products of equal weight meet.");
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        List<String> terms = new ArrayList<>();
        for (LaneMode mode : modes) {
          String bit = "n[" + (4 * i + arranged(mode, j)) + "]";
          terms.add(free() ? bit : select(mode) + " & " + bit);
        }
        text.line("wire a%d_%d = %s;", i, j, String.join(" | ", terms));
      }
    }
  }

  private void weightTerms() {
    text.comment("What a weight bit adds where the activation bit is 0.");
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 4; k++) {
        for (Set<LaneMode> active : classes(k)) {
          String bit = "m[" + (4 * i + k) + "]";
          EnumSet<LaneMode> top = EnumSet.noneOf(LaneMode.class);
          for (LaneMode mode : active) {
            if (highest(mode, k)) {
              top.add(mode);
            }
          }
          String term;
          if (top.equals(active)) {
            term = "~" + bit + " | unsigned_a";
          } else if (top.isEmpty()) {
            term = "~" + bit + " & signed_a";
          } else {
            String selects = LaneModes.anyOf(top);
            term = "(%s | signed_a) & (~%s | unsigned_a)".formatted(selects, bit);
          }
          text.line("wire v%d_%d_%s = %s;", i, k, LaneModes.digits(active), term);
        }
      }
    }
  }

  /** The different sets of modes in which cells of weight bit {@code k} are active. */
  private Set<Set<LaneMode>> classes(int k) {
    Set<Set<LaneMode>> classes = new LinkedHashSet<>();
    for (int j = 0; j < 4; j++) {
      Set<LaneMode> active = activeModes(j, k);
      if (!active.isEmpty()) {
        classes.add(active);
      }
    }
    return classes;
  }

  private void cells() {
    text.comment("Cells: x<slot>_<activation bit>_<weight bit>, worth 2^(j + k + 1).");
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 4; k++) {
        for (int j = 0; j < 4; j++) {
          Set<LaneMode> active = activeModes(j, k);
          if (active.isEmpty()) {
            continue;
          }
          String cell =
              "m[%d] & a%d_%d | ~a%d_%d & v%d_%d_%s"
                  .formatted(4 * i + k, i, j, i, j, i, k, LaneModes.digits(active));
          if (!active.equals(modes)) {
            cell = "(%s) & (%s)".formatted(cell, LaneModes.anyOf(active));
          }
          String name = "x%d_%d_%d".formatted(i, j, k);
          text.line("wire %s = %s;", name, cell);
          heap.add(j + k + 1, name, 5);
        }
      }
    }
  }

  private void digitSum() {
    for (LaneMode mode : modes) {
      String on = free() ? "" : select(mode) + " & ";
      text.line("wire u%d = %sunsigned_a;", mode.precision(), on);
    }
    NibbleCounts.emit(text);
    for (int j = 0; j < 4; j++) {
      String s = NibbleCounts.name(j);
      for (int column = 0; column < WIDTH; column++) {
        List<String> terms = new ArrayList<>();
        for (LaneMode mode : modes) {
          // In place of bit j of the digits: 2^(j mod p), times 2(4 - p) less the shift to come.
          int place = j % mode.precision() + 2 * (4 - mode.precision()) - shift(mode);
          int bit = column - place;
          if (bit >= 0 && bit < 3) {
            terms.add("u%d & %s_%d".formatted(mode.precision(), s, bit));
          }
        }
        if (!terms.isEmpty()) {
          List<String> constant = constantTerms(column);
          if (!taken.contains(column) && onlySigned(constant)) {
            // The digits are not added where activations are signed, so a constant has room here.
            terms.addAll(constant);
            taken.add(column);
          }
          String name = "e%d_%d".formatted(j, column);
          text.line("wire %s = %s;", name, String.join(" | ", terms));
          heap.add(column, name, 8);
        }
      }
    }
  }

  /** The constant of a mode: what all its partial products are too large by. */
  static int excess(LaneMode mode, boolean signed) {
    int p = mode.precision();
    int largest = (1 << p) - 1;
    int one = signed ? largest * largest : largest << p;
    return (mode.slots() * one) << (2 * (4 - p));
  }

  /**
   * The two's complement of {@link #excess} is ones from column 11 on, or from 10 on, and a few
   * bits below, which are added here; the ones are added after the shift ({@link #columnTen}).
   */
  private void constants() {
    text.comment("Constants, less 2^10 or 2^11 each.");
    for (int column = 0; column < WIDTH; column++) {
      List<String> terms = constantTerms(column);
      if (!terms.isEmpty() && !taken.contains(column)) {
        text.line("wire k_%d = %s;", column, String.join(" | ", terms));
        heap.add(column, "k_" + column, 2);
      }
    }
  }

  private static boolean onlySigned(List<String> terms) {
    return !terms.isEmpty() && terms.stream().noneMatch(term -> term.endsWith("unsigned_a"));
  }

  /** When bit {@code column} of the constant's lower part is 1: one term for each case. */
  private List<String> constantTerms(int column) {
    List<String> terms = new ArrayList<>();
    for (LaneMode mode : modes) {
      for (boolean signed : new boolean[] {false, true}) {
        int excess = excess(mode, signed);
        int low = (excess <= 1024 ? 1024 : 2048) - excess;
        if (((low >> (column + shift(mode))) & 1) != 0) {
          String sign = signed ? "signed_a" : "unsigned_a";
          terms.add(free() ? sign : select(mode) + " & " + sign);
        }
      }
    }
    return terms;
  }

  /** When column 10 of the constant is a one, as an expression; empty if never. */
  static String columnTen(Set<LaneMode> modes) {
    List<String> terms = new ArrayList<>();
    for (LaneMode mode : modes) {
      if (mode == LaneMode.FOUR) {
        terms.add("m4");
      } else if (mode == LaneMode.ONE) {
        terms.add("m1 & signed_a");
      }
    }
    return String.join(" | ", terms);
  }
}
