package org.sysmol.core.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;

/**
 * A chip as the rest of the house sees it (PAPER sections 2 and 3).
 *
 * @param name what people call it; the presets carry the names of their pattern sets
 * @param registerBits width of a register in bits: 128, or 256 or 512, which repeat a pattern for
 *     each 128 bits
 * @param laneBits width of a lane in bits: 16
 * @param precisions the bits a channel may have: a non-empty part of 1, 2, 4, ascending, holding
 *     every precision of {@code patterns}
 * @param patterns what one 128-bit register may hold
 * @param accumulatorBits width of the sum that one lane keeps, in bits: 16
 * @param spansTaps whether one register may hold channels of several filter taps; without it, each
 *     tap of a filter starts a new register
 */
public record Architecture(
    String name,
    int registerBits,
    int laneBits,
    List<Integer> precisions,
    PatternSet patterns,
    int accumulatorBits,
    boolean spansTaps) {

  /** Checks every component; throws {@link SysmolException} naming the first that is wrong. */
  public Architecture {
    precisions = List.copyOf(precisions);
    if (name.isBlank()) {
      throw SysmolException.badInput("An architecture needs a name: give it one.");
    }
    if (registerBits != Pattern.BITS && registerBits != 256 && registerBits != 512) {
      throw refusal(name, "registers of " + registerBits + " bits", "128, 256 or 512");
    }
    if (laneBits != Pattern.LANE_BITS) {
      throw refusal(name, "lanes of " + laneBits + " bits", "16");
    }
    if (accumulatorBits != 16) {
      throw refusal(name, "accumulators of " + accumulatorBits + " bits", "16");
    }
    if (precisions.isEmpty() || !Set.of(1, 2, 4).containsAll(precisions)) {
      throw refusal(name, "precisions " + precisions, "some of 1, 2 and 4");
    }
    for (int i = 1; i < precisions.size(); i++) {
      if (precisions.get(i - 1) >= precisions.get(i)) {
        throw refusal(name, "precisions " + precisions, "each once, ascending");
      }
    }
    if (!precisions.containsAll(patterns.precisions())) {
      throw SysmolException.badInput(
          "Architecture %s allows precisions %s, but its pattern set %s holds %s: add what is missing or choose another set."
              .formatted(name, precisions, patterns.name(), patterns.precisions()));
    }
  }

  private static SysmolException refusal(String name, String what, String allowed) {
    return SysmolException.badInput(
        "Architecture %s has %s: use %s.".formatted(name, what, allowed));
  }

  /** A 128-bit architecture with 16-bit accumulators whose registers keep to one filter tap. */
  public static Architecture of(PatternSet patterns) {
    return new Architecture(
        patterns.name(),
        Pattern.BITS,
        Pattern.LANE_BITS,
        patterns.precisions(),
        patterns,
        16,
        false);
  }

  /** The presets: {@link #of} each preset of {@link PatternSet}, in that order. */
  public static List<Architecture> presets() {
    List<Architecture> presets = new ArrayList<>();
    for (PatternSet set : PatternSet.presets()) {
      presets.add(of(set));
    }
    return List.copyOf(presets);
  }

  /** How many 128-bit patterns one register repeats: 1, 2 or 4. */
  public int repeats() {
    return registerBits / Pattern.BITS;
  }
}
