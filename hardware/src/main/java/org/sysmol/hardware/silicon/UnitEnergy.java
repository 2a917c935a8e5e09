package org.sysmol.hardware.silicon;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sysmol.core.architecture.Architecture;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.rtl.check.OperationVectors;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/** What each multiply-accumulate of a unit takes, measured on the netlist that its area is of. */
public final class UnitEnergy {
  /**
   * One operation.
   *
   * @param operation what was repeated
   * @param picojoules of one instruction
   * @param clockPicojoules what of it flip-flops take at their clock pins, whatever is computed
   */
  public record Figure(
      OperationVectors.Operation operation, double picojoules, double clockPicojoules) {
    /** Of one product. */
    public double perProduct() {
      return picojoules / operation.products();
    }
  }

  private static final int VECTORS = 400;

  private UnitEnergy() {}

  /** Why a library's cells give no energy; empty if they do. */
  public static Optional<String> refusal(Optional<String> liberty) {
    if (liberty.isEmpty()) {
      return Optional.of(
          "The generic cells have no energy, so none is given: name a library with --liberty.");
    }
    if (!liberty.get().contains("internal_power")) {
      return Optional.of(
          "The library has no internal_power in any cell, so no energy is given: name a library that was characterised for power.");
    }
    ExternalProgram.IVERILOG.require("simulate a netlist for its energy");
    ExternalProgram.VVP.require("simulate a netlist for its energy");
    return Optional.empty();
  }

  /**
   * Measures all operations of a unit, 400 vectors each; none for a unit that multiplies nothing.
   *
   * @param liberty the library's text
   * @param cost of the unit, with its netlist
   * @param seed of the operands
   */
  public static List<Figure> of(
      String liberty, Synthesis.Cost cost, Architecture architecture, long seed) {
    OperationVectors vectors = OperationVectors.of(cost.unit(), architecture, seed, VECTORS);
    if (vectors.operations().isEmpty()) {
      return List.of();
    }
    List<Activity.Stretch> stretches = new ArrayList<>();
    List<Integer> cycles = new ArrayList<>();
    for (OperationVectors.Operation operation : vectors.operations()) {
      long from = (long) operation.firstLine() * Testbench.PERIOD_PS;
      stretches.add(
          new Activity.Stretch(from, from + (long) operation.lines() * Testbench.PERIOD_PS));
      cycles.add(operation.lines());
    }
    Testbench testbench = new Testbench(cost.unit(), architecture.registerBits(), vectors.lines());
    try (WorkFolder folder = WorkFolder.create()) {
      folder.write("cells.lib", liberty);
      vectors.write(folder.path().resolve(testbench.file()));
      OperationEnergy energy =
          OperationEnergy.of(
              folder,
              Netlist.parse(cost.unit(), cost.netlist()),
              testbench.emitRecording(),
              "checked %d mismatches 0".formatted(vectors.compared()),
              stretches,
              cycles);
      List<Figure> figures = new ArrayList<>();
      for (int i = 0; i < stretches.size(); i++) {
        figures.add(
            new Figure(
                vectors.operations().get(i), energy.picojoules().get(i), energy.clockPicojoules()));
      }
      return figures;
    }
  }
}
