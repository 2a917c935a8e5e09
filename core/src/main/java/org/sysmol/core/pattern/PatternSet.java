package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.sysmol.core.SysmolException;

/**
 * The patterns that a chip's units can decode (PAPER section 2), in a fixed order.
 *
 * @param name a preset's name, or the list itself for a set that a user wrote
 * @param patterns at least one, no two equal; the order is the one in which solvers list registers
 * @param free true if registers constrain nothing: a channel has its own precision whatever its
 *     neighbours have, and registers are counted, for information, as if packed with {@code
 *     patterns}
 */
public record PatternSet(String name, List<Pattern> patterns, boolean free) {
  private static final Pattern ONES = new Pattern(128, 0, 0);
  private static final Pattern TWOS = new Pattern(0, 64, 0);
  private static final Pattern FOURS = new Pattern(0, 0, 32);

  /** Every channel 4 bits. */
  public static final PatternSet U4 = new PatternSet("U4", List.of(FOURS), false);

  /** Every channel 2 bits. */
  public static final PatternSet U2 = new PatternSet("U2", List.of(TWOS), false);

  /**
   * Four patterns: the three uniform ones and (32,32,8). The authors' code prints (32,64,8) for the
   * last, which would be 192 bits (PAPER section 2).
   */
  public static final PatternSet P4 =
      new PatternSet("P4", List.of(ONES, TWOS, FOURS, new Pattern(32, 32, 8)), false);

  /** P4 and the four that {@link EightPatternChoice} finds to serve a wide spread best. */
  public static final PatternSet P8 =
      new PatternSet(
          "P8",
          List.of(
              ONES,
              TWOS,
              FOURS,
              new Pattern(32, 32, 8),
              new Pattern(64, 32, 0),
              new Pattern(48, 0, 20),
              new Pattern(32, 16, 16),
              new Pattern(16, 40, 8)),
          false);

  /** All 45 patterns. */
  public static final PatternSet P45 = new PatternSet("P45", Pattern.all(), false);

  /** No register constraint; registers are counted as if packed densely with all 45 patterns. */
  public static final PatternSet FREE = new PatternSet("FREE", Pattern.all(), true);

  /** Checks that the set has a name and at least one pattern, none of them twice. */
  public PatternSet {
    patterns = List.copyOf(patterns);
    if (name.isBlank()) {
      throw SysmolException.badInput("A pattern set needs a name: give it one.");
    }
    if (patterns.isEmpty()) {
      throw SysmolException.badInput(
          "Pattern set %s has no patterns: give it at least one, for instance 32,32,8."
              .formatted(name));
    }
    if (new HashSet<>(patterns).size() != patterns.size()) {
      throw SysmolException.badInput(
          "Pattern set %s names a pattern twice: name each once.".formatted(name));
    }
  }

  /** The presets, from the most constrained to the least: U4, U2, P4, P8, P45, FREE. */
  public static List<PatternSet> presets() {
    return List.of(U4, U2, P4, P8, P45, FREE);
  }

  /**
   * Reads a preset's name, in any case, a list of patterns such as {@code 128,0,0;0,64,0}, or
   * {@code register}: the three patterns of registers that hold one precision alone.
   *
   * @throws SysmolException if the text is neither
   */
  public static PatternSet parse(String text) {
    String stripped = text.strip();
    if (stripped.equalsIgnoreCase("register")) {
      return parse("128,0,0;0,64,0;0,0,32");
    }
    for (PatternSet preset : presets()) {
      if (preset.name.equals(stripped.toUpperCase(Locale.ROOT))) {
        return preset;
      }
    }
    if (!stripped.contains(",")) {
      throw SysmolException.badInput(
          "'%s' is not a pattern set: use one of U4, U2, P4, P8, P45, FREE, or list patterns such as 128,0,0;0,64,0."
              .formatted(text));
    }
    List<Pattern> patterns = new ArrayList<>();
    for (String part : stripped.split(";", -1)) {
      patterns.add(Pattern.parse(part));
    }
    StringBuilder name = new StringBuilder();
    for (Pattern p : patterns) {
      name.append(name.isEmpty() ? "" : ";").append(p.n1() + "," + p.n2() + "," + p.n4());
    }
    return new PatternSet(name.toString(), patterns, false);
  }

  /** Whether any pattern has slots of this precision, which is 1, 2 or 4. */
  public boolean has(int precision) {
    return patterns.stream().anyMatch(p -> p.slots(precision) > 0);
  }

  /** The precisions that have slots, ascending, in bits. */
  public List<Integer> precisions() {
    return Stream.of(1, 2, 4).filter(this::has).toList();
  }

  /** The highest precision that has slots, in bits. */
  public int highestPrecision() {
    return precisions().getLast();
  }
}
