package org.sysmol.hardware.silicon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/**
 * What each cell of a netlist takes in a cycle, by OpenSTA: when nothing but the clock moves, and
 * when all its pins change once. OpenSTA 2.0.17 has no working activity of single pins, but its
 * power is linear in the one that all pins share, so these two say all (docs/silicon.md).
 */
record InstancePower(Map<String, Energy> byInstance) {
  /**
   * Picojoules in a cycle, without leakage.
   *
   * @param idle with the clock alone
   * @param active with every pin changing once
   */
  record Energy(double idle, double active) {}

  private static final int MINUTES = 60;

  // Long, so that every path settles; energy is power times it.
  private static final int PERIOD_NS = 1000;
  private static final double WATTS_TO_PJ = PERIOD_NS * 1e-9 * 1e12;
  private static final String NUMBER = "\\s*([-+0-9.eE]+)";
  private static final Pattern LINE =
      Pattern.compile(NUMBER + NUMBER + NUMBER + NUMBER + "\\s+(\\S+)\\s*");

  // An inverter that drives nothing: 1 and 2 pJ inside, so 1.5 a change.
  private static final double PROBE_PJ = 1.5;
  private static final String PROBE_LIBRARY =
      """
      library (probe) {
        delay_model : table_lookup;
        time_unit : "1ns"; voltage_unit : "1V"; current_unit : "1mA";
        capacitive_load_unit (1, pf);
        pulling_resistance_unit : "1kohm"; leakage_power_unit : "1nW";
        nom_process : 1.0; nom_temperature : 25.0; nom_voltage : 1.0;
        slew_lower_threshold_pct_fall : 20; slew_lower_threshold_pct_rise : 20;
        slew_upper_threshold_pct_fall : 80; slew_upper_threshold_pct_rise : 80;
        input_threshold_pct_fall : 50; input_threshold_pct_rise : 50;
        output_threshold_pct_fall : 50; output_threshold_pct_rise : 50;
        operating_conditions (only) { process : 1; temperature : 25; voltage : 1; }
        default_operating_conditions : only;
        cell (PROBE) {
          area : 1;
          pin (A) { direction : input; capacitance : 0.001; }
          pin (Y) {
            direction : output; function : "!A";
            internal_power () {
              related_pin : "A";
              rise_power (scalar) { values ("1.0"); }
              fall_power (scalar) { values ("2.0"); }
            }
          }
        }
      }
      """;
  private static final String PROBE_NETLIST =
      """
      module probe(clk, a, y);
        input clk;
        input a;
        output y;
        PROBE inverter (.A(a), .Y(y));
      endmodule
      """;

  /** Of a netlist whose library is {@code cells.lib} in a folder. */
  static InstancePower of(WorkFolder folder, Netlist netlist) {
    double scale = scale(folder);
    folder.write("netlist.v", netlist.verilog());
    Map<String, Double> idle = run(folder, "cells.lib", netlist.module(), 0, scale);
    Map<String, Double> active = run(folder, "cells.lib", netlist.module(), 1, scale);
    Map<String, Energy> energies = new HashMap<>();
    for (Netlist.Instance instance : netlist.instances()) {
      Double low = idle.get(instance.name());
      Double high = active.get(instance.name());
      if (low == null || high == null) {
        throw SysmolException.failed(
            "OpenSTA gave no power of the cell %s (%s) of %s; check that the library describes it."
                .formatted(instance.name(), instance.cell(), netlist.module()));
      }
      energies.put(instance.name(), new Energy(low, high));
    }
    return new InstancePower(energies);
  }

  /** Of a cell. */
  Energy energy(String instance) {
    return Objects.requireNonNull(byInstance.get(instance));
  }

  /**
   * How many times too large OpenSTA's internal power is: version 2.0.17 takes a cell's energies of
   * rise and fall together for each single change, so 2.
   */
  private static double scale(WorkFolder folder) {
    folder.write("probe.lib", PROBE_LIBRARY);
    folder.write("netlist.v", PROBE_NETLIST);
    double probed = run(folder, "probe.lib", "probe", 1, 1).getOrDefault("inverter", 0.0);
    double scale = Math.rint(probed / PROBE_PJ);
    if (scale < 1 || scale > 2 || Math.abs(probed / PROBE_PJ - scale) > 1e-3) {
      throw SysmolException.failed(
          "OpenSTA says %s pJ for an inverter of %s pJ, so its powers can't be used: install version 2.0.17 (Debian package %s)."
              .formatted(probed, PROBE_PJ, ExternalProgram.STA.debianPackage()));
    }
    return scale;
  }

  private static Map<String, Double> run(
      WorkFolder folder, String library, String module, int activity, double scale) {
    // Without a delay of the inputs, what no register precedes would have no clock and no activity.
    folder.write(
        "power.tcl",
        """
        read_liberty %s
        read_verilog netlist.v
        link_design %s
        set_cmd_units -time ns
        create_clock -name clk -period %d [get_ports clk]
        foreach port [all_inputs] {
          if {[get_property $port full_name] ne "clk"} { set_input_delay 0 -clock clk $port }
        }
        set_power_activity -global -activity %d -duty 0.5
        report_power -instances [get_cells *] -digits 8
        exit
        """
            .formatted(library, module, PERIOD_NS, activity));
    String log =
        ExternalProgram.STA.run(
            folder.path(), MINUTES, List.of("-no_splash", "-exit", "power.tcl"));
    Map<String, Double> energies = new HashMap<>();
    log.lines()
        .forEach(
            line -> {
              Matcher matcher = LINE.matcher(line);
              if (matcher.matches()) {
                double watts =
                    Double.parseDouble(matcher.group(1)) / scale
                        + Double.parseDouble(matcher.group(2));
                String name = matcher.group(5);
                energies.put(name.startsWith("\\") ? name.substring(1) : name, watts * WATTS_TO_PJ);
              }
            });
    return energies;
  }
}
