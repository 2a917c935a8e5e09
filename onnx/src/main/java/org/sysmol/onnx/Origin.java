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

  /** The file is broken or contradicts itself at {@code where}, e.g. {@code tensor w}. */
  SysmolException broken(String where, String what) {
    return broken(where, what, null);
  }

  /** As {@link #broken(String, String)}, found through {@code cause}. */
  SysmolException broken(String where, String what, @Nullable Throwable cause) {
    String message =
        "ONNX file " + file + " can't be read: " + where + " " + what + "; export it again.";
    return cause == null
        ? SysmolException.badInput(message)
        : SysmolException.badInput(message, cause);
  }
}
