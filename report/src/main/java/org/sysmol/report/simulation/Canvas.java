package org.sysmol.report.simulation;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.report.page.BarChart.Colour;
import org.sysmol.report.page.Drawing.Anchor;
import org.sysmol.report.page.Drawing.Face;
import org.sysmol.report.page.Drawing.Shape;
import org.sysmol.report.page.Drawing.Stroke;

/** Shapes of a block diagram, in the order in which they are drawn. */
final class Canvas {
  private static final double LINE = 15;

  private final List<Shape> shapes = new ArrayList<>();

  List<Shape> shapes() {
    return shapes;
  }

  /** A box with a heading and lines below it, centred. */
  void block(double x, double y, double width, double height, String heading, String... lines) {
    shapes.add(new Shape.Frame(x, y, width, height));
    double first = y + (height - LINE * (lines.length + 1)) / 2 + 12;
    label(x + width / 2, first, heading, Anchor.MIDDLE, Face.STRONG);
    for (int i = 0; i < lines.length; i++) {
      label(x + width / 2, first + LINE * (i + 1), lines[i], Anchor.MIDDLE, Face.SOFT);
    }
  }

  void label(double x, double y, String text, Anchor anchor, Face face) {
    shapes.add(new Shape.Label(x, y, text, anchor, face));
  }

  void bar(double x, double y, double width, double height, int bits, String hint) {
    shapes.add(new Shape.Bar(x, y, width, height, new Colour.Bits(bits), hint));
  }

  void frame(double x, double y, double width, double height) {
    shapes.add(new Shape.Frame(x, y, width, height));
  }

  void line(double fromX, double fromY, double toX, double toY) {
    shapes.add(new Shape.Line(fromX, fromY, toX, toY, Stroke.WIRE));
  }

  void arrow(double fromX, double fromY, double toX, double toY) {
    shapes.add(new Shape.Line(fromX, fromY, toX, toY, Stroke.ARROW));
  }
}
