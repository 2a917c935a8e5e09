package org.sysmol.hardware.silicon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.sysmol.core.SysmolException;
import org.sysmol.hardware.rtl.Testbench;
import org.sysmol.hardware.tool.ExternalProgram;
import org.sysmol.hardware.tool.WorkFolder;

/**
 * Energy of a netlist's cycles: its cells simulated in Icarus Verilog, and each cell's energy
 * between nothing moving and every pin changing once in a cycle, by how often its outputs changed.
 *
 * <p>In it: the cells, the input pins that they drive, and the clock pins of flip-flops as OpenSTA
 * counts them. Not in it: leakage, wires, the clock tree, glitches, what drives the inputs.
 *
 * @param picojoules of one cycle, on average, in each stretch
 * @param clockPicojoules what of it the clock alone takes
 */
record OperationEnergy(List<Double> picojoules, double clockPicojoules) {
  private static final int MINUTES = 60;

  /**
   * Measures.
   *
   * @param folder has {@code cells.lib} and what the testbench reads
   * @param testbench module {@code testbench}, with the netlist's module as {@code unit}, {@link
   *     Testbench#RECORD} written of {@code unit.cells}
   * @param success what the testbench writes if all results were right
   * @param stretches times in which cycles are counted
   * @param cycles cycles in each stretch
   */
  static OperationEnergy of(
      WorkFolder folder,
      Netlist netlist,
      String testbench,
      String success,
      List<Activity.Stretch> stretches,
      List<Integer> cycles) {
    CellModels models = CellModels.of(folder);
    InstancePower power = InstancePower.of(folder, netlist);
    folder.write("models.v", models.verilog());
    folder.write("simulated.v", netlist.renamed("cells") + "\n" + netlist.wrapper());
    folder.write("testbench.v", testbench);
    List<String> files = List.of("testbench.v", "simulated.v", "models.v");
    List<String> arguments =
        new ArrayList<>(List.of("-g2005", "-o", "activity.vvp", "-s", Testbench.NAME));
    arguments.addAll(files);
    ExternalProgram.IVERILOG.run(folder.path(), MINUTES, arguments);
    String said = ExternalProgram.VVP.run(folder.path(), MINUTES, List.of("-N", "activity.vvp"));
    if (said.lines().noneMatch(success::equals)) {
      throw SysmolException.failed(
          "The netlist of %s computes wrong results, so its energy means nothing; the simulator wrote: %s"
              .formatted(netlist.module(), said.strip().lines().limit(6).toList()));
    }
    Activity activity = Activity.read(folder.path().resolve(Testbench.RECORD), stretches);
    double clock = 0;
    double[] sums = new double[stretches.size()];
    for (Netlist.Instance instance : netlist.instances()) {
      InstancePower.Energy energy = power.energy(instance.name());
      clock += energy.idle();
      for (int s = 0; s < sums.length; s++) {
        double changes = changes(activity, s, instance, models) / cycles.get(s);
        sums[s] += energy.idle() + (energy.active() - energy.idle()) * changes;
      }
    }
    return new OperationEnergy(Arrays.stream(sums).boxed().toList(), clock);
  }

  /** Changes of a cell's output; of several outputs, as of a flip-flop's, their mean. */
  private static double changes(
      Activity activity, int stretch, Netlist.Instance instance, CellModels models) {
    Set<String> outputs = models.outputs().get(instance.cell());
    if (outputs == null) {
      throw SysmolException.failed(
          "yosys made no model of the cell %s, so the netlist can't be simulated: leave the cell out of the library."
              .formatted(instance.cell()));
    }
    double sum = 0;
    int connected = 0;
    for (String output : outputs) {
      String net = instance.pins().get(output);
      if (net != null && activity.has(net)) {
        sum += activity.changes(stretch, net);
        connected++;
      }
    }
    if (connected == 0) {
      throw SysmolException.failed(
          "No output of the cell %s (%s) was recorded; the netlist and the simulation don't fit."
              .formatted(instance.name(), instance.cell()));
    }
    return sum / connected;
  }
}
