package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.LaneMode;

/**
 * A whole unit: operand registers, control, and its lanes or words.
 *
 * @param kind what it executes
 * @param set the patterns of the mixed unit; irrelevant to {@link Kind#BASE}
 * @param repeats 1, 2 or 4: registers of 128, 256 or 512 bits
 */
public record UnitModule(Kind kind, PatternSet set, int repeats) {
  /** What a unit executes. */
  public enum Kind {
    /** MLA.16B, MLA.8H and SDOT.4S of NEON. */
    BASE("base_unit"),
    /** VMUL, VMAC and VPSET. */
    MIXED("mixed_unit"),
    /** Both. */
    EXTENDED("extended_unit");

    private final String module;

    Kind(String module) {
      this.module = module;
    }

    /** The top module's name. */
    public String module() {
      return module;
    }

    boolean base() {
      return this != MIXED;
    }

    boolean mixed() {
      return this != BASE;
    }
  }

  /** A unit for an architecture's registers. */
  public static UnitModule of(Kind kind, Architecture architecture) {
    return new UnitModule(kind, architecture.patterns(), architecture.repeats());
  }

  /** Bits of a register. */
  public int bits() {
    return Pattern.BITS * repeats;
  }

  private Set<LaneMode> modes(int lane) {
    return kind.mixed() ? LaneModes.of(set, lane) : Set.of();
  }

  /** The unit and all modules that it needs, one after the other. */
  public String emit() {
    TreeMap<String, String> modules = new TreeMap<>();
    for (int lane = 0; lane < Pattern.LANES; lane += 2) {
      if (kind.base()) {
        WordModule word = new WordModule(modes(lane), modes(lane + 1));
        modules.computeIfAbsent(word.name(), name -> word.emit());
        for (LaneModule part : word.lanes()) {
          modules.computeIfAbsent(part.name(), name -> part.emit());
        }
      } else {
        for (int l = lane; l < lane + 2; l++) {
          MacModule mac = new MacModule(modes(l));
          modules.computeIfAbsent(mac.name(), name -> mac.emit());
          modules.computeIfAbsent(mac.lane().name(), name -> mac.lane().emit());
        }
      }
    }
    if (kind.mixed()) {
      modules.put(PatternRegisters.NAME, PatternRegisters.emit(set));
    }
    return String.join("\n", modules.values()) + "\n" + top();
  }

  private String top() {
    VerilogText text = new VerilogText();
    head(text);
    int width = bits();
    text.comment("Operand registers.");
    text.line("reg [%d:0] n, m, d;", width - 1);
    text.line("always @(posedge clk) begin").in();
    String keep =
        switch (kind) {
          case BASE -> "";
          case MIXED -> "keep_d";
          case EXTENDED -> "~op[2] | op[0]";
        };
    text.line("n <= vn;").line("m <= vm;");
    text.line("d <= vd%s;", keep.isEmpty() ? "" : " & {%d{%s}}".formatted(width, keep));
    text.out().line("end");
    if (kind.base()) {
      text.comment("The instruction, one wire for each.");
      text.line("reg is_16b, is_8h, is_dot;");
      text.line("always @(posedge clk) begin").in();
      text.line("is_16b <= op == 3'd0;").line("is_8h <= op == 3'd1;").line("is_dot <= op == 3'd2;");
      text.out().line("end");
    }
    if (kind.mixed()) {
      mixedControl(text);
    }
    for (int copy = 0; copy < repeats; copy++) {
      for (int lane = 0; lane < Pattern.LANES; lane++) {
        if (!kind.base()) {
          instance(text, new MacModule(modes(lane)), copy, lane);
        } else if (lane % 2 == 0) {
          instance(text, new WordModule(modes(lane), modes(lane + 1)), copy, lane);
        }
      }
    }
    text.out().line("endmodule");
    return text.toString();
  }

  private void head(VerilogText text) {
    switch (kind) {
      case BASE ->
          text.comment(
              "The base unit. op: 0 MLA.16B, 1 MLA.8H, 2 SDOT.4S. q follows vn, vm, vd one cycle later.");
      case MIXED ->
          text.comment(
              "The mixed unit, patterns "
                  + set.name()
                  + ". vpset: VPSET Ppd, #k. Otherwise VMUL or, with keep_d, VMAC,\n"
                  + "of activations vn and weights vm, added to vd, under pattern register ps; q one cycle later.");
      case EXTENDED ->
          text.comment(
              "The base unit extended with the mixed unit, patterns "
                  + set.name()
                  + ". op: 0 MLA.16B, 1 MLA.8H, 2 SDOT.4S,\n"
                  + "4 VMUL, 5 VMAC under pattern register ps. vpset: VPSET Ppd, #k.\n"
                  + "q follows vn (activations), vm (weights), vd one cycle later.");
    }
    int top = bits() - 1;
    text.line("module %s(", kind.module()).in();
    text.line("input wire clk,");
    if (kind.base()) {
      text.line("input wire [2:0] op,");
    } else {
      text.line("input wire keep_d,");
    }
    if (kind.mixed()) {
      text.line("input wire vpset,").line("input wire [1:0] pd,").line("input wire [9:0] k,");
      text.line("input wire [1:0] ps,");
    }
    text.line("input wire [%d:0] vn,", top);
    text.line("input wire [%d:0] vm,", top);
    text.line("input wire [%d:0] vd,", top);
    text.line("output wire [%d:0] q", top);
    text.out().line(");").in();
  }

  private void mixedControl(VerilogText text) {
    text.comment("Lane modes: read and decoded a cycle before the product, and held in registers.");
    text.line("wire [15:0] fields;");
    text.line(
        "%s patterns(.clk(clk), .vpset(vpset), .pd(pd), .k(k), .ps(ps), .fields(fields));",
        PatternRegisters.NAME);
    List<String> unused = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    String mixed = kind.base() ? " & op[2]" : "";
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      Set<LaneMode> modes = modes(lane);
      boolean selects = new LaneModule(kind.base(), modes).selects();
      for (LaneMode mode : modes) {
        if (selects) {
          names.add("lane%d_m%d".formatted(lane, mode.precision()));
          values.add(
              "fields[%d:%d] == 2'd%d%s".formatted(2 * lane + 1, 2 * lane, mode.field(), mixed));
        }
      }
      if (!selects) {
        unused.add("fields[%d:%d]".formatted(2 * lane + 1, 2 * lane));
      }
    }
    if (!names.isEmpty()) {
      text.line("reg %s;", String.join(", ", names));
      text.line("always @(posedge clk) begin").in();
      for (int i = 0; i < names.size(); i++) {
        text.line("%s <= %s;", names.get(i), values.get(i));
      }
      text.out().line("end");
    }
    if (!unused.isEmpty()) {
      text.line("wire unused = &{1'b0, %s};", String.join(", ", unused));
    }
  }

  private static String slice(String name, int high, int low) {
    return ".%s(%s[%d:%d])".formatted(name, name, high, low);
  }

  private static void instance(VerilogText text, MacModule mac, int copy, int lane) {
    StringBuilder ports = new StringBuilder();
    for (String control : mac.lane().controls()) {
      ports.append(", .%s(lane%d_%s)".formatted(control, lane, control));
    }
    int low = 128 * copy + 16 * lane;
    text.line(
        "%s lane_%d_%d(%s, %s, %s%s, %s);",
        mac.name(),
        copy,
        lane,
        slice("n", low + 15, low),
        slice("m", low + 15, low),
        slice("d", low + 15, low),
        ports,
        slice("q", low + 15, low));
  }

  private static void instance(VerilogText text, WordModule word, int copy, int lane) {
    StringBuilder ports = new StringBuilder();
    for (String control : word.controls()) {
      String own =
          control.startsWith("l0_")
              ? "lane" + lane + control.substring(2)
              : control.startsWith("l1_") ? "lane" + (lane + 1) + control.substring(2) : control;
      ports.append(", .%s(%s)".formatted(control, own));
    }
    int low = 128 * copy + 16 * lane;
    text.line(
        "%s word_%d_%d(%s, %s, %s%s, %s);",
        word.name(),
        copy,
        lane / 2,
        slice("n", low + 31, low),
        slice("m", low + 31, low),
        slice("d", low + 31, low),
        ports,
        slice("q", low + 31, low));
  }
}
