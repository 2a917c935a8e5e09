package org.sysmol.report.page;

import java.util.List;

/**
 * A chart, and the table that says the same to those who can't see it or have no script.
 *
 * <p>Values may be NaN: not measured. A chart leaves them out; a table says so.
 */
public sealed interface Chart extends Block permits LineChart, BarChart, HeatMap, PointChart {
  /** The heading of the chart. */
  String title();

  /** What the reader should see in it, in a sentence. */
  String description();

  /** The same numbers as a table. */
  Block.Table table();

  /**
   * An axis of a chart.
   *
   * @param name what it measures
   * @param unit of its numbers; empty for a plain count
   */
  record Axis(String name, String unit) {
    /** Name and unit as written along the axis. */
    public String label() {
      return unit.isEmpty() ? name : name + " (" + unit + ")";
    }
  }

  /** Throws unless {@code count} is {@code expected}: charts with holes are written with NaN. */
  static void checkLength(String what, int count, int expected) {
    if (count != expected) {
      throw new IllegalArgumentException(
          "%s has %d values where %d belong.".formatted(what, count, expected));
    }
  }

  /** A column for each name, all numeric, after a column that names the row. */
  static List<Block.Column> columns(String first, List<String> names) {
    var columns = new java.util.ArrayList<Block.Column>();
    columns.add(Block.Column.text(first));
    names.forEach(name -> columns.add(Block.Column.number(name)));
    return columns;
  }
}
