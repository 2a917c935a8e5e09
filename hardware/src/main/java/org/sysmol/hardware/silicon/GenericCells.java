package org.sysmol.hardware.silicon;

import java.util.Locale;

/**
 * A small cell library of this project's own, as a Liberty file. Areas are in NAND2 equivalents
 * (four transistors are 1); every cell has a delay of 1. So area counts gates and timing counts
 * levels, and neither says anything about a real process.
 */
public final class GenericCells {
  private GenericCells() {}

  private record Cell(String name, double area, String inputs, String function) {}

  private static final Cell[] CELLS = {
    new Cell("INV", 0.5, "A", "!A"),
    new Cell("BUF", 1, "A", "A"),
    new Cell("NAND2", 1, "A B", "!(A&B)"),
    new Cell("NOR2", 1, "A B", "!(A|B)"),
    new Cell("AND2", 1.5, "A B", "(A&B)"),
    new Cell("OR2", 1.5, "A B", "(A|B)"),
    new Cell("NAND3", 1.5, "A B C", "!(A&B&C)"),
    new Cell("NOR3", 1.5, "A B C", "!(A|B|C)"),
    new Cell("AOI21", 1.5, "A B C", "!((A&B)|C)"),
    new Cell("OAI21", 1.5, "A B C", "!((A|B)&C)"),
    new Cell("AOI22", 2, "A B C D", "!((A&B)|(C&D))"),
    new Cell("OAI22", 2, "A B C D", "!((A|B)&(C|D))"),
    new Cell("XOR2", 2.5, "A B", "(A^B)"),
    new Cell("XNOR2", 2.5, "A B", "!(A^B)"),
    new Cell("MUX2", 2.5, "A B S", "((A&!S)|(B&S))"),
  };

  /** The Liberty text. */
  public static String liberty() {
    StringBuilder text =
        new StringBuilder(
            """
            library (sysmol_generic) {
              delay_model : table_lookup;
              time_unit : "1ns";
              capacitive_load_unit (1, pf);
              voltage_unit : "1V";
              current_unit : "1mA";
              pulling_resistance_unit : "1kohm";
              leakage_power_unit : "1nW";
              nom_process : 1.0; nom_temperature : 25.0; nom_voltage : 1.0;
              slew_lower_threshold_pct_fall : 20; slew_lower_threshold_pct_rise : 20;
              slew_upper_threshold_pct_fall : 80; slew_upper_threshold_pct_rise : 80;
              input_threshold_pct_fall : 50; input_threshold_pct_rise : 50;
              output_threshold_pct_fall : 50; output_threshold_pct_rise : 50;
              default_max_transition : 1000;
            """);
    for (Cell cell : CELLS) {
      text.append("  cell (%s) {\n    area : %s;\n".formatted(cell.name, number(cell.area)));
      StringBuilder arcs = new StringBuilder();
      for (String input : cell.inputs.split(" ", -1)) {
        text.append("    pin (%s) { direction : input; capacitance : 0.001; }\n".formatted(input));
        arcs.append(arc(input, "combinational"));
      }
      text.append(
          "    pin (Y) { direction : output; max_capacitance : 1000; function : \"%s\";\n%s    }\n  }\n"
              .formatted(cell.function, arcs));
    }
    return text.append(
            """
              cell (DFF) {
                area : 6;
                ff (IQ, IQN) { clocked_on : "C"; next_state : "D"; }
                pin (C) { direction : input; clock : true; capacitance : 0.001; }
                pin (D) {
                  direction : input; capacitance : 0.001;
                  timing () {
                    related_pin : "C"; timing_type : setup_rising;
                    rise_constraint (scalar) { values ("0.0"); }
                    fall_constraint (scalar) { values ("0.0"); }
                  }
                }
                pin (Q) { direction : output; max_capacitance : 1000; function : "IQ";
            """)
        .append(arc("C", "rising_edge"))
        .append("    }\n  }\n}\n")
        .toString();
  }

  private static String arc(String input, String type) {
    StringBuilder text =
        new StringBuilder(
            "      timing () { related_pin : \"%s\"; timing_type : %s;\n".formatted(input, type));
    for (String table :
        new String[] {"cell_rise", "cell_fall", "rise_transition", "fall_transition"}) {
      // abc refuses tables of a constant, and a transition of 0.
      String value = table.startsWith("cell") ? "1.0" : "0.001";
      text.append("        %s (scalar) { values (\"%s\"); }\n".formatted(table, value));
    }
    return text.append("      }\n").toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%s", value);
  }
}
