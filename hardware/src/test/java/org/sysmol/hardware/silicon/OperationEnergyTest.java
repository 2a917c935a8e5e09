package org.sysmol.hardware.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/** A netlist of two cells whose library has energies that one can add up by hand. */
class OperationEnergyTest {
  // In picojoules, at 2 V. A flip-flop: 0.25 and 0.75 for its clock's edges, so 1 a cycle; 2 and 4
  // for its output's, so 3 a change on average; it drives 0.5 pF, so 1/2 * 0.5 * 2^2 = 1 a change.
  // The inverter: 1 and 2, so 1.5 a change; it drives nothing.
  private static final double CLOCK = 0.25 + 0.75;
  private static final double CHANGE = (2 + 4) / 2.0 + 0.5 * 0.5 * 2 * 2 + (1 + 2) / 2.0;

  private static final String LIBERTY =
      """
      library (toy) {
        delay_model : table_lookup;
        time_unit : "1ns";
        capacitive_load_unit (1, pf);
        voltage_unit : "1V";
        current_unit : "1mA";
        pulling_resistance_unit : "1kohm";
        leakage_power_unit : "1nW";
        nom_process : 1.0; nom_temperature : 25.0; nom_voltage : 2.0;
        slew_lower_threshold_pct_fall : 20; slew_lower_threshold_pct_rise : 20;
        slew_upper_threshold_pct_fall : 80; slew_upper_threshold_pct_rise : 80;
        input_threshold_pct_fall : 50; input_threshold_pct_rise : 50;
        output_threshold_pct_fall : 50; output_threshold_pct_rise : 50;
        default_max_transition : 1000;
        operating_conditions (only) { process : 1; temperature : 25; voltage : 2; }
        default_operating_conditions : only;
        cell (INV) {
          area : 1;
          pin (A) { direction : input; capacitance : 0.5; }
          pin (Y) {
            direction : output; max_capacitance : 1000; function : "!A";
            ARC(A, combinational)
            internal_power () {
              related_pin : "A";
              rise_power (scalar) { values ("1.0"); }
              fall_power (scalar) { values ("2.0"); }
            }
          }
        }
        cell (DFF) {
          area : 6;
          ff (IQ, IQN) { clocked_on : "C"; next_state : "D"; }
          pin (C) {
            direction : input; clock : true; capacitance : 0.5;
            internal_power () {
              rise_power (scalar) { values ("0.25"); }
              fall_power (scalar) { values ("0.75"); }
            }
          }
          pin (D) { direction : input; capacitance : 0.5; }
          pin (Q) {
            direction : output; max_capacitance : 1000; function : "IQ";
            ARC(C, rising_edge)
            internal_power () {
              related_pin : "C";
              rise_power (scalar) { values ("2.0"); }
              fall_power (scalar) { values ("4.0"); }
            }
          }
        }
      }
      """
          .replaceAll(
              "ARC\\((\\w+), (\\w+)\\)",
              """
              timing () {
                related_pin : "$1"; timing_type : $2;
                cell_rise (scalar) { values ("1.0"); }
                cell_fall (scalar) { values ("1.0"); }
                rise_transition (scalar) { values ("0.001"); }
                fall_transition (scalar) { values ("0.001"); }
              }
              """);

  private static final String NETLIST =
      """
      module toy(clk, \\a[0] , \\a[1] , \\q[0] , \\q[1] );
        input clk;
        input \\a[0] ;
        input \\a[1] ;
        output \\q[0] ;
        output \\q[1] ;
        wire \\x.s[0] ;
        DFF _1_ (
          .C(clk),
          .D(\\a[0] ),
          .Q(\\x.s[0] )
        );
        INV _2_ (
          .A(\\x.s[0] ),
          .Y(\\q[0] )
        );
        assign \\q[1] = \\x.s[0] ;
      endmodule
      """;

  // 12 cycles of 3 ns: a[0] changes in each of the first four, in none of the next, in every
  // second one of the last.
  private static final String TESTBENCH =
      """
      `timescale 1ns/1ps
      module testbench;
        reg clk = 0;
        reg [1:0] a = 0;
        wire [1:0] q;
        reg [0:12] sequence = 13'b0101011111001;
        integer i;
        toy unit(.clk(clk), .a(a), .q(q));
        initial begin
          $dumpfile("activity.vcd");
          $dumpvars(1, unit.cells);
          for (i = 0; i < 13; i = i + 1) begin
            a[0] = sequence[i];
            #1 clk = 1;
            #1 clk = 0;
            #1;
            if (q !== {a[0], ~a[0]}) $display("wrong");
          end
          $display("done");
          $finish;
        end
      endmodule
      """;

  @BeforeEach
  void tools() {
    assumeTrue(
        ExternalProgram.YOSYS.present()
            && ExternalProgram.STA.present()
            && ExternalProgram.IVERILOG.present(),
        "Energy is not tested: install the Debian packages yosys, opensta and iverilog.");
  }

  private static OperationEnergy measure(String netlist, String success) {
    List<Activity.Stretch> stretches =
        List.of(
            new Activity.Stretch(3000, 15000),
            new Activity.Stretch(18000, 27000),
            new Activity.Stretch(27000, 39000));
    try (WorkFolder folder = WorkFolder.create()) {
      folder.write("cells.lib", LIBERTY);
      return OperationEnergy.of(
          folder, Netlist.parse("toy", netlist), TESTBENCH, success, stretches, List.of(4, 3, 4));
    }
  }

  @Test
  void addsUpWhatChanges() {
    OperationEnergy energy = measure(NETLIST, "done");
    assertThat(energy.clockPicojoules()).isCloseTo(CLOCK, within(1e-6));
    assertThat(energy.picojoules()).hasSize(3);
    assertThat(energy.picojoules().get(0)).isCloseTo(CLOCK + CHANGE, within(1e-6));
    assertThat(energy.picojoules().get(1)).isCloseTo(CLOCK, within(1e-6));
    assertThat(energy.picojoules().get(2)).isCloseTo(CLOCK + CHANGE / 2, within(1e-6));
  }

  @Test
  void refusesANetlistThatComputesSomethingElse() {
    assertThatThrownBy(() -> measure(NETLIST, "all right"))
        .isInstanceOf(SysmolException.class)
        .hasMessageContaining("The netlist of toy computes wrong results")
        .hasMessageContaining("done");
  }

  @Test
  void saysWhyThereIsNone() {
    assertThat(UnitEnergy.refusal(Optional.empty()).orElseThrow())
        .contains("generic cells have no energy");
    assertThat(UnitEnergy.refusal(Optional.of(GenericCells.liberty())).orElseThrow())
        .contains("no internal_power");
    assertThat(UnitEnergy.refusal(Optional.of(LIBERTY))).isEmpty();
  }
}
