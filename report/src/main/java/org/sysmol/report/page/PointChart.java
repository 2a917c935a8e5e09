package org.sysmol.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Named points under lines, both axes logarithmic.
 *
 * @param title heading
 * @param description what to see
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param lines what bounds the points
 * @param points by name
 */
public record PointChart(
    String title, String description, Axis x, Axis y, List<Line> lines, List<Point> points)
    implements Chart {
  /**
   * A straight stretch.
   *
   * @param name in the legend
   * @param fromX where it begins, positive
   * @param fromY the same
   * @param toX where it ends, positive
   * @param toY the same
   */
  public record Line(String name, double fromX, double fromY, double toX, double toY) {
    /** Checks that all can be drawn on logarithmic axes. */
    public Line {
      positive(name, fromX);
      positive(name, fromY);
      positive(name, toX);
      positive(name, toY);
    }
  }

  /**
   * One point.
   *
   * @param name of what it is
   * @param x positive
   * @param y positive
   */
  public record Point(String name, double x, double y) {
    /** Checks that it can be drawn on logarithmic axes. */
    public Point {
      positive(name, x);
      positive(name, y);
    }
  }

  /** Copies the lists. */
  public PointChart {
    lines = List.copyOf(lines);
    points = List.copyOf(points);
  }

  private static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "'%s' has the value %s, which has no place on a logarithmic axis."
              .formatted(name, value));
    }
  }

  @Override
  public Block.Table table() {
    var rows = new ArrayList<List<String>>();
    for (Point point : points) {
      rows.add(
          List.of(point.name(), Numbers.significant(point.x()), Numbers.significant(point.y())));
    }
    return new Block.Table(title, Chart.columns("name", List.of(x.label(), y.label())), rows);
  }
}
