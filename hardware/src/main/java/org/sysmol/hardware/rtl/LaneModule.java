package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * The products of one 16-bit lane, reduced to two rows {@code r0} and {@code r1} whose sum they
 * are: those of the base unit, those of the mixed unit, or both on one tree of adders.
 *
 * <p>Where both are there, the base unit's rows make the mixed products too.
 */
record LaneModule(boolean base, Set<LaneMode> modes) {
  /** Columns of the two rows. */
  int width() {
    return base ? 17 : MixedRows.WIDTH;
  }

  /** Its module's name: {@code lane_base}, {@code lane_mixed_421}, {@code lane_both_421}. */
  String name() {
    return modes.isEmpty()
        ? "lane_base"
        : "lane_" + (base ? "both_" : "mixed_") + LaneModes.digits(modes);
  }

  /** Whether the module has select wires for its modes: not if it can do one thing alone. */
  boolean selects() {
    return base ? !modes.isEmpty() : modes.size() > 1;
  }

  /** Ports beside n, m and the rows, by name. */
  List<String> controls() {
    List<String> ports = new ArrayList<>();
    if (base) {
      ports.addAll(List.of("is_16b", "is_8h", "is_dot"));
    }
    if (selects()) {
      for (LaneMode mode : modes) {
        ports.add("m" + mode.precision());
      }
    }
    return ports;
  }

  /** The module's text. */
  String emit() {
    VerilogText text = new VerilogText();
    text.comment("One lane's products as two rows of bits; their sum is r0 + r1.");
    text.line("module %s(", name()).in();
    text.line("input wire [15:0] n,");
    text.line("input wire [15:0] m,");
    for (String control : controls()) {
      text.line("input wire %s,", control);
    }
    text.line("output wire [%d:0] r0,", width() - 1);
    text.line("output wire [%d:0] r1", width() - 1);
    text.out().line(");").in();
    BitHeap heap = new BitHeap("b_");
    if (base) {
      new BoothRows(text, heap, modes).emit();
      heap.gateCarriesInto(8, "apart_8");
      text.line("wire apart_8 = ~is_16b;");
    } else {
      new MixedRows(text, heap, modes).emit();
    }
    text.comment("The tree of adders.");
    heap.reduce(text, base ? 16 : width(), 2);
    rows(text, heap);
    text.out().line("endmodule");
    return text.toString();
  }

  private void rows(VerilogText text, BitHeap heap) {
    if (base) {
      // SDOT's sum is below 2^17 and all its bits are positive, so at most one of these is 1. Mixed
      // sums are below 2^16 before their shift; other instructions don't read column 16.
      List<String> carries = heap.bits(16).stream().map(BitHeap.Bit::wire).toList();
      text.line("wire bit_16 = %s;", String.join(" | ", carries));
    }
    for (int row = 0; row < 2; row++) {
      StringBuilder bits = new StringBuilder();
      if (base) {
        bits.append(row == 0 ? "bit_16, " : "1'b0, ");
      }
      for (int column = base ? 15 : width() - 1; column >= 0; column--) {
        List<BitHeap.Bit> here = heap.bits(column);
        bits.append(row < here.size() ? here.get(row).wire() : "1'b0");
        bits.append(column > 0 ? ", " : "");
      }
      text.line("assign r%d = {%s};", row, bits);
    }
  }
}
