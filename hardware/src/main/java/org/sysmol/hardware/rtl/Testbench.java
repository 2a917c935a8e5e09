package org.sysmol.hardware.rtl;

/**
 * A self-checking testbench: it reads a file of vectors, drives one each cycle, and counts those
 * whose result differs from the expected one.
 *
 * <p>A line of the file is one hexadecimal number: expected result, {@code vd}, {@code vm}, {@code
 * vn} of {@code bits} bits each, then 32 bits of control ({@link #CHECKED} and so on), the highest
 * first.
 *
 * @param module the top module that it tests
 * @param bits of a register
 * @param vectors lines of the file
 */
public record Testbench(String module, int bits, int vectors) {
  /** Bit of control: the result is compared. */
  public static final int CHECKED = 0;

  /** Bit of control: this is a VPSET. */
  public static final int VPSET = 1;

  /** Lowest of two bits of control: the pattern register written. */
  public static final int PD = 2;

  /** Lowest of ten bits of control: the pattern's number. */
  public static final int K = 4;

  /** Lowest of two bits of control: the pattern register used. */
  public static final int PS = 14;

  /** Lowest of three bits of control: the instruction, as the extended unit numbers it. */
  public static final int OP = 16;

  /** The testbench's name as a module. */
  public static final String NAME = "testbench";

  /** The file of vectors, in the working directory of the simulation. */
  public String file() {
    return module + ".hex";
  }

  /** Where {@link #emitRecording} writes, in the working directory of the simulation. */
  public static final String RECORD = "activity.vcd";

  /** Picoseconds from one vector to the next. */
  public static final int PERIOD_PS = 3000;

  /** The testbench's text. */
  public String emit() {
    return emit("");
  }

  /**
   * The text of a testbench that also records how nets change, those of the instance {@code cells}
   * of the tested module and none below it.
   */
  public String emitRecording() {
    return emit("$dumpfile(\"%s\"); $dumpvars(1, unit.cells);".formatted(RECORD));
  }

  private String emit(String record) {
    VerilogText text = new VerilogText();
    text.comment(
        "Drives one vector of %s each cycle into %s and compares its result.\n"
                .formatted(file(), module)
            + "A vector: expected, vd, vm, vn, control (compare, VPSET, pd, k, ps, op from bit 0 on).");
    text.line("`timescale 1ns/1ps");
    text.line("module %s;", NAME).in();
    text.line("localparam BITS = %d;", bits);
    text.line("localparam VECTORS = %d;", vectors);
    text.line("reg clk = 1'b0;");
    text.line("reg [4 * BITS + 31:0] memory [0:VECTORS - 1];");
    text.line("reg [4 * BITS + 31:0] vector;");
    text.line("wire [BITS - 1:0] q;");
    text.line("wire [31:0] control = vector[31:0];");
    text.line("%s unit(.clk(clk)%s, .q(q));", module, ports());
    text.line("integer i, checked, mismatches;");
    text.line("initial begin").in();
    text.line("$readmemh(\"%s\", memory);", file());
    if (!record.isEmpty()) {
      text.line("%s", record);
    }
    text.line("checked = 0;").line("mismatches = 0;");
    text.line("for (i = 0; i < VECTORS; i = i + 1) begin").in();
    text.line("vector = memory[i];");
    text.line("#1 clk = 1'b1;");
    text.line("#1 clk = 1'b0;");
    text.line("#1;");
    text.line("if (control[%d]) begin", CHECKED).in();
    text.line("checked = checked + 1;");
    text.line("if (q !== vector[4 * BITS + 31:3 * BITS + 32]) begin").in();
    text.line("mismatches = mismatches + 1;");
    text.line("if (mismatches <= 20)").in();
    text.line(
        "$display(\"vector %0d: %h, expected %h\", i, q, vector[4 * BITS + 31:3 * BITS + 32]);");
    text.out().out().line("end");
    text.out().line("end");
    text.out().line("end");
    text.line("$display(\"checked %0d mismatches %0d\", checked, mismatches);");
    text.line("$finish;");
    text.out().line("end");
    text.out().line("endmodule");
    return text.toString();
  }

  private String ports() {
    String operands = ", .vn(vector[BITS + 31:32]), .vm(vector[2 * BITS + 31:BITS + 32])";
    String accumulator = ", .vd(vector[3 * BITS + 31:2 * BITS + 32])";
    String patterns =
        ", .vpset(control[1]), .pd(control[3:2]), .k(control[13:4]), .ps(control[15:14])";
    return switch (module) {
      case SumModule.NAME -> operands;
      case "base_unit" -> ", .op(control[18:16])" + operands + accumulator;
      case "mixed_unit" -> ", .keep_d(control[16])" + patterns + operands + accumulator;
      case "extended_unit" -> ", .op(control[18:16])" + patterns + operands + accumulator;
      default -> throw new IllegalArgumentException(module);
    };
  }
}
