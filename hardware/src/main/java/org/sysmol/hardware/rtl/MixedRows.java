package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * The partial products of one lane of the mixed unit, as bits of a {@link BitHeap}.
 *
 * <p>A weight is in two's complement, so a product is one AND for each pair of bits, the row of the
 * weight's highest bit inverted, less a constant.
 *
 * <p>A 4-bit product takes 4 x 4 cells. In the 2-bit mode the eight cells of the two antidiagonal 2
 * x 2 blocks make two products in equal columns, and in the 1-bit mode the four of the antidiagonal
 * make four, if the activation's bits are rearranged; the other cells rest. So nothing is added for
 * these modes but a selection of activation bits, and a shift of the sum: {@link #shift}.
 */
final class MixedRows {
  /** Columns that the unshifted sum needs: it is below 2^11. */
  static final int WIDTH = 11;

  private final VerilogText text;
  private final BitHeap heap;
  private final Set<LaneMode> modes;

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
    text.comment("Mixed products. Selection: one of m4, m2, m1.");
    arrangeActivations();
    cells();
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

  private void cells() {
    text.comment("Cells: x<slot>_<activation bit>_<weight bit>, worth 2^(j + k + 1).");
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 4; k++) {
        for (int j = 0; j < 4; j++) {
          Set<LaneMode> active = activeModes(j, k);
          if (active.isEmpty()) {
            continue;
          }
          EnumSet<LaneMode> top = EnumSet.copyOf(active);
          int bit = k;
          top.removeIf(mode -> !highest(mode, bit));
          String both = "m[%d] & a%d_%d".formatted(4 * i + k, i, j);
          String cell =
              top.isEmpty()
                  ? both
                  : top.equals(active)
                      ? "~(%s)".formatted(both)
                      : "(%s) ^ (%s)".formatted(both, LaneModes.anyOf(top));
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

  /** The constant of a mode: what all its partial products are too large by. */
  static int excess(LaneMode mode) {
    int p = mode.precision();
    return (mode.slots() * (((1 << p) - 1) << p)) << (2 * (4 - p));
  }

  /**
   * The two's complement of {@link #excess} is ones from column 11 on, or from 10 on, and a few
   * bits below, which are added here; the ones are added after the shift ({@link #columnTen}).
   */
  private void constants() {
    text.comment("Constants, less 2^10 or 2^11 each.");
    for (int column = 0; column < WIDTH; column++) {
      List<String> terms = constantTerms(column);
      if (!terms.isEmpty()) {
        text.line("wire k_%d = %s;", column, String.join(" | ", terms));
        heap.add(column, "k_" + column, 2);
      }
    }
  }

  /** When bit {@code column} of the constant's lower part is 1: one term for each mode. */
  private List<String> constantTerms(int column) {
    List<String> terms = new ArrayList<>();
    for (LaneMode mode : modes) {
      int excess = excess(mode);
      int low = (excess <= 1024 ? 1024 : 2048) - excess;
      if (((low >> (column + shift(mode))) & 1) != 0) {
        terms.add(free() ? "1'b1" : select(mode));
      }
    }
    return terms;
  }

  /** When column 10 of the constant is a one, as an expression; empty if never. */
  static String columnTen(Set<LaneMode> modes) {
    return !modes.contains(LaneMode.FOUR) ? "" : modes.size() == 1 ? "1'b1" : "m4";
  }
}
