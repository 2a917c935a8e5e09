package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Block.Figure;
import org.sysmol.report.page.Block.Notice;
import org.sysmol.report.page.Block.Tone;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Totals, ratios, and which of the baselines is better. */
final class TotalsSection {
  private TotalsSection() {}

  static Section of(SimulationReport report) {
    var blocks = new ArrayList<Block>();
    blocks.add(figures(report));
    for (SimulatedRun other : report.baselines()) {
      blocks.add(verdict(report.own(), other));
    }
    if (report.baselines().isEmpty()) {
      blocks.add(
          new Notice(Tone.PLAIN, "No baseline was simulated: nothing here says what is gained."));
    } else {
      blocks.add(
          new Block.Paragraph(
              "The baselines have the network's shapes and run on the same core, but only %s has trained weights: nothing is said of what accuracy the others would reach."
                  .formatted(report.own().name())));
    }
    blocks.add(
        new Block.Paragraph(
            "These are estimates: on loops of baselines the model's cycles and llvm-mca's differ by %s %% in the median (sysmol simulate --validate); nobody has measured the mixed unit's."
                .formatted(Numbers.significant(report.errorPercent()))));
    blocks.add(table(report));
    return new Section("In short", blocks);
  }

  private static Block.Figures figures(SimulationReport report) {
    SimulatedRun own = report.own();
    var figures = new ArrayList<Figure>();
    figures.add(
        new Figure(
            "Cycles of one image",
            Numbers.count(own.cycles()),
            "%s instructions, %s a cycle"
                .formatted(
                    Numbers.count(own.instructions()),
                    Numbers.fixed((double) own.instructions() / own.cycles(), 2))));
    figures.add(
        new Figure(
            "Time",
            Numbers.milliseconds(report.microseconds(own.cycles()) / 1e3),
            "at %s MHz".formatted(Numbers.count(report.architecture().core().clockMhz()))));
    figures.add(
        new Figure(
            "Energy",
            Numbers.significant(own.microjoules()) + " µJ",
            "dynamic, 45 nm; without leakage and clock"));
    figures.add(
        new Figure(
            "Bits",
            Numbers.fixed(report.bits(), 2),
            "over the searched layers by multiply-accumulates"));
    return new Block.Figures(figures);
  }

  /** Whether a baseline is better: said for cycles and energy, each by its own figure. */
  static Notice verdict(SimulatedRun own, SimulatedRun other) {
    double cycles = (double) other.cycles() / own.cycles();
    double energy = other.microjoules() / own.microjoules();
    String figures =
        "%s takes %s times the cycles and %s times the energy of %s"
            .formatted(
                other.name(), Numbers.fixed(cycles, 2), Numbers.fixed(energy, 2), own.name());
    if (cycles >= 1 && energy >= 1) {
      return new Notice(Tone.GOOD, figures + ".");
    }
    String better =
        cycles < 1 && energy < 1
            ? "is BETTER in both"
            : cycles < 1 ? "is BETTER in cycles" : "is BETTER in energy";
    return new Notice(Tone.BAD, "%s %s: %s.".formatted(other.name(), better, figures));
  }

  private static Block.Table table(SimulationReport report) {
    SimulatedRun own = report.own();
    List<List<String>> rows = new ArrayList<>();
    for (SimulatedRun run : report.runs()) {
      rows.add(
          List.of(
              run.name(),
              run.detail(),
              Numbers.count(run.cycles()),
              Numbers.significant(report.microseconds(run.cycles()) / 1e3),
              Numbers.count(run.instructions()),
              Numbers.fixed(run.microjoules(), 2),
              Numbers.fixed((double) run.cycles() / own.cycles(), 2),
              Numbers.fixed(run.microjoules() / own.microjoules(), 2)));
    }
    return new Block.Table(
        "One image; ratios are multiples of %s (below 1: better than it)".formatted(own.name()),
        List.of(
            Column.text("run"),
            Column.text("computes with"),
            Column.number("cycles"),
            Column.number("time (ms)"),
            Column.number("instructions"),
            Column.number("energy (µJ)"),
            Column.number("cycles, ratio"),
            Column.number("energy, ratio")),
        rows);
  }
}
