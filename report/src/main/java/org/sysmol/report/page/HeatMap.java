package org.sysmol.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of coloured cells, each row as long as it is: bits by layer and channel.
 *
 * @param title heading
 * @param description what to see
 * @param columns the axis along a row, counted from 0
 * @param value what the colour means
 * @param continuous whether values lie anywhere between the steps of the scale
 * @param rows from the top
 */
public record HeatMap(
    String title, String description, Axis columns, Axis value, boolean continuous, List<Row> rows)
    implements Chart {

  /**
   * One row.
   *
   * @param name along the vertical axis
   * @param values by column, positive; NaN for a cell without value
   */
  public record Row(String name, double[] values) {}

  /** Copies the list. */
  public HeatMap {
    rows = List.copyOf(rows);
  }

  /** Cells in a row written as runs of equal values: {@code 16 × 4, 96 × 2}. */
  static String runs(double[] values, int digits) {
    var text = new StringBuilder();
    for (int from = 0; from < values.length; ) {
      String shown = Numbers.decimal(values[from], digits);
      int to = from + 1;
      while (to < values.length && Numbers.decimal(values[to], digits).equals(shown)) {
        to++;
      }
      text.append(text.isEmpty() ? "" : ", ").append(to - from).append(" × ").append(shown);
      from = to;
    }
    return text.toString();
  }

  @Override
  public Block.Table table() {
    var table = new ArrayList<List<String>>();
    for (Row row : rows) {
      table.add(
          List.of(
              row.name(),
              Numbers.count(row.values().length),
              Numbers.decimal(mean(row.values()), 3),
              runs(row.values(), continuous ? 2 : 4)));
    }
    return new Block.Table(
        title + ": " + value.label(),
        List.of(
            Block.Column.text("row"),
            Block.Column.number(columns.name() + "s"),
            Block.Column.number("mean"),
            Block.Column.text("in order, count × value")),
        table);
  }

  private static double mean(double[] values) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }
}
