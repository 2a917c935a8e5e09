package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.sysmol.report.page.BarChart;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Block.Notice;
import org.sysmol.report.page.Block.Tone;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** Time and energy by step, against the baselines. */
final class StepSections {
  private static final Axis ENERGY = new Axis("energy", "µJ");

  /** Colours that tell a stack's parts apart. */
  private static final int STACK = 8;

  private static final int BARS = 16;
  private static final int COMPARED = 6;
  private static final int NAMED = 8;

  /** A run of so many times the energy would leave no room for the components of the others. */
  private static final double FAR = 5;

  private StepSections() {}

  static Section latency(SimulationReport report) {
    ToDoubleFunction<SimulatedStep> time = step -> report.microseconds(step.cycles());
    var blocks = new ArrayList<Block>();
    blocks.add(
        new Block.Paragraph(
            report.everyCall()
                ? "Every call of every program was timed."
                : "Every instruction was executed and every access passed the caches; of calls of a program that find as many data in each level of memory, two were timed and the others taken for equal to their mean."));
    for (SimulatedRun other : report.baselines()) {
      better(report, other, "takes fewer cycles", step -> step.cycles()).ifPresent(blocks::add);
    }
    StepChoice few = StepChoice.of(report.own(), STACK, time);
    blocks.add(
        new BarChart(
            "Time of an image by step",
            "One bar for each run, its steps one after the other; shorter is better.",
            new Axis("time", "µs"),
            true,
            report.runs().stream().map(SimulatedRun::name).toList(),
            stack(report.runs(), few, time)));
    StepChoice many = StepChoice.of(report.own(), BARS, time);
    blocks.add(
        new BarChart(
            "Time of each step",
            "Steps in order of execution"
                + (many.others() > 0 ? ", those that take most" : "")
                + ". A run that the legend hides gives the others more room.",
            new Axis("time", "µs"),
            false,
            many.labels(),
            grouped(report.runs(), many, time)));
    blocks.add(
        table(
            report,
            "Cycles by step; a baseline's as a multiple of %s (below 1: better than it; – where it does without the step)",
            step -> Numbers.count(step.cycles()),
            step -> step.cycles()));
    return new Section("Latency", blocks);
  }

  static Section energy(SimulationReport report) {
    var blocks = new ArrayList<Block>();
    for (SimulatedRun other : report.baselines()) {
      better(report, other, "takes less energy", SimulatedStep::microjoules).ifPresent(blocks::add);
    }
    blocks.add(
        components(
            "Energy of an image by component",
            "One bar for each run; shorter is better.",
            report.runs().stream().map(SimulatedRun::name).toList(),
            report,
            component ->
                report.runs().stream()
                    .mapToDouble(run -> run.picojoules().getOrDefault(component, Double.NaN) * 1e-6)
                    .toArray()));
    StepChoice many = StepChoice.of(report.own(), BARS, SimulatedStep::microjoules);
    blocks.add(
        components(
            "Energy of each step of %s by component".formatted(report.own().name()),
            "Steps in order of execution" + (many.others() > 0 ? ", those that take most." : "."),
            many.labels(),
            report,
            component -> many.values(report.own(), microjoules(component))));
    if (!report.baselines().isEmpty()) {
      blocks.add(compared(report));
    }
    blocks.add(
        table(
            report,
            "Energy by step (µJ); a baseline's as a multiple of %s (below 1: better than it; – where it does without the step)",
            step -> Numbers.fixed(step.microjoules(), 3),
            SimulatedStep::microjoules));
    blocks.add(
        new Block.Table(
            "What one of each takes",
            List.of(Column.text("what"), Column.number("pJ"), Column.text("source")),
            report.constants().stream()
                .map(c -> List.of(c.name(), Numbers.significant(c.picojoules()), c.source()))
                .toList()));
    return new Section("Energy", blocks);
  }

  private static ToDoubleFunction<SimulatedStep> microjoules(String component) {
    return step -> step.picojoules().getOrDefault(component, 0.0) * 1e-6;
  }

  /** The steps that take most, each beside the same step of the baselines. */
  private static BarChart compared(SimulationReport report) {
    double own = report.own().microjoules();
    List<SimulatedRun> near =
        report.runs().stream().filter(run -> run.microjoules() <= FAR * own).toList();
    List<SimulatedRun> runs = near.size() > 1 ? near : report.runs();
    String far =
        report.runs().stream()
            .filter(run -> !runs.contains(run))
            .map(SimulatedRun::name)
            .collect(Collectors.joining(", "));
    StepChoice few = StepChoice.of(report.own(), COMPARED, SimulatedStep::microjoules);
    List<String> names = new ArrayList<>();
    List<Optional<SimulatedStep>> steps = new ArrayList<>();
    for (String step : few.names()) {
      for (SimulatedRun run : runs) {
        names.add(step + " · " + run.name());
        steps.add(run.step(step));
      }
    }
    return components(
        "Energy of the costliest steps, against the baselines",
        "The same step of every run, one below the other; shorter is better."
            + (far.isEmpty()
                ? ""
                : " Left out, for more than %s times the energy in all: %s."
                    .formatted(Numbers.decimal(FAR, 0), far)),
        names,
        report,
        component ->
            steps.stream()
                .mapToDouble(
                    step ->
                        step.map(s -> microjoules(component).applyAsDouble(s)).orElse(Double.NaN))
                .toArray());
  }

  private static BarChart components(
      String title,
      String description,
      List<String> names,
      SimulationReport report,
      Function<String, double[]> values) {
    List<BarChart.Series> series = new ArrayList<>();
    for (String component : report.own().picojoules().keySet()) {
      series.add(
          new BarChart.Series(
              component, new Colour.Palette(series.size()), values.apply(component)));
    }
    return new BarChart(title, description, ENERGY, true, names, series);
  }

  private static List<BarChart.Series> stack(
      List<SimulatedRun> runs, StepChoice choice, ToDoubleFunction<SimulatedStep> measure) {
    List<double[]> values = runs.stream().map(run -> choice.values(run, measure)).toList();
    List<String> labels = choice.labels();
    List<BarChart.Series> series = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      int at = i;
      series.add(
          new BarChart.Series(
              labels.get(i),
              choice.others() > 0 && i == labels.size() - 1
                  ? new Colour.Rest()
                  : new Colour.Palette(i),
              values.stream().mapToDouble(v -> v[at]).toArray()));
    }
    return series;
  }

  private static List<BarChart.Series> grouped(
      List<SimulatedRun> runs, StepChoice choice, ToDoubleFunction<SimulatedStep> measure) {
    List<BarChart.Series> series = new ArrayList<>();
    for (SimulatedRun run : runs) {
      series.add(
          new BarChart.Series(
              run.name(), new Colour.Palette(series.size()), choice.values(run, measure)));
    }
    return series;
  }

  /** The steps that a baseline has and is better in, if there are any. */
  private static Optional<Notice> better(
      SimulationReport report,
      SimulatedRun other,
      String how,
      ToDoubleFunction<SimulatedStep> measure) {
    List<String> names =
        report.own().steps().stream()
            .filter(
                step ->
                    other.step(step.name()).stream()
                        .mapToDouble(measure)
                        .anyMatch(o -> o > 0 && o < measure.applyAsDouble(step)))
            .map(SimulatedStep::name)
            .toList();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    String more = names.size() > NAMED ? " and %d more".formatted(names.size() - NAMED) : "";
    return Optional.of(
        new Notice(
            Tone.BAD,
            "%s %s in %d of %d steps: %s%s."
                .formatted(
                    other.name(),
                    how,
                    names.size(),
                    report.own().steps().size(),
                    names.stream().limit(NAMED).collect(Collectors.joining(", ")),
                    more)));
  }

  private static Block.Table table(
      SimulationReport report,
      String caption,
      Function<SimulatedStep, String> text,
      ToDoubleFunction<SimulatedStep> measure) {
    SimulatedRun own = report.own();
    double total = own.steps().stream().mapToDouble(measure).sum();
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("step"));
    columns.add(Column.text("kind"));
    columns.add(Column.number(own.name()));
    columns.add(Column.number("share"));
    report.baselines().forEach(run -> columns.add(Column.number(run.name())));
    List<List<String>> rows = new ArrayList<>();
    for (SimulatedStep step : own.steps()) {
      List<String> row = new ArrayList<>();
      row.add(step.name());
      row.add(step.kind());
      row.add(text.apply(step));
      row.add(Numbers.fixed(100 * measure.applyAsDouble(step) / total, 1) + " %");
      for (SimulatedRun other : report.baselines()) {
        row.add(
            Numbers.fixed(
                other
                    .step(step.name())
                    .map(measure::applyAsDouble)
                    .filter(o -> o > 0)
                    .map(o -> o / measure.applyAsDouble(step))
                    .orElse(Double.NaN),
                2));
      }
      rows.add(row);
    }
    return new Block.Table(caption.formatted(own.name()), columns, rows);
  }
}
