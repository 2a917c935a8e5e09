package org.sysmol.core.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sysmol.core.SysmolException;

/**
 * How a chip's registers hold weights, as far as the rules that assign precisions must know it
 * (docs/patterns.md, "Packings").
 *
 * <p>Its text is the name of the pattern set, followed by what differs from the usual: {@code
 * +taps}, {@code +lanes}, {@code +256} or {@code +512}. A plain set's text is its name.
 *
 * @param set the patterns
 * @param repeats how often a register repeats its pattern of 128 bits: 1, 2 or 4
 * @param spansTaps whether a register may hold weights of several taps of a filter
 * @param wholeLanes whether lanes of 16 bits are what a vector of weights takes, rather than whole
 *     registers; then every mix of lanes must be a pattern of the set
 */
public record Packing(PatternSet set, int repeats, boolean spansTaps, boolean wholeLanes) {
  private static final String USAGE =
      "a pattern set, with +taps where registers span filter taps, +lanes where whole lanes are charged, +256 or +512 for wider registers";

  /** Checks that the parts go together. */
  public Packing {
    if (repeats != 1 && repeats != 2 && repeats != 4) {
      throw SysmolException.badInput(
          "A register cannot repeat its pattern %d times: use 1, 2 or 4.".formatted(repeats));
    }
    if (wholeLanes && (set.free() || set.patterns().size() != mixes(set.precisions().size()))) {
      throw SysmolException.badInput(
          "Whole lanes cannot be charged with pattern set %s, since its lanes are not chosen one by one: use P45, U2, U4 or all patterns of two precisions."
              .formatted(set.name()));
    }
  }

  /** In how many ways eight lanes can be of so many precisions. */
  private static int mixes(int precisions) {
    return precisions == 1 ? 1 : precisions == 2 ? 9 : 45;
  }

  /** Registers of 128 bits that keep to one tap, each charged whole. */
  public static Packing of(PatternSet set) {
    return new Packing(set, 1, false, false);
  }

  /**
   * Reads a {@link #text}: a pattern set ({@link PatternSet#parse}), {@code lane} for {@code
   * P45+lanes}, or {@code register} for {@code 128,0,0;0,64,0;0,0,32}, and then any of {@code
   * +taps}, {@code +lanes}, {@code +256} and {@code +512}.
   *
   * @throws SysmolException if the text is none of these
   */
  public static Packing parse(String text) {
    List<String> parts = new ArrayList<>(Arrays.asList(text.strip().split("\\+", -1)));
    String first = parts.removeFirst().strip();
    boolean lane = first.equalsIgnoreCase("lane");
    PatternSet set = lane ? PatternSet.P45 : PatternSet.parse(first);
    int repeats = 1;
    boolean taps = false;
    boolean lanes = lane;
    for (String part : parts) {
      switch (part.strip().toLowerCase(Locale.ROOT)) {
        case "taps" -> {
          refuseTwice(text, taps);
          taps = true;
        }
        case "lanes" -> {
          refuseTwice(text, lanes);
          lanes = true;
        }
        case "256", "512" -> {
          refuseTwice(text, repeats > 1);
          repeats = Integer.parseInt(part.strip()) / Pattern.BITS;
        }
        default ->
            throw SysmolException.badInput(
                "'+%s' in '%s' says nothing about registers: write %s."
                    .formatted(part, text, USAGE));
      }
    }
    return new Packing(set, repeats, taps, lanes);
  }

  private static void refuseTwice(String text, boolean given) {
    if (given) {
      throw SysmolException.badInput(
          "'%s' says the same thing about registers twice: write %s, each once."
              .formatted(text, USAGE));
    }
  }

  /** What {@link #parse} reads as this packing. */
  public String text() {
    return set.name()
        + (spansTaps ? "+taps" : "")
        + (wholeLanes ? "+lanes" : "")
        + (repeats > 1 ? "+" + registerBits() : "");
  }

  /** Bits of a register: 128, 256 or 512. */
  public int registerBits() {
    return Pattern.BITS * repeats;
  }

  /**
   * The same on registers of 128 bits: what simulated programs hold of a pixel, whatever the width
   * (docs/isa.md, "Wider registers").
   */
  public Packing narrow() {
    return new Packing(set, 1, spansTaps, wholeLanes);
  }

  /** Whether this is {@link #of} its set. */
  public boolean plain() {
    return repeats == 1 && !spansTaps && !wholeLanes;
  }
}
