package org.sysmol.onnx;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;

/**
 * The file that is being read, for messages.
 *
 * @param file the model file as the user named it
 */
record Origin(Path file) {
  private static final int LONGEST_PART = 1000;

  /** Text from the file as part of a sentence: on one line, without control characters. */
  static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}|[\\u0085\\u2028\\u2029]", "?");
    return line.length() <= LONGEST_PART ? line : line.substring(0, LONGEST_PART) + "...";
  }

  /** The file is broken or contradicts itself at {@code where}, e.g. {@code tensor w}. */
  SysmolException broken(String where, String what) {
    return broken(where, what, null);
  }

  /** As {@link #broken(String, String)}, found through {@code cause}. */
  SysmolException broken(String where, String what, @Nullable Throwable cause) {
    String message =
        "ONNX file "
            + file
            + " can't be read: "
            + shown(where)
            + " "
            + shown(what)
            + "; export it again.";
    return cause == null
        ? SysmolException.badInput(message)
        : SysmolException.badInput(message, cause);
  }
}
