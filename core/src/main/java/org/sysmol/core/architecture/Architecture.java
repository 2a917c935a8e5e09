package org.sysmol.core.architecture;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.sysmol.core.SysmolException;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;

/**
 * A chip as the rest of the house sees it (PAPER sections 2 and 3).
 *
 * @param name what people call it: 1 to {@link #MAX_NAME} characters, no {@code #}, no control
 *     characters, no spaces at its ends; the presets carry the texts of their packings
 * @param registerBits width of a register in bits: 128, or 256 or 512, which repeat a pattern for
 *     each 128 bits
 * @param laneBits width of a lane in bits: 16
 * @param precisions the bits a channel may have: a non-empty part of 1, 2, 4, ascending; those that
 *     {@code patterns} have slots for
 * @param patterns what each 128 bits of a register may hold
 * @param accumulatorBits width of the sum that one lane keeps, in bits: 16
 * @param spansTaps whether one register may hold channels of several filter taps; without it, each
 *     tap of a filter starts a new register
 * @param wholeLanes whether lanes are what a layer takes, each of any precision, rather than whole
 *     registers; then every mix of lanes must be one of {@code patterns}
 * @param core the core that the mixed unit sits in
 */
public record Architecture(
    String name,
    int registerBits,
    int laneBits,
    List<Integer> precisions,
    PatternSet patterns,
    int accumulatorBits,
    boolean spansTaps,
    boolean wholeLanes,
    Core core) {
  /** The most characters of a name; the longest list of patterns has fewer. */
  public static final int MAX_NAME = 512;

  /** The widths that a register may have, in bits. */
  static final List<Integer> REGISTER_BITS = List.of(128, 256, 512);

  /** Checks every component; throws {@link SysmolException} naming the first that is wrong. */
  public Architecture {
    precisions = List.copyOf(precisions);
    if (name.isBlank()) {
      throw SysmolException.badInput("An architecture needs a name: give it one.");
    }
    if (name.length() > MAX_NAME
        || !name.equals(name.strip())
        || name.indexOf('#') >= 0
        || name.chars().anyMatch(Character::isISOControl)) {
      throw SysmolException.badInput(
          "An architecture's name has at most %d characters, none of them # or a control character, and no spaces around it: choose another."
              .formatted(MAX_NAME));
    }
    if (!REGISTER_BITS.contains(registerBits)) {
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
    if (!patterns.precisions().containsAll(precisions)) {
      throw SysmolException.badInput(
          "Architecture %s allows precisions %s, but its pattern set %s has slots for %s only: leave the others away or choose another set."
              .formatted(name, precisions, patterns.name(), patterns.precisions()));
    }
    // Refuses whole lanes with patterns that are not all mixes of lanes.
    Packing ignored = new Packing(patterns, registerBits / Pattern.BITS, spansTaps, wholeLanes);
  }

  private static SysmolException refusal(String name, String what, String allowed) {
    return SysmolException.badInput(
        "Architecture %s has %s: use %s.".formatted(name, what, allowed));
  }

  /** A 128-bit architecture with 16-bit accumulators whose registers keep to one filter tap. */
  public static Architecture of(PatternSet patterns) {
    return of(patterns.name(), Packing.of(patterns));
  }

  /** The architecture with these registers, and 16-bit lanes and accumulators. */
  public static Architecture of(String name, Packing packing) {
    return new Architecture(
        name,
        packing.registerBits(),
        Pattern.LANE_BITS,
        packing.set().precisions(),
        packing.set(),
        16,
        packing.spansTaps(),
        packing.wholeLanes(),
        Core.OUT_OF_ORDER);
  }

  /** The same registers in another core. */
  public Architecture withCore(Core other) {
    return new Architecture(
        name,
        registerBits,
        laneBits,
        precisions,
        patterns,
        accumulatorBits,
        spansTaps,
        wholeLanes,
        other);
  }

  /**
   * The presets: {@link #of} each preset of {@link PatternSet}, in that order, then {@code lane}
   * (each lane has a precision of its own) and {@code register} (each register has).
   */
  public static List<Architecture> presets() {
    List<Architecture> presets = new ArrayList<>();
    for (PatternSet set : PatternSet.presets()) {
      presets.add(of(set));
    }
    presets.add(of("lane", Packing.parse("lane")));
    presets.add(of("register", Packing.parse("register")));
    return List.copyOf(presets);
  }

  /**
   * The architecture of a file, if the text has a dot or a slash in it, otherwise the preset or the
   * packing ({@link Packing#parse}) of that name.
   *
   * @throws SysmolException if it is none of these, or the file is refused
   */
  public static Architecture named(String text) {
    if (text.indexOf('.') >= 0 || text.indexOf('/') >= 0) {
      try {
        return ArchitectureFile.read(Path.of(text));
      } catch (InvalidPathException e) {
        throw SysmolException.badInput(
            "'%s' can't be the name of an architecture file (%s); name a file that is there."
                .formatted(text, e.getReason()),
            e);
      }
    }
    String stripped = text.strip();
    for (Architecture preset : presets()) {
      if (preset.name.equalsIgnoreCase(stripped)) {
        return preset;
      }
    }
    if (stripped.indexOf('+') < 0 && stripped.indexOf(',') < 0) {
      throw SysmolException.badInput(
          "'%s' is no architecture: use one of %s, a packing such as P4+taps, or a file whose name has a dot or a slash."
              .formatted(
                  text,
                  presets().stream().map(Architecture::name).collect(Collectors.joining(", "))));
    }
    Packing packing = Packing.parse(stripped);
    return of(packing.text(), packing);
  }

  /** How its registers hold weights: all that assigning precisions and packing need to know. */
  public Packing packing() {
    return new Packing(patterns, repeats(), spansTaps, wholeLanes);
  }

  /** How many 128-bit patterns one register repeats: 1, 2 or 4. */
  public int repeats() {
    return registerBits / Pattern.BITS;
  }
}
