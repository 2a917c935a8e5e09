package org.sysmol.hardware.rtl;

import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Pattern;

/**
 * VSUMQ: exact sums of four lanes each, of two registers, as words.
 *
 * @param repeats 1, 2 or 4: registers of 128, 256 or 512 bits, each 128 for itself
 */
public record SumModule(int repeats) {
  /** The module's name. */
  public static final String NAME = "sum_unit";

  /** The module for an architecture's registers. */
  public static SumModule of(Architecture architecture) {
    return new SumModule(architecture.repeats());
  }

  /** The module and the one that it needs. */
  public String emit() {
    VerilogText text = new VerilogText();
    text.comment("The exact sum of four signed 16-bit lanes, as a 32-bit word.");
    text.line("module sum_of_lanes(").in();
    text.line("input wire [63:0] x,");
    text.line("output wire [31:0] q");
    text.out().line(");").in();
    for (int lane = 0; lane < 4; lane++) {
      int top = 16 * lane + 15;
      text.line("wire [17:0] x%d = {{2{x[%d]}}, x[%d:%d]};", lane, top, top, 16 * lane);
    }
    text.line("wire [17:0] s = x0 + x1 + x2 + x3;");
    text.line("assign q = {{14{s[17]}}, s};");
    text.out().line("endmodule").line("");
    int bits = Pattern.BITS * repeats;
    text.comment(
        "VSUMQ: words 0 and 1 of q are the sums of lanes 0-3 and 4-7 of vn, words 2 and 3 of vm;\n"
            + "q follows vn and vm one cycle later.");
    text.line("module %s(", NAME).in();
    text.line("input wire clk,");
    text.line("input wire [%d:0] vn,", bits - 1);
    text.line("input wire [%d:0] vm,", bits - 1);
    text.line("output wire [%d:0] q", bits - 1);
    text.out().line(");").in();
    text.line("reg [%d:0] n, m;", bits - 1);
    text.line("always @(posedge clk) begin").in();
    text.line("n <= vn;").line("m <= vm;");
    text.out().line("end");
    for (int copy = 0; copy < repeats; copy++) {
      for (int word = 0; word < 4; word++) {
        int from = 128 * copy + 64 * (word % 2);
        int to = 128 * copy + 32 * word;
        text.line(
            "sum_of_lanes sum_%d_%d(.x(%s[%d:%d]), .q(q[%d:%d]));",
            copy, word, word < 2 ? "n" : "m", from + 63, from, to + 31, to);
      }
    }
    text.out().line("endmodule");
    return text.toString();
  }
}
