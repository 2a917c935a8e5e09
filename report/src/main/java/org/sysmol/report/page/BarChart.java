package org.sysmol.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Horizontal bars by name, side by side or stacked, with or without a spread.
 *
 * @param title heading
 * @param description what to see
 * @param value the axis of the bars' lengths
 * @param stacked series one after the other in a bar, instead of a bar for each
 * @param names one per group of bars, from the top
 * @param series at least one
 */
public record BarChart(
    String title,
    String description,
    Axis value,
    boolean stacked,
    List<String> names,
    List<Series> series)
    implements Chart {

  /** What colour a series has. */
  public sealed interface Colour {
    /** A colour of the palette. */
    record Palette(int index) implements Colour {}

    /** The colour that heat maps give to this precision. */
    record Bits(double bits) implements Colour {}

    /** A pale one: what is left over. */
    record Rest() implements Colour {}
  }

  /**
   * Bars of one kind.
   *
   * @param name in the legend
   * @param colour of its bars
   * @param values by name; NaN for none
   * @param low lower ends of the spread by name; empty where there is none
   * @param high upper ends of the spread by name; empty where there is none
   */
  public record Series(String name, Colour colour, double[] values, double[] low, double[] high) {
    /** Bars without a spread. */
    public Series(String name, Colour colour, double[] values) {
      this(name, colour, values, new double[0], new double[0]);
    }

    boolean hasSpread() {
      return high.length > 0;
    }
  }

  /** Copies the lists and checks that every name has its value. */
  public BarChart {
    names = List.copyOf(names);
    series = List.copyOf(series);
    for (Series one : series) {
      String what = "Series '" + one.name() + "'";
      Chart.checkLength(what, one.values().length, names.size());
      Chart.checkLength(what, one.low().length, one.hasSpread() ? names.size() : 0);
      Chart.checkLength(what, one.high().length, one.hasSpread() ? names.size() : 0);
    }
  }

  @Override
  public Block.Table table() {
    var headings = new ArrayList<String>();
    for (Series one : series) {
      headings.add(one.name());
      if (one.hasSpread()) {
        headings.add(one.name() + ", low");
        headings.add(one.name() + ", high");
      }
    }
    var rows = new ArrayList<List<String>>();
    for (int i = 0; i < names.size(); i++) {
      var row = new ArrayList<String>();
      row.add(names.get(i));
      for (Series one : series) {
        row.add(Numbers.significant(one.values()[i]));
        if (one.hasSpread()) {
          row.add(Numbers.significant(one.low()[i]));
          row.add(Numbers.significant(one.high()[i]));
        }
      }
      rows.add(row);
    }
    return new Block.Table(title + ": " + value.label(), Chart.columns("", headings), rows);
  }
}
