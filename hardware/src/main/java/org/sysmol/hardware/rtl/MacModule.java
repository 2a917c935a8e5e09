package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * One 16-bit lane of the mixed unit alone: its products and its accumulator.
 *
 * @param modes those that the lane can be in
 */
record MacModule(Set<LaneMode> modes) {
  /** Its module's name. */
  String name() {
    return "mac_" + LaneModes.digits(modes);
  }

  /** The products' module. */
  LaneModule lane() {
    return new LaneModule(false, modes);
  }

  /** The module's text. */
  String emit() {
    VerilogText text = new VerilogText();
    text.comment("One lane: q = d + the sum of its products, modulo 2^16.");
    text.line("module %s(", name()).in();
    text.line("input wire [15:0] n,");
    text.line("input wire [15:0] m,");
    text.line("input wire [15:0] d,");
    for (String control : lane().controls()) {
      text.line("input wire %s,", control);
    }
    text.line("output wire [15:0] q");
    text.out().line(");").in();
    StringBuilder ports = new StringBuilder();
    for (String control : lane().controls()) {
      ports.append(", .").append(control).append("(").append(control).append(")");
    }
    text.line("wire [%d:0] r0, r1;", MixedRows.WIDTH - 1);
    text.line("%s products(.n(n), .m(m)%s, .r0(r0), .r1(r1));", lane().name(), ports);
    BitHeap heap = new BitHeap("w_");
    for (int bit = 0; bit < 16; bit++) {
      heap.add(bit, "d[" + bit + "]", 1);
    }
    shiftedRows(text, heap);
    constants(text, heap);
    heap.wrapAt(16);
    heap.reduce(text, 16, 2);
    text.line("wire [15:0] x0 = %s;", row(heap, 0));
    text.line("wire [15:0] x1 = %s;", row(heap, 1));
    text.line("assign q = x0 + x1;");
    text.out().line("endmodule");
    return text.toString();
  }

  private void shiftedRows(VerilogText text, BitHeap heap) {
    text.comment("The sum brought to the scale of 4-bit products.");
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 16; column++) {
        List<String> terms = new ArrayList<>();
        for (LaneMode mode : modes) {
          int from = column - MixedRows.shift(mode);
          if (from >= 0 && from < MixedRows.WIDTH) {
            String bit = "r%d[%d]".formatted(row, from);
            terms.add(modes.size() == 1 ? bit : bit + " & m" + mode.precision());
          }
        }
        if (!terms.isEmpty()) {
          String name = "g%d_%d".formatted(row, column);
          text.line("wire %s = %s;", name, String.join(" | ", terms));
          heap.add(column, name, 18);
        }
      }
    }
  }

  private void constants(VerilogText text, BitHeap heap) {
    text.comment("The upper part of the constant.");
    String ten = MixedRows.columnTen(modes);
    if (!ten.isEmpty()) {
      text.line("wire k_10 = %s;", ten);
      heap.add(10, "k_10", 1);
    }
    text.line("wire k_11 = 1'b1;");
    for (int column = 11; column < 16; column++) {
      heap.add(column, "k_11", 1);
    }
  }

  static String row(BitHeap heap, int row) {
    StringBuilder bits = new StringBuilder("{");
    for (int column = 15; column >= 0; column--) {
      List<BitHeap.Bit> here = heap.bits(column);
      bits.append(row < here.size() ? here.get(row).wire() : "1'b0");
      bits.append(column > 0 ? ", " : "}");
    }
    return bits.toString();
  }
}
