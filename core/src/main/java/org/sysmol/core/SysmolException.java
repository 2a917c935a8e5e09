package org.sysmol.core;

import org.jspecify.annotations.Nullable;

/**
 * The one exception that sysmol throws on purpose.
 *
 * <p>Its message is one full sentence for the person at the keyboard: what went wrong, where, and
 * what to do. {@link Kind} decides the exit code of a command.
 */
public final class SysmolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Who has to act. */
  public enum Kind {
    /** The input or the usage is at fault: exit code 2. */
    BAD_INPUT,
    /** The work failed (disk full, training diverged, results differ): exit code 1. */
    FAILED
  }

  private final Kind kind;

  private SysmolException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** The input is wrong; {@code message} says what, where, and what to do. */
  public static SysmolException badInput(String message) {
    return new SysmolException(Kind.BAD_INPUT, message, null);
  }

  /** The input is wrong, found through {@code cause}. */
  public static SysmolException badInput(String message, Throwable cause) {
    return new SysmolException(Kind.BAD_INPUT, message, cause);
  }

  /** The work failed; {@code message} says what, where, and what to do. */
  public static SysmolException failed(String message) {
    return new SysmolException(Kind.FAILED, message, null);
  }

  /** The work failed because of {@code cause}. */
  public static SysmolException failed(String message, Throwable cause) {
    return new SysmolException(Kind.FAILED, message, cause);
  }

  /** Who has to act. */
  public Kind kind() {
    return kind;
  }

  /** The exit code of a command that ends with this exception: 2 for bad input, 1 otherwise. */
  public int exitCode() {
    return kind == Kind.BAD_INPUT ? 2 : 1;
  }
}
