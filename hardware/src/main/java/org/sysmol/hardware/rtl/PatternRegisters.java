package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.LaneMode;

/**
 * The four pattern registers and the decoder of VPSET (docs/isa.md, "State").
 *
 * <p>Of the 16 bits of a register only those are kept that differ between the set's patterns, and
 * bits that are equal in all of them once: two lanes that always have the same precision share
 * theirs.
 */
final class PatternRegisters {
  /** The module's name. */
  static final String NAME = "pattern_registers";

  private PatternRegisters() {}

  /** The module's text. */
  static String emit(PatternSet set) {
    List<Integer> modes = set.patterns().stream().map(LaneMode::modes).toList();
    List<String> stored = new ArrayList<>();
    List<String> fields = new ArrayList<>();
    for (int bit = 0; bit < 2 * Pattern.LANES; bit++) {
      StringBuilder column = new StringBuilder();
      for (int value : modes) {
        column.append((value >> bit) & 1);
      }
      String values = column.toString();
      if (values.indexOf('1') < 0 || values.indexOf('0') < 0) {
        fields.add("1'b" + values.charAt(0));
        continue;
      }
      if (!stored.contains(values)) {
        stored.add(values);
      }
      fields.add("f[" + stored.indexOf(values) + "]");
    }
    VerilogText text = new VerilogText();
    text.comment(
        """
        Pattern registers P0 to P3 and the decoder of VPSET: fields of two bits for each lane,
        0 for slots of 4 bits, 1 for 2 bits, 2 for 1 bit. vpset writes pattern k to register pd;
        fields is what register ps holds. A k beyond the list counts as the list's last.""");
    text.line("module %s(", NAME).in();
    text.line("input wire clk,");
    text.line("input wire vpset,");
    text.line("input wire [1:0] pd,");
    text.line("input wire [9:0] k,");
    text.line("input wire [1:0] ps,");
    text.line("output wire [15:0] fields");
    text.out().line(");").in();
    if (stored.isEmpty()) {
      text.comment("One pattern, or several that are alike: nothing to keep.");
      text.line("wire unused = &{1'b0, clk, vpset, pd, k, ps};");
    } else {
      int index = Math.max(1, 32 - Integer.numberOfLeadingZeros(modes.size() - 1));
      decoder(text, set, stored, index);
      if (index < 10) {
        text.line("wire unused = &{1'b0, k[9:%d]};", index);
      }
    }
    text.line("assign fields = {%s};", String.join(", ", fields.reversed()));
    text.out().line("endmodule");
    return text.toString();
  }

  private static void decoder(VerilogText text, PatternSet set, List<String> stored, int index) {
    int width = stored.size();
    text.comment("Bits of the fields that differ between patterns, each once.");
    text.line("reg [%d:0] decoded;", width - 1);
    text.line("always @* begin").in();
    text.line("case (k[%d:0])", index - 1).in();
    int patterns = set.patterns().size();
    for (int k = 0; k < patterns; k++) {
      StringBuilder bits = new StringBuilder();
      for (int i = width - 1; i >= 0; i--) {
        bits.append(stored.get(i).charAt(k));
      }
      String label = k == patterns - 1 ? "default" : String.format(Locale.ROOT, "%d'd%d", index, k);
      text.line("%s: decoded = %d'b%s; // %s", label, width, bits, set.patterns().get(k));
    }
    text.out().line("endcase");
    text.out().line("end");
    text.line("reg [%d:0] p0, p1, p2, p3;", width - 1);
    text.line("always @(posedge clk) begin").in();
    for (int p = 0; p < 4; p++) {
      text.line("if (vpset & pd == 2'd%d) p%d <= decoded;", p, p);
    }
    text.out().line("end");
    text.line("wire [%d:0] f = ps[1] ? (ps[0] ? p3 : p2) : (ps[0] ? p1 : p0);", width - 1);
  }
}
