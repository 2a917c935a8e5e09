package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * One 32-bit word of the base unit, or of the base unit extended with the mixed unit: two lanes'
 * rows, the accumulator, and one adder that is cut at bytes, lanes or not at all.
 *
 * @param lower modes of the lower lane, none for the base unit alone
 * @param upper modes of the upper lane
 */
record WordModule(Set<LaneMode> lower, Set<LaneMode> upper) {
  private static final int BITS = 32;

  /** Its module's name. */
  String name() {
    return lower.isEmpty()
        ? "word_base"
        : "word_both_" + LaneModes.digits(lower) + "_" + LaneModes.digits(upper);
  }

  private boolean both() {
    return !lower.isEmpty();
  }

  /** The lane modules that it instantiates, the lower first. */
  List<LaneModule> lanes() {
    return List.of(new LaneModule(true, lower), new LaneModule(true, upper));
  }

  /** Ports beside n, m, d and q; a lane's select wires are {@code l0_m4} and so on. */
  List<String> controls() {
    List<String> ports = new ArrayList<>(List.of("is_16b", "is_8h", "is_dot"));
    if (both()) {
      for (int lane = 0; lane < 2; lane++) {
        for (LaneMode mode : lane == 0 ? lower : upper) {
          ports.add("l" + lane + "_m" + mode.precision());
        }
      }
    }
    return ports;
  }

  /** The module's text. */
  String emit() {
    VerilogText text = new VerilogText();
    text.comment("Two lanes: q = d + their products, in bytes, lanes or one word.");
    text.line("module %s(", name()).in();
    text.line("input wire [31:0] n,");
    text.line("input wire [31:0] m,");
    text.line("input wire [31:0] d,");
    for (String control : controls()) {
      text.line("input wire %s,", control);
    }
    text.line("output wire [31:0] q");
    text.out().line(");").in();
    instances(text);
    BitHeap heap = new BitHeap("w_");
    accumulator(heap);
    ownRows(text, heap);
    dotRows(text, heap);
    constants(text, heap);
    text.comment("Carries stop where the operands are cut.");
    text.line("wire join_8 = ~is_16b;");
    text.line("wire join_16 = is_dot;");
    heap.gateCarriesInto(8, "join_8");
    heap.gateCarriesInto(16, "join_16");
    heap.gateCarriesInto(24, "join_8");
    heap.wrapAt(BITS);
    heap.reduce(text, BITS, 2);
    lastAdder(text, heap);
    text.out().line("endmodule");
    return text.toString();
  }

  private void instances(VerilogText text) {
    for (int lane = 0; lane < 2; lane++) {
      LaneModule module = lanes().get(lane);
      text.line("wire [16:0] l%d_r0, l%d_r1;", lane, lane);
      StringBuilder ports = new StringBuilder();
      for (String control : module.controls()) {
        String own = control.startsWith("m") ? "l" + lane + "_" + control : control;
        ports.append(", .").append(control).append("(").append(own).append(")");
      }
      text.line(
          "%s lane%d(.n(n[%d:%d]), .m(m[%d:%d])%s, .r0(l%d_r0), .r1(l%d_r1));",
          module.name(),
          lane,
          16 * lane + 15,
          16 * lane,
          16 * lane + 15,
          16 * lane,
          ports,
          lane,
          lane);
    }
  }

  private static void accumulator(BitHeap heap) {
    for (int bit = 0; bit < BITS; bit++) {
      heap.add(bit, "d[" + bit + "]", 1);
    }
  }

  /** A lane's rows in its own columns, shifted right where its mode is 4 bits. */
  private void ownRows(VerilogText text, BitHeap heap) {
    for (int lane = 0; lane < 2; lane++) {
      boolean shifted = shifted(lane);
      text.comment("Lane %d in its own columns.".formatted(lane));
      String own = lane == 0 ? "" : " & l1_lane";
      if (lane == 1) {
        text.line("wire l1_lane = ~is_dot;");
      }
      if (shifted) {
        text.line("wire l%d_straight = ~l%d_m4%s;", lane, lane, own);
      }
      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 16; column++) {
          String bit = "l%d_r%d[%d]".formatted(lane, row, column);
          String term = bit + own;
          if (shifted) {
            term = bit + " & l%d_straight".formatted(lane);
            int from = column + MixedOperands.SHIFT;
            if (from < 16) {
              term += " | l%d_r%d[%d] & l%d_m4".formatted(lane, row, from, lane);
            }
          }
          String name = "g%d_%d_%d".formatted(lane, row, column);
          text.line("wire %s = %s;", name, term);
          heap.add(16 * lane + column, name, 18);
        }
      }
      if (shifted) {
        text.comment("What is shifted out is 0 in sum, so it carries if it is not 0 in one row.");
        text.line("wire l%d_out = l%d_m4 & (l%d_r0[0] | l%d_r0[1]);", lane, lane, lane, lane);
        if (lane == 1) {
          heap.add(16, "l1_out", 18);
        }
      }
    }
  }

  private boolean shifted(int lane) {
    return (lane == 0 ? lower : upper).contains(LaneMode.FOUR);
  }

  /**
   * SDOT's rows of the upper lane, and in their places, where mixed products have none, what those
   * of the lower lane add beside their rows.
   */
  private void dotRows(VerilogText text, BitHeap heap) {
    text.comment(
        "SDOT: the upper lane's products in the lower columns, and both lanes' 17th bits.");
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 16; column++) {
        List<String> terms = new ArrayList<>();
        terms.add("l1_r%d[%d] & is_dot".formatted(row, column));
        if (row == 0) {
          terms.addAll(mixedConstant(column));
        } else if (column == 0 && shifted(0)) {
          terms.add("l0_out");
        }
        String name = "h%d_%d".formatted(row, column);
        text.line("wire %s = %s;", name, String.join(" | ", terms));
        heap.add(column, name, 18);
      }
      for (int lane = 0; lane < 2; lane++) {
        String name = "h%d_16_%d".formatted(row, lane);
        text.line("wire %s = l%d_r%d[16] & is_dot;", name, lane, row);
        heap.add(16, name, 18);
      }
    }
  }

  private void constants(VerilogText text, BitHeap heap) {
    int dot = -2 * BoothRows.EXCESS;
    text.comment("Constants: %d of SDOT; those of the upper lane's mixed sums.".formatted(dot));
    for (int column = 0; column < BITS; column++) {
      List<String> terms = new ArrayList<>();
      if (((dot >> column) & 1) != 0) {
        terms.add("is_dot");
      }
      if (column >= 16) {
        terms.addAll(mixedConstant(column));
      }
      if (!terms.isEmpty()) {
        text.line("wire k_%d = %s;", column, String.join(" | ", terms));
        heap.add(column, "k_" + column, 1);
      }
    }
  }

  /** When a column of the mixed sums' constant is 1: one term for each mode. */
  private List<String> mixedConstant(int column) {
    int lane = column / 16;
    List<String> terms = new ArrayList<>();
    for (LaneMode mode : lane == 0 ? lower : upper) {
      if (((-MixedOperands.excess(mode) >> (column % 16)) & 1) != 0) {
        terms.add("l%d_m%d".formatted(lane, mode.precision()));
      }
    }
    return terms;
  }

  private static void lastAdder(VerilogText text, BitHeap heap) {
    text.comment("The last adder; a column between two parts passes the carry on, or stops it.");
    for (int row = 0; row < 2; row++) {
      StringBuilder bits = new StringBuilder();
      for (int column = BITS - 1; column >= 0; column--) {
        List<BitHeap.Bit> here = heap.bits(column);
        bits.append(row < here.size() ? here.get(row).wire() : "1'b0");
        if (column == 8 || column == 24) {
          bits.append(row == 0 ? ", join_8" : ", 1'b0");
        } else if (column == 16) {
          bits.append(row == 0 ? ", join_16" : ", 1'b0");
        }
        bits.append(column > 0 ? ", " : "");
      }
      text.line("wire [34:0] x%d = {%s};", row, bits);
    }
    text.line("wire [34:0] s = x0 + x1;");
    text.line("assign q = {s[34:27], s[25:18], s[16:9], s[7:0]};");
    text.line("wire unused = &{1'b0, s[26], s[17], s[8]};");
  }
}
