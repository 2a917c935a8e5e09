package org.sysmol.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines over a common horizontal axis whose steps are counted from 1.
 *
 * @param title heading
 * @param description what to see
 * @param x the horizontal axis; its values are 1, 2, 3, ...
 * @param y the vertical axis
 * @param fromZero whether the vertical axis must show 0
 * @param spans named stretches of the horizontal axis, in order
 * @param lines at least one
 */
public record LineChart(
    String title,
    String description,
    Axis x,
    Axis y,
    boolean fromZero,
    List<Span> spans,
    List<Line> lines)
    implements Chart {

  /**
   * A named stretch.
   *
   * @param name what happens there
   * @param first first step, from 1
   * @param last last step, inclusive
   */
  public record Span(String name, int first, int last) {}

  /**
   * One line.
   *
   * @param name in the legend
   * @param strong drawn thicker: the line that matters most
   * @param values by step; NaN leaves a hole
   */
  public record Line(String name, boolean strong, double[] values) {}

  /** Copies the lists and checks that all lines are equally long. */
  public LineChart {
    spans = List.copyOf(spans);
    lines = List.copyOf(lines);
    for (Line line : lines) {
      Chart.checkLength(
          "Line '" + line.name() + "'", line.values().length, lines.getFirst().values().length);
    }
  }

  /** Number of steps on the horizontal axis. */
  public int steps() {
    return lines.isEmpty() ? 0 : lines.getFirst().values().length;
  }

  @Override
  public Block.Table table() {
    var columns = Chart.columns(x.label(), lines.stream().map(Line::name).toList());
    columns.add(1, Block.Column.text("phase"));
    var rows = new ArrayList<List<String>>();
    for (int step = 1; step <= steps(); step++) {
      var row = new ArrayList<String>();
      row.add(Integer.toString(step));
      row.add(spanAt(step));
      for (Line line : lines) {
        row.add(Numbers.decimal(line.values()[step - 1], 4));
      }
      rows.add(row);
    }
    return new Block.Table(title + ": " + y.label(), columns, rows);
  }

  private String spanAt(int step) {
    for (Span span : spans) {
      if (step >= span.first() && step <= span.last()) {
        return span.name();
      }
    }
    return "";
  }
}
