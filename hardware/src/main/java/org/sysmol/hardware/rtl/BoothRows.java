package org.sysmol.hardware.rtl;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sysmol.hardware.isa.LaneMode;

/**
 * The partial products of one 16-bit lane of the base unit, radix-4 Booth, as bits of a {@link
 * BitHeap}: eight rows that MLA.8H, MLA.16B and SDOT.4S share, and in the extended unit the mixed
 * products ({@link MixedOperands}).
 *
 * <p>Row {@code k} belongs to digit {@code k} of the multiplier {@code m}. Rows 0 to 3 multiply
 * {@code n}: all of it for MLA.8H, its lower byte otherwise. Rows 4 to 7 multiply {@code n}'s lower
 * byte, 256 times, for MLA.8H; the upper byte, 256 times, for MLA.16B; the upper byte itself for
 * SDOT, so that both products of a lane are added where they stand. Columns from 16 on are dropped
 * except where the bytes' products are aligned, for SDOT and mixed products: their sum, each row
 * made positive by an inverted sign, is below 2^17.
 */
final class BoothRows {
  /**
   * What the inverted signs of one lane add where products are aligned: twice the sum of 2^(8+2k).
   */
  static final int EXCESS = 2 * (256 + 1024 + 4096 + 16384);

  private final VerilogText text;
  private final BitHeap heap;
  private final @Nullable MixedOperands mixed;

  /** When the two bytes' products stand in the same columns, as an expression. */
  private final String aligned;

  /**
   * @param modes of mixed products, which then stand as those of SDOT do; none in the base unit
   */
  BoothRows(VerilogText text, BitHeap heap, Set<LaneMode> modes) {
    this.text = text;
    this.heap = heap;
    mixed = modes.isEmpty() ? null : new MixedOperands(text, modes);
    aligned = modes.isEmpty() ? "is_dot" : "~(is_16b | is_8h)";
  }

  /** Emits wires from {@code n} and {@code m}, and adds all bits. */
  void emit() {
    text.line("wire aligned = %s;", aligned);
    if (mixed == null) {
      digits();
    } else {
      mixed.emit();
    }
    text.comment("Upper byte of n, or its lower byte for the crosswise product of MLA.8H.");
    for (int i = 0; i < 8; i++) {
      text.line("wire h%d = is_8h ? n[%d] : n[%d];", i, i, i + 8);
    }
    for (int k = 0; k < 4; k++) {
      lowerRow(k);
    }
    for (int k = 4; k < 8; k++) {
      upperRow(k);
    }
  }

  /** Bit {@code i} of what row {@code k} multiplies in the lower columns; below 0 may be none. */
  private String bit(int k, int i) {
    if (i < 0) {
      return mixed != null && mixed.hasLow(k) ? "b" + k + "_low" : "";
    }
    return mixed == null || i > 7 ? "n[" + (k / 4 * 8 + i) + "]" : "b" + k + "_" + i;
  }

  /** The 1 that a negative row lacks, in its lowest column, and a bit below that. */
  private void correction(int k, String digit, int offset) {
    String low = bit(k, -1);
    if (low.isEmpty()) {
      heap.add(offset, "neg" + digit, 3);
      return;
    }
    text.line("wire low%s = one%s & %s;", digit, digit, low);
    text.line("wire cor%s = neg%s & ~low%s;", digit, digit, digit);
    heap.add(offset - 1, "low" + digit, 4);
    heap.add(offset, "cor" + digit, 4);
  }

  private void digits() {
    text.comment("Booth digits of m: +-1 (one), +-2 (two); bytes are apart except in MLA.8H.");
    for (int k = 0; k < 8; k++) {
      String below = k == 0 ? "1'b0" : k == 4 ? "m[7] & is_8h" : "m[" + (2 * k - 1) + "]";
      text.line("wire y%d = %s;", k, below);
      text.line("wire one%d = m[%d] ^ y%d;", k, 2 * k, k);
      text.line(
          "wire two%d = m[%d] & ~m[%d] & ~y%d | ~m[%d] & m[%d] & y%d;",
          k, 2 * k + 1, 2 * k, k, 2 * k + 1, 2 * k, k);
      text.line("wire neg%d = m[%d];", k, 2 * k + 1);
    }
  }

  private void digit(String name, int k, String when) {
    if (when.isEmpty()) {
      text.line("wire one%s = one%d, two%s = two%d, neg%s = neg%d;", name, k, name, k, name, k);
      return;
    }
    text.line("wire one%s = one%d & (%s);", name, k, when);
    text.line("wire two%s = two%d & (%s);", name, k, when);
    text.line("wire neg%s = neg%d & (%s);", name, k, when);
  }

  private void cell(String digit, String prefix, int column, String bit, String below) {
    String name = prefix + "_" + column;
    String product =
        below.isEmpty()
            ? "one%s & %s".formatted(digit, bit)
            : "(one%s & %s | two%s & %s)".formatted(digit, bit, digit, below);
    text.line(
        "wire %s = neg%s ^ %s;", name, digit, below.isEmpty() ? "(" + product + ")" : product);
    heap.add(column, name, 5);
  }

  private void lowerRow(int k) {
    int offset = 2 * k;
    text.comment("Row %d: n, from column %d.".formatted(k, offset));
    // Columns below 8, columns that a byte's product has above it, and columns of MLA.8H alone.
    digit(k + "l", k, "");
    if (k > 0) {
      digit(k + "m", k, "is_8h | aligned");
    }
    digit(k + "u", k, "is_8h");
    for (int i = 0; i + offset < 16; i++) {
      int column = i + offset;
      if (i == 8) {
        text.line(
            "wire p%d_%d = is_8h & (neg%d ^ (one%d & n[8] | two%d & n[7])) | aligned & ~(neg%d ^ ((one%d | two%d) & %s));",
            k, column, k, k, k, k, k, k, bit(k, 7));
        heap.add(column, "p" + k + "_" + column, 6);
      } else {
        String digit = k + (i > 8 ? "u" : column < 8 ? "l" : "m");
        cell(digit, "p" + k, column, bit(k, i), bit(k, i - 1));
      }
    }
    correction(k, k + "l", offset);
  }

  private void upperRow(int k) {
    int offset = 2 * (k - 4);
    text.comment(
        "Row %d: upper byte of n from column %d where products are aligned; from %d on otherwise."
            .formatted(k, offset, offset + 8));
    digit(k + "m", k, "aligned");
    digit(k + "u", k, "is_8h | is_16b");
    for (int i = 0; i < 8; i++) {
      cell(k + "m", "p" + k, offset + i, bit(k, i), bit(k, i - 1));
    }
    correction(k, k + "m", offset);
    int middle = offset + 8;
    text.line(
        "wire p%d_%d = neg%du ^ (one%du & h0) | aligned & ~(neg%d ^ ((one%d | two%d) & %s));",
        k, middle, k, k, k, k, k, bit(k, 7));
    heap.add(middle, "p" + k + "_" + middle, 6);
    for (int i = 1; i + middle < 16; i++) {
      cell(k + "u", "p" + k, middle + i, "h" + i, "h" + (i - 1));
    }
    heap.add(middle, "neg" + k + "u", 3);
  }
}
