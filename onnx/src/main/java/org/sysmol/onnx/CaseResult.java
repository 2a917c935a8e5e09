package org.sysmol.onnx;

/**
 * How one import case ended.
 *
 * @param name name of the case's folder
 * @param outcome how it ended
 * @param text for {@link Outcome#OK} the reader's warnings, possibly none; else a sentence on why
 */
public record CaseResult(String name, Outcome outcome, String text) {
  /** How a case can end. */
  public enum Outcome {
    /** Every expected output was computed. */
    OK("ok"),
    /** The file was refused, in words. */
    REFUSED("refused"),
    /** Another result than the expected one, no refusal where one was due, or a crash. */
    WRONG("WRONG");

    private final String shown;

    Outcome(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  /** The line that users see: {@code C01: ok} or {@code C25: refused: why}. */
  public String line() {
    return name + ": " + outcome + (outcome == Outcome.OK ? "" : ": " + text);
  }
}
