package org.sysmol.train;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sysmol.core.trained.Provenance;

/**
 * The recipe that a trained network records, read back: one line, {@code TrainingRecipe[seed=1,
 * threads=2, ...]}. Files of earlier versions have fewer parts, others may have none; what a file
 * does not say, or not in a way that makes sense, is as the caller wants it.
 */
public final class RecordedRecipe {
  private static final String BEGIN = TrainingRecipe.class.getSimpleName() + "[";
  private static final List<String> NAMES =
      Arrays.stream(TrainingRecipe.class.getRecordComponents())
          .map(RecordComponent::getName)
          .toList();

  /** The options that say a part of a recipe, by its name; other parts have the option's name. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("fullEpochs", "--epochs (full precision)"),
          Map.entry("noiseEpochs", "--epochs (search)"),
          Map.entry("quantisedEpochs", "--epochs (fine-tuning)"),
          Map.entry("control", "--no-baseline (the baseline)"),
          Map.entry("flip", "--no-flip (mirroring)"),
          Map.entry("fullRate", "--rates (full precision)"),
          Map.entry("noiseRate", "--rates (search)"),
          Map.entry("quantisedRate", "the rate of the fine-tuning"),
          Map.entry("decay", "the weight decay"),
          Map.entry("startPrecision", "--start-bits"),
          Map.entry("noiseStep", "--noise-step"),
          Map.entry("time", "--cpu-time or its cost table"),
          Map.entry("bfloat16", "--bf16"),
          Map.entry("layerDelta", "--delta layer"),
          Map.entry("fixedSteps", "--steps fixed"),
          Map.entry("constantRate", "--schedule constant"));

  private final Map<String, String> parts;

  private RecordedRecipe(String line) {
    parts = parts(line);
  }

  /** What a network's provenance says of the recipe. */
  public static RecordedRecipe of(Provenance provenance) {
    return new RecordedRecipe(provenance.facts().getOrDefault("recipe", ""));
  }

  /**
   * How two recipes differ, in words.
   *
   * @param begun what a run began with: {@link TrainingRecipe#text}
   * @param wanted what it should go on with
   */
  static String difference(String begun, String wanted) {
    Map<String, String> old = parts(begun);
    Map<String, String> now = parts(wanted);
    List<String> differences = new ArrayList<>();
    for (String name : NAMES) {
      String was = old.getOrDefault(name, "not given");
      String is = now.getOrDefault(name, "not given");
      if (!was.equals(is)) {
        differences.add(OPTIONS.getOrDefault(name, "--" + name) + " was " + was + ", is " + is);
      }
    }
    return differences.isEmpty() ? "it was made in another way" : String.join("; ", differences);
  }

  /** Parts by the names of {@link TrainingRecipe}, in whatever case the line has them. */
  private static Map<String, String> parts(String line) {
    Map<String, String> parts = new LinkedHashMap<>();
    boolean whole = line.regionMatches(true, 0, BEGIN, 0, BEGIN.length()) && line.endsWith("]");
    if (!whole) {
      return parts;
    }
    String last = "";
    for (String piece : line.substring(BEGIN.length(), line.length() - 1).split(", ", -1)) {
      int equals = piece.indexOf('=');
      String said = equals < 0 ? "" : piece.substring(0, equals);
      Optional<String> name = NAMES.stream().filter(said::equalsIgnoreCase).findFirst();
      if (name.isPresent()) {
        last = name.get();
        parts.put(last, piece.substring(equals + 1));
      } else {
        // A value with a comma in it.
        parts.computeIfPresent(last, (_, value) -> value + ", " + piece);
      }
    }
    return parts;
  }

  /**
   * A recipe as one line. What came later than the rest is part of it only where it is not as
   * usual, so that lines of earlier versions, by which phases are told apart, stay what they were.
   */
  static String line(TrainingRecipe recipe) {
    List<String> pieces = new ArrayList<>();
    for (RecordComponent part : TrainingRecipe.class.getRecordComponents()) {
      boolean usual =
          switch (part.getName()) {
            case "time" -> recipe.time() == null;
            case "device" -> recipe.device().equals(Device.CPU);
            case "bfloat16" -> !recipe.bfloat16();
            case "layerDelta" -> !recipe.layerDelta();
            case "fixedSteps" -> !recipe.fixedSteps();
            case "constantRate" -> !recipe.constantRate();
            default -> false;
          };
      if (!usual) {
        pieces.add(part.getName() + "=" + value(part, recipe));
      }
    }
    return pieces.stream().collect(Collectors.joining(", ", BEGIN, "]"));
  }

  private static Object value(RecordComponent part, TrainingRecipe recipe) {
    try {
      return String.valueOf(part.getAccessor().invoke(recipe));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A record's accessors can be called", e);
    }
  }

  /** Images of a step, at least 1. */
  public int batch(int otherwise) {
    return whole("batch", 1, otherwise);
  }

  /** Largest shift of a training image in pixels. */
  public int shift(int otherwise) {
    return whole("shift", 0, otherwise);
  }

  /** Whether training images are mirrored. */
  public boolean flip(boolean otherwise) {
    return yes("flip", otherwise);
  }

  /** Whether a layer has one {@code delta}. */
  public boolean layerDelta(boolean otherwise) {
    return yes("layerDelta", otherwise);
  }

  /** Whether steps are not learned. */
  public boolean fixedSteps(boolean otherwise) {
    return yes("fixedSteps", otherwise);
  }

  private boolean yes(String name, boolean otherwise) {
    return switch (parts.getOrDefault(name, "")) {
      case "true" -> true;
      case "false" -> false;
      default -> otherwise;
    };
  }

  private int whole(String name, int least, int otherwise) {
    try {
      int value = Integer.parseInt(parts.getOrDefault(name, ""));
      return value >= least && value < 1_000_000 ? value : otherwise;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
