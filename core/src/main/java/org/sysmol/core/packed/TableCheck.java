package org.sysmol.core.packed;

import org.sysmol.core.arithmetic.CurveTable;

/** The rules of {@link NetworkCheck} that concern stored tables. */
final class TableCheck {
  private TableCheck() {}

  /** Reports a broken rule. */
  @FunctionalInterface
  interface Requirement {
    void require(boolean holds, String what);
  }

  static void check(
      Step.Table step, PackedTensor input, PackedTensor output, Requirement requirement) {
    requirement.require(
        input.encoding() instanceof Encoding.Eight, "reads what is not an eight-bit tensor");
    requirement.require(
        NetworkCheck.sameMap(input, output), "changes the size or channel order of its tensor");
    byte[] segments =
        switch (output.encoding()) {
          case Encoding.Mixed mixed -> BoundsCalculator.segments(mixed.precision());
          case Encoding.Eight _ -> new byte[] {8};
          case Encoding.Real _ -> {
            requirement.require(false, "looks up real values");
            yield new byte[0];
          }
        };
    byte[][] codes = step.codes();
    requirement.require(
        codes.length == segments.length,
        "has " + codes.length + " tables where " + segments.length + " are needed");
    for (int s = 0; s < segments.length; s++) {
      requirement.require(
          codes[s].length == CurveTable.SIZE, "has a table of " + codes[s].length + " entries");
      for (byte code : codes[s]) {
        if (!possible(code, segments[s], output.encoding())) {
          requirement.require(false, "has the entry " + code + ", which is no code of its output");
        }
      }
    }
  }

  private static boolean possible(byte code, int precision, Encoding encoding) {
    return switch (encoding) {
      case Encoding.Mixed mixed -> {
        int largest = BoundsCalculator.largestCode(precision, mixed.signed());
        yield mixed.signed()
            ? Math.abs(code) <= largest && (code & 1) != 0
            : code >= 0 && code <= largest;
      }
      case Encoding.Eight eight -> !eight.signed() || code != -128;
      case Encoding.Real _ -> false;
    };
  }
}
