package org.sysmol.core.architecture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.AtomicFile;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;

/**
 * Architectures as text files that people write (docs/patterns.md, "Architecture files"): a line
 * {@code key = value} for each setting, {@code #} before comments. What is not set is as in the
 * preset P4; what is not known is refused by name and line.
 */
public final class ArchitectureFile {
  private static final String NAME = "name";
  private static final String REGISTER_BITS = "register-bits";
  private static final String LANE_BITS = "lane-bits";
  private static final String PATTERNS = "patterns";
  private static final String PRECISIONS = "precisions";
  private static final String ACCUMULATOR_BITS = "accumulator-bits";
  private static final String SPAN_TAPS = "span-taps";
  private static final String CHARGE = "charge";

  private static final Set<String> KEYS = keys();

  private static Set<String> keys() {
    Set<String> keys =
        new LinkedHashSet<>(
            List.of(
                NAME,
                REGISTER_BITS,
                LANE_BITS,
                PATTERNS,
                PRECISIONS,
                ACCUMULATOR_BITS,
                SPAN_TAPS,
                CHARGE));
    keys.addAll(CoreText.keys());
    return Collections.unmodifiableSet(keys);
  }

  private final KeyValueText text;

  private ArchitectureFile(KeyValueText text) {
    this.text = text;
  }

  /**
   * Reads a file; one without a name is called as the file is, up to its last dot.
   *
   * @throws SysmolException in one sentence with the line, if the file can't be read or any of it
   *     is not understood
   */
  public static Architecture read(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return new ArchitectureFile(KeyValueText.read(file, "Architecture file " + file))
        .architecture(dot > 0 ? name.substring(0, dot) : name);
  }

  /**
   * Reads the text of a file.
   *
   * @param where how messages name it
   * @param name of the architecture if the text gives none
   * @throws SysmolException as {@link #read}
   */
  public static Architecture parse(String text, String where, String name) {
    return new ArchitectureFile(new KeyValueText(text, where)).architecture(name);
  }

  /** Writes a file that reads as this architecture. */
  public static void write(Architecture architecture, Path file) {
    AtomicFile.write(file, text(architecture).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The text of a file that reads as this architecture, with every key.
   *
   * @throws SysmolException if its pattern set has no name or list that reads as it
   */
  public static String text(Architecture a) {
    String patterns = a.patterns().name();
    if (!PatternSet.parse(patterns).equals(a.patterns())) {
      throw SysmolException.badInput(
          "Architecture %s can't be written, because '%s' does not name its patterns: list them instead."
              .formatted(a.name(), patterns));
    }
    String precisions =
        a.precisions().stream().map(String::valueOf).collect(Collectors.joining(" "));
    StringBuilder text = new StringBuilder();
    line(text, NAME, a.name());
    line(text, REGISTER_BITS, a.registerBits());
    line(text, LANE_BITS, a.laneBits());
    line(text, PATTERNS, patterns);
    line(text, PRECISIONS, precisions);
    line(text, ACCUMULATOR_BITS, a.accumulatorBits());
    line(text, SPAN_TAPS, a.spansTaps() ? "yes" : "no");
    line(text, CHARGE, a.wholeLanes() ? "lanes" : "registers");
    return text.append(CoreText.text(a.core())).toString();
  }

  private static void line(StringBuilder text, String key, Object value) {
    text.append(key).append(" = ").append(value).append('\n');
  }

  private Architecture architecture(String otherName) {
    text.refuseOthers(KEYS);
    Architecture usual = Architecture.of(PatternSet.P4);
    String name = value(NAME, otherName, v -> v);
    int registerBits =
        value(REGISTER_BITS, usual.registerBits(), v -> number(v, Architecture.REGISTER_BITS));
    int laneBits = value(LANE_BITS, usual.laneBits(), v -> number(v, List.of(Pattern.LANE_BITS)));
    PatternSet patterns = value(PATTERNS, usual.patterns(), ArchitectureFile::patterns);
    List<Integer> precisions =
        value(PRECISIONS, patterns.precisions(), ArchitectureFile::precisions);
    int accumulatorBits =
        value(ACCUMULATOR_BITS, usual.accumulatorBits(), v -> number(v, List.of(16)));
    boolean spansTaps = value(SPAN_TAPS, usual.spansTaps(), v -> choice(v, "yes", "no"));
    boolean wholeLanes = value(CHARGE, usual.wholeLanes(), v -> choice(v, "lanes", "registers"));
    Core core = CoreText.read(text);
    try {
      return new Architecture(
          name,
          registerBits,
          laneBits,
          precisions,
          patterns,
          accumulatorBits,
          spansTaps,
          wholeLanes,
          core);
    } catch (SysmolException e) {
      // Each value is right alone, but they do not go together: no one line is to blame.
      throw SysmolException.badInput(text.where() + ": " + e.getMessage(), e);
    }
  }

  private <T> T value(String key, T usual, Function<String, T> reader) {
    KeyValueText.Entry entry = text.get(key);
    if (entry == null) {
      return usual;
    }
    try {
      return reader.apply(entry.value());
    } catch (Refusal e) {
      throw text.problem(
          entry.line(),
          "%s is '%s'; use %s".formatted(key, KeyValueText.shown(entry.value()), e.getMessage()));
    }
  }

  /** What a value may be instead. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String allowed) {
      super(allowed);
    }
  }

  private static int number(String value, List<Integer> allowed) {
    for (int number : allowed) {
      if (value.equals(Integer.toString(number))) {
        return number;
      }
    }
    throw new Refusal(allowed.stream().map(String::valueOf).collect(Collectors.joining(" or ")));
  }

  private static boolean choice(String value, String yes, String no) {
    if (!value.equals(yes) && !value.equals(no)) {
      throw new Refusal(yes + " or " + no);
    }
    return value.equals(yes);
  }

  private static PatternSet patterns(String value) {
    String sets =
        PatternSet.presets().stream().map(PatternSet::name).collect(Collectors.joining(", "));
    if (value.equalsIgnoreCase("lane")) {
      // What --patterns lane says about lanes has a key of its own here.
      throw new Refusal("P45 with charge = lanes");
    }
    try {
      return PatternSet.parse(value);
    } catch (SysmolException e) {
      throw new Refusal(
          "one of "
              + sets
              + ", or a list of patterns, each once, such as 128,0,0; 0,64,0; 32,32,8");
    }
  }

  private static List<Integer> precisions(String value) {
    List<Integer> precisions = new ArrayList<>();
    for (String part : value.split("\\s*,\\s*|\\s+", -1)) {
      boolean known = List.of("1", "2", "4").contains(part);
      if (!known || (!precisions.isEmpty() && precisions.getLast() >= Integer.parseInt(part))) {
        throw new Refusal("some of 1, 2 and 4, each once, ascending, such as 1 2 4");
      }
      precisions.add(Integer.parseInt(part));
    }
    return precisions;
  }
}
