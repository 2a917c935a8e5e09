package org.sysmol.report.page;

import java.util.List;

/** What a section is made of. All text is plain text: the writer escapes it. */
public sealed interface Block
    permits Block.Paragraph, Block.Notice, Block.Figures, Block.Table, Drawing, Chart {

  /** Running text. */
  record Paragraph(String text) implements Block {}

  /** How a notice is to be taken. */
  enum Tone {
    /** As it should be. */
    GOOD,
    /** Worth knowing. */
    PLAIN,
    /** Not as one would wish. */
    BAD
  }

  /** A statement that must not be overlooked. */
  record Notice(Tone tone, String text) implements Block {}

  /**
   * One number that stands out.
   *
   * @param label what it is
   * @param value the number with its unit
   * @param detail what it is to be read against
   */
  record Figure(String label, String value, String detail) {}

  /** Numbers that stand out, side by side. */
  record Figures(List<Figure> figures) implements Block {
    /** Copies the list. */
    public Figures {
      figures = List.copyOf(figures);
    }
  }

  /**
   * A column of a table.
   *
   * @param name the heading, with the unit
   * @param numeric set flush right
   */
  record Column(String name, boolean numeric) {
    /** A column of words. */
    public static Column text(String name) {
      return new Column(name, false);
    }

    /** A column of numbers. */
    public static Column number(String name) {
      return new Column(name, true);
    }
  }

  /**
   * A table; the first column names the row.
   *
   * @param caption what the table shows
   * @param columns at least one
   * @param rows each as long as {@code columns}
   */
  record Table(String caption, List<Column> columns, List<List<String>> rows) implements Block {
    /** Copies the lists and checks that the rows fit the columns. */
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "A row of table '%s' has %d cells for %d columns."
                  .formatted(caption, row.size(), columns.size()));
        }
      }
    }
  }
}
