package org.sysmol.report.page;

import java.util.List;

/**
 * A picture of boxes, lines and words that needs no script, and the table that says the same.
 *
 * <p>Places are in units of the drawing, x to the right and y downwards; a letter of the usual size
 * is about 6.5 of them wide and 12 high.
 *
 * @param title heading
 * @param description what to see
 * @param width of the drawing
 * @param height of the drawing
 * @param shapes what is drawn, later ones over earlier ones
 * @param table the same as a table
 */
public record Drawing(
    String title,
    String description,
    double width,
    double height,
    List<Shape> shapes,
    Block.Table table)
    implements Block {
  /** Copies the list and checks the size. */
  public Drawing {
    shapes = List.copyOf(shapes);
    if (!(width > 0) || !(height > 0)) {
      throw new IllegalArgumentException(
          "Drawing '%s' is %s wide and %s high.".formatted(title, width, height));
    }
  }

  /** Which end of a label is at its place. */
  public enum Anchor {
    /** It begins there. */
    START,
    /** It is centred. */
    MIDDLE,
    /** It ends there. */
    END
  }

  /** How a label looks. */
  public enum Face {
    /** The usual. */
    PLAIN,
    /** A heading. */
    STRONG,
    /** What is less important. */
    SOFT,
    /** Assembler, every letter as wide as the others. */
    CODE,
    /** On a bar of a dark colour of the scale of precisions. */
    ON_DARK
  }

  /** How a line looks. */
  public enum Stroke {
    /** Pale: of a scale. */
    GRID,
    /** Of a connection. */
    WIRE,
    /** A connection with a head at its end. */
    ARROW
  }

  /** One element. */
  public sealed interface Shape {
    /**
     * A box with a border.
     *
     * @param x its left side
     * @param y its upper side
     */
    record Frame(double x, double y, double width, double height) implements Shape {}

    /**
     * A coloured box.
     *
     * @param x its left side
     * @param y its upper side
     * @param hint what it says when pointed at; may be empty
     */
    record Bar(double x, double y, double width, double height, BarChart.Colour colour, String hint)
        implements Shape {}

    /**
     * Words.
     *
     * @param x of the end that {@code anchor} says
     * @param y of the line that letters stand on
     */
    record Label(double x, double y, String text, Anchor anchor, Face face) implements Shape {}

    /** A straight line. */
    record Line(double fromX, double fromY, double toX, double toY, Stroke stroke)
        implements Shape {}
  }
}
