package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Bits to be added up, by column: a bit of column {@code c} is worth {@code 2^c}. Full and half
 * adders reduce it, the earliest bits of a column first, until a number of bits is left in each.
 *
 * <p>All bits are positive and no carry is dropped unless {@link #wrapAt} says so, so what is left
 * over is exactly the sum, not merely the sum modulo a power of two. Shifts and sign extensions of
 * the two rows that remain rely on it.
 */
final class BitHeap {
  /** One bit: the name of a one-bit wire, and when it arrives in gate levels, for ordering only. */
  record Bit(String wire, double arrival) {}

  private final TreeMap<Integer, List<Bit>> columns = new TreeMap<>();
  // Column into which carries go only where the named wire is 1.
  private final TreeMap<Integer, String> gates = new TreeMap<>();
  private final String prefix;
  private int adders;
  private int halfAdders;
  private int wrapsAt = Integer.MAX_VALUE;

  /** A heap whose adders name their wires {@code prefix} and a number. */
  BitHeap(String prefix) {
    this.prefix = prefix;
  }

  /** Adds the one-bit wire {@code wire}, worth {@code 2^column}. */
  void add(int column, String wire, double arrival) {
    columns.computeIfAbsent(column, c -> new ArrayList<>()).add(new Bit(wire, arrival));
  }

  /** Lets carries into {@code column} only where {@code wire} is 1. */
  void gateCarriesInto(int column, String wire) {
    gates.put(column, wire);
  }

  /** Drops carries into {@code column} and above: the sum is wanted modulo {@code 2^column}. */
  void wrapAt(int column) {
    wrapsAt = column;
  }

  /** The bits of a column, the earliest first. */
  List<Bit> bits(int column) {
    List<Bit> bits = new ArrayList<>(columns.getOrDefault(column, List.of()));
    bits.sort(Comparator.comparingDouble(Bit::arrival));
    return bits;
  }

  /**
   * Reduces every column below {@code width} to at most {@code limit} bits; what is carried further
   * stays in column {@code width}.
   */
  void reduce(VerilogText text, int width, int limit) {
    for (int column = 0; column < width; column++) {
      List<Bit> bits = bits(column);
      while (bits.size() > limit) {
        if (bits.size() == limit + 1 || bits.size() == 2) {
          halfAdder(text, column, bits);
        } else {
          fullAdder(text, column, bits);
        }
        bits.sort(Comparator.comparingDouble(Bit::arrival));
      }
      if (!bits.isEmpty()) {
        columns.put(column, bits);
      }
    }
  }

  private void fullAdder(VerilogText text, int column, List<Bit> bits) {
    Bit a = bits.removeFirst();
    Bit b = bits.removeFirst();
    Bit c = bits.removeFirst();
    String sum = prefix + "s" + column + "_" + adders;
    String carry = prefix + "c" + (column + 1) + "_" + adders;
    adders++;
    text.line("wire %s = %s ^ %s ^ %s;", sum, a.wire, b.wire, c.wire);
    bits.add(new Bit(sum, Math.max(b.arrival + 4, c.arrival + 2)));
    if (column + 1 >= wrapsAt) {
      return;
    }
    text.line(
        "wire %s = %s;",
        carry,
        gated(
            column + 1,
            "(%s & %s | %s & (%s ^ %s))".formatted(a.wire, b.wire, c.wire, a.wire, b.wire)));
    add(column + 1, carry, Math.max(b.arrival + 4, c.arrival + 2));
  }

  private void halfAdder(VerilogText text, int column, List<Bit> bits) {
    Bit a = bits.removeFirst();
    Bit b = bits.removeFirst();
    String sum = prefix + "t" + column + "_" + halfAdders;
    String carry = prefix + "k" + (column + 1) + "_" + halfAdders;
    halfAdders++;
    text.line("wire %s = %s ^ %s;", sum, a.wire, b.wire);
    bits.add(new Bit(sum, b.arrival + 2));
    if (column + 1 >= wrapsAt) {
      return;
    }
    text.line("wire %s = %s;", carry, gated(column + 1, a.wire + " & " + b.wire));
    add(column + 1, carry, b.arrival + 1);
  }

  private String gated(int column, String carry) {
    String gate = gates.get(column);
    return gate == null ? carry : carry + " & " + gate;
  }
}
