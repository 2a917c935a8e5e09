package org.sysmol.hardware.rtl;

import java.util.Locale;

/** Lines of Verilog, indented by how deep they stand. */
final class VerilogText {
  private final StringBuilder lines = new StringBuilder();
  private int depth;

  /** One line; {@code format} takes arguments as {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod") // The annotation's library is not used here.
  VerilogText line(String format, Object... arguments) {
    String line = arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments);
    if (!line.isEmpty()) {
      lines.append("  ".repeat(depth)).append(line);
    }
    lines.append('\n');
    return this;
  }

  /** A comment, each of its lines on a line of its own. */
  VerilogText comment(String text) {
    text.lines().forEach(line -> line("// " + line));
    return this;
  }

  /** What follows stands one deeper. */
  VerilogText in() {
    depth++;
    return this;
  }

  /** What follows stands one less deep. */
  VerilogText out() {
    depth--;
    return this;
  }

  @Override
  public String toString() {
    return lines.toString();
  }
}
