package org.sysmol.core.file;

import org.sysmol.core.SysmolException;

/**
 * Why a file was refused, for programs: the cause of the {@link SysmolException} whose message
 * tells the same to people.
 */
public final class FileProblem extends Exception {
  private static final long serialVersionUID = 1L;

  /** Which rule of docs/file-format.md the file breaks. */
  public enum Rule {
    /** It does not begin as such a file does. */
    MAGIC,
    /** It has a format version that this program does not know. */
    VERSION,
    /** It is shorter or longer than it says, or declares a length out of bounds. */
    LENGTH,
    /** Its header is not well formed. */
    HEADER,
    /** Its sections overlap, leave holes, or have the wrong size, type or name. */
    LAYOUT,
    /** A checksum differs. */
    CHECKSUM,
    /** Its contents are intact but describe nothing that could be run. */
    CONTENT
  }

  /** The broken rule. */
  private final Rule rule;

  private FileProblem(Rule rule, String message) {
    super(message, null, false, false);
    this.rule = rule;
  }

  /** The broken rule. */
  public Rule rule() {
    return rule;
  }

  /** The rule that a refusal is about, or null if it isn't about a file's contents. */
  public static @org.jspecify.annotations.Nullable Rule ruleOf(SysmolException refusal) {
    return refusal.getCause() instanceof FileProblem problem ? problem.rule : null;
  }

  /**
   * A refusal that ends in the usual remedy: "{@code SOURCE is not a valid NOUN: WHAT; REMEDY.}".
   *
   * @param source name of the file
   * @param what is wrong and where
   */
  static SysmolException of(Rule rule, FileKind kind, String source, String what) {
    return of(rule, source + " is not a valid " + kind.noun() + ": " + what, kind.remedy());
  }

  /** A refusal with a remedy of its own: "{@code SUBJECT; REMEDY.}". */
  static SysmolException of(Rule rule, String subject, String remedy) {
    String message = printable(subject) + "; " + remedy + ".";
    return SysmolException.badInput(message, new FileProblem(rule, message));
  }

  /** Names come from the file: nothing in them may steer a terminal or flood it. */
  private static String printable(String text) {
    String shortened = text.length() > 800 ? text.substring(0, 800) + "..." : text;
    StringBuilder out = new StringBuilder(shortened.length());
    shortened
        .codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }
}
