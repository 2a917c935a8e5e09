package org.sysmol.report.page;

import java.util.Locale;
import java.util.Map;
import org.sysmol.report.page.Drawing.Shape;

/** Shapes as the template reads them: numbers as text, looks as classes of the style sheet. */
final class DrawingView {
  private DrawingView() {}

  static Map<String, Object> of(Drawing drawing) {
    return Map.of(
        "kind",
        "drawing",
        "drawing",
        drawing,
        "width",
        number(drawing.width()),
        "height",
        number(drawing.height()),
        "shapes",
        drawing.shapes().stream().map(DrawingView::shape).toList());
  }

  private static Map<String, Object> shape(Shape shape) {
    return switch (shape) {
      case Shape.Frame(double x, double y, double width, double height) ->
          box(x, y, width, height, "frame", "");
      case Shape.Bar bar ->
          box(bar.x(), bar.y(), bar.width(), bar.height(), look(bar.colour()), bar.hint());
      case Shape.Label label ->
          Map.of(
              "tag",
              "text",
              "x",
              number(label.x()),
              "y",
              number(label.y()),
              "text",
              label.text(),
              "look",
              label.anchor().name().toLowerCase(Locale.ROOT)
                  + " "
                  + label.face().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      case Shape.Line line ->
          Map.of(
              "tag",
              "line",
              "x",
              number(line.fromX()),
              "y",
              number(line.fromY()),
              "x2",
              number(line.toX()),
              "y2",
              number(line.toY()),
              "look",
              line.stroke().name().toLowerCase(Locale.ROOT));
    };
  }

  private static Map<String, Object> box(
      double x, double y, double width, double height, String look, String hint) {
    return Map.of(
        "tag",
        "rect",
        "x",
        number(x),
        "y",
        number(y),
        "width",
        number(width),
        "height",
        number(height),
        "look",
        look,
        "text",
        hint);
  }

  private static String look(BarChart.Colour colour) {
    return switch (colour) {
      case BarChart.Colour.Palette(int index) -> "series-" + (Math.floorMod(index, 9) + 1);
      case BarChart.Colour.Bits(double bits) ->
          "bits-" + (bits < 2 ? 1 : bits < 4 ? 2 : bits < 8 ? 4 : 8);
      case BarChart.Colour.Rest() -> "rest";
    };
  }

  private static String number(double value) {
    return Numbers.decimal(value, 2);
  }
}
