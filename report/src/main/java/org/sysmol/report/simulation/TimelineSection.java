package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.sysmol.report.page.BarChart;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Block;
import org.sysmol.report.page.Block.Column;
import org.sysmol.report.page.Chart.Axis;
import org.sysmol.report.page.Drawing;
import org.sysmol.report.page.Drawing.Anchor;
import org.sysmol.report.page.Drawing.Face;
import org.sysmol.report.page.Drawing.Shape;
import org.sysmol.report.page.Drawing.Stroke;
import org.sysmol.report.page.Numbers;
import org.sysmol.report.page.Section;

/** What a loop keeps busy, and cycle by cycle where each instruction of it was. */
final class TimelineSection {
  private static final double WIDTH = 1040;
  private static final double LEFT = 262;
  private static final double RIGHT = 960;
  private static final double TOP = 52;
  private static final double ROW = 16;

  /** Cycles of waiting that are drawn before the first instruction begins, at most. */
  private static final int BEFORE = 16;

  /** Cycles that are drawn after the last instruction began, at most. */
  private static final int AFTER = 40;

  private final PipelineTimeline timeline;
  private final List<String> kinds;
  private final long from;
  private final long to;
  private final List<Shape> shapes = new ArrayList<>();

  private TimelineSection(PipelineTimeline timeline) {
    this.timeline = timeline;
    var seen = new LinkedHashSet<String>();
    long firstBegun = Long.MAX_VALUE;
    long lastBegun = 0;
    long firstEntered = Long.MAX_VALUE;
    long lastDone = 0;
    for (PipelineTimeline.Executed one : timeline.shown()) {
      seen.add(one.kind());
      firstBegun = Math.min(firstBegun, one.begun());
      lastBegun = Math.max(lastBegun, one.begun());
      firstEntered = Math.min(firstEntered, one.entered());
      lastDone = Math.max(lastDone, one.done());
    }
    kinds = List.copyOf(seen);
    from = Math.max(firstEntered, firstBegun - BEFORE);
    to = Math.min(lastDone, lastBegun + AFTER);
  }

  static Section of(PipelineTimeline timeline) {
    var blocks = new ArrayList<Block>();
    blocks.add(
        new Block.Paragraph(
            "Step %s runs its main program %s times; %s of these calls find as many data in each level of memory as the one shown here. It takes %s cycles for %s instructions, %s a cycle where %d can begin."
                .formatted(
                    timeline.step(),
                    Numbers.count(timeline.calls()),
                    Numbers.count(timeline.alike()),
                    Numbers.count(timeline.cycles()),
                    Numbers.count(timeline.instructions()),
                    Numbers.fixed((double) timeline.instructions() / timeline.cycles(), 2),
                    timeline.issueWidth())));
    blocks.add(use(timeline));
    if (!timeline.shown().isEmpty()) {
      blocks.add(new TimelineSection(timeline).drawing());
    }
    return new Section("Pipeline in " + timeline.step(), blocks);
  }

  private static BarChart use(PipelineTimeline timeline) {
    List<String> names = new ArrayList<>();
    double[] values = new double[timeline.units().size() + 1];
    for (PipelineTimeline.Use use : timeline.units()) {
      values[names.size()] = timeline.percent(use);
      names.add(
          use.units() == 1 ? use.name() : "%s, %d of them".formatted(use.name(), use.units()));
    }
    values[names.size()] =
        100.0 * timeline.instructions() / (timeline.cycles() * timeline.issueWidth());
    names.add("all, %d a cycle".formatted(timeline.issueWidth()));
    return new BarChart(
        "Use of the units during the call",
        "Cycles in which a unit begins an instruction; what comes near 100 % bounds the loop.",
        new Axis("used", "%"),
        false,
        names,
        List.of(new BarChart.Series("used", new Colour.Palette(0), values)));
  }

  private double x(long cycle) {
    return LEFT + (RIGHT - LEFT) * (cycle - from) / Math.max(1, to - from);
  }

  private Drawing drawing() {
    int first = timeline.shown().getFirst().at();
    double bottom = TOP + ROW * timeline.shown().size();
    legend();
    axis(bottom);
    double y = TOP;
    for (PipelineTimeline.Executed one : timeline.shown()) {
      row(one, y);
      y += ROW;
    }
    return new Drawing(
        "Instructions %s to %s of the call"
            .formatted(
                Numbers.count(first), Numbers.count(first + (long) timeline.shown().size() - 1)),
        "A bar reaches from the cycle in which an instruction begins to the one in which its result can be used; a line before it says how long it waited for its operands or a unit. Cycles are counted from the beginning of the call; the unit stands behind the bar.",
        WIDTH,
        bottom + 8,
        shapes,
        table());
  }

  private void legend() {
    double x = LEFT;
    for (String kind : kinds) {
      shapes.add(new Shape.Bar(x, 6, 12, 11, colour(kind), ""));
      shapes.add(new Shape.Label(x + 17, 16, kind, Anchor.START, Face.SOFT));
      x += 36 + 6.3 * kind.length();
    }
  }

  private Colour colour(String kind) {
    return new Colour.Palette(kinds.indexOf(kind));
  }

  private void axis(double bottom) {
    long span = Math.max(1, to - from);
    int step = span <= 40 ? 2 : span <= 100 ? 5 : span <= 200 ? 10 : 20;
    shapes.add(new Shape.Label(LEFT - 24, 40, "cycle", Anchor.END, Face.SOFT));
    for (long cycle = Math.ceilDiv(from, step) * step; cycle <= to; cycle += step) {
      shapes.add(new Shape.Line(x(cycle), TOP - 6, x(cycle), bottom, Stroke.GRID));
      shapes.add(new Shape.Label(x(cycle), 40, Numbers.count(cycle), Anchor.MIDDLE, Face.SOFT));
    }
  }

  private void row(PipelineTimeline.Executed one, double y) {
    double letters = y + 12;
    shapes.add(new Shape.Label(40, letters, Integer.toString(one.at()), Anchor.END, Face.SOFT));
    shapes.add(new Shape.Label(50, letters, one.text(), Anchor.START, Face.CODE));
    double begun = x(Math.max(from, one.begun()));
    double done = x(Math.min(to, one.done()));
    double middle = y + ROW / 2;
    if (one.entered() < one.begun()) {
      shapes.add(
          new Shape.Bar(
              x(Math.max(from, one.entered())),
              middle - 1,
              begun - x(Math.max(from, one.entered())),
              2,
              colour(one.kind()),
              ""));
    }
    shapes.add(
        new Shape.Bar(
            begun,
            y + 2.5,
            Math.max(1, done - begun),
            ROW - 5,
            colour(one.kind()),
            "%s: enters %d, begins %d, done %d, %s%s"
                .formatted(
                    one.text(),
                    one.entered(),
                    one.begun(),
                    one.done(),
                    one.unit(),
                    one.data().isEmpty() ? "" : ", data in " + one.data())));
    String behind = one.unit();
    if (one.done() > to) {
      behind += ", until " + Numbers.count(one.done());
    }
    shapes.add(new Shape.Label(done + 5, letters, behind, Anchor.START, Face.SOFT));
  }

  private Block.Table table() {
    return new Block.Table(
        "Program " + timeline.program(),
        List.of(
            Column.number("number"),
            Column.text("instruction"),
            Column.text("kind"),
            Column.text("unit"),
            Column.number("enters"),
            Column.number("begins"),
            Column.number("done"),
            Column.text("data in")),
        timeline.shown().stream()
            .map(
                one ->
                    List.of(
                        Integer.toString(one.at()),
                        one.text(),
                        one.kind(),
                        one.unit(),
                        Long.toString(one.entered()),
                        Long.toString(one.begun()),
                        Long.toString(one.done()),
                        one.data()))
            .toList());
  }
}
