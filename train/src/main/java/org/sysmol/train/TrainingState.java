package org.sysmol.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.Checkpoint;
import org.sysmol.core.file.CheckpointFile;

/**
 * The state of a training run on disk: finished phases keep their last tensors, the current one
 * also its optimisers. Written whole after every epoch, under another name first.
 */
final class TrainingState {
  private static final Pattern PARTS =
      Pattern.compile(
          "(?<rules>.*) from (?<network>\\w+).* on (?<data>\\w+)(?: prepared (?<preprocessing>\\w+))?");

  private final String recipe;
  private final @Nullable Path file;
  private final Map<Phase, Checkpoint> finished = new LinkedHashMap<>();
  private final List<EpochRecord> log = new ArrayList<>();
  private double seconds;

  /** The budget that was estimated in bits per weight; NaN where none was. */
  private double budget = Double.NaN;

  private @Nullable Checkpoint loaded;
  private boolean partTaken;

  TrainingState(String recipe, @Nullable Path file) {
    this.recipe = recipe;
    this.file = file;
  }

  /** Reads what an earlier run left, if there is any. */
  void resume() {
    if (file == null || !Files.exists(file)) {
      return;
    }
    Checkpoint checkpoint = CheckpointFile.read(file);
    String begun = checkpoint.fact("recipe");
    if (!begun.equals(recipe) && anyDevice(begun).equals(anyDevice(recipe))) {
      throw SysmolException.badInput(
          "Checkpoint "
              + file
              + " is of a run on another device, whose sums differ in bits; go on with --device "
              + (begun.equals(anyDevice(begun)) ? Device.CPU : Device.CUDA)
              + ", or choose another folder.");
    }
    if (!begun.equals(recipe)) {
      throw SysmolException.badInput(
          "Checkpoint "
              + file
              + " is of another run: "
              + difference(begun, recipe)
              + "; choose another folder, or delete it to start anew.");
    }
    loaded = checkpoint;
    seconds = checkpoint.doubles("seconds")[0];
    log.addAll(EpochLog.read(checkpoint));
    if (checkpoint.arrayNames().contains("budget")) {
      budget = checkpoint.doubles("budget")[0];
    }
  }

  /** Which part of what a run depends on is another. */
  private static String difference(String begun, String wanted) {
    Matcher old = PARTS.matcher(begun);
    Matcher now = PARTS.matcher(wanted);
    if (!old.matches() || !now.matches()) {
      return begun;
    }
    if (!old.group("rules").equals(now.group("rules"))) {
      return RecordedRecipe.difference(old.group("rules"), now.group("rules"));
    }
    String[] parts = {"network", "data", "preprocessing"};
    String[] names = {
      "the network, by its weights, graph or attributes,",
      "the training data",
      "the preprocessing (--mean, --std, --size)"
    };
    for (int i = 0; i < parts.length; i++) {
      String was = old.group(parts[i]);
      if (was == null) {
        return "it was made by an earlier version of sysmol";
      }
      if (!was.equals(now.group(parts[i]))) {
        return names[i] + " was another";
      }
    }
    return begun;
  }

  private static String anyDevice(String recipe) {
    return recipe.replace(", device=" + Device.CUDA, "");
  }

  /**
   * Where the loaded run stopped within an epoch of a phase; null if it did not, and from the
   * second call on.
   */
  @Nullable EpochPart takePart(Phase phase) {
    Checkpoint checkpoint = loaded;
    if (partTaken
        || checkpoint == null
        || !checkpoint.findFact("part").equals(Optional.of(phase.toString()))) {
      return null;
    }
    partTaken = true;
    return EpochPart.load(checkpoint);
  }

  /** True if state outlives this run. */
  boolean isKept() {
    return file != null;
  }

  /** True if the loaded run has begun the phase: its tensors come from the file. */
  boolean reached(Phase phase) {
    return loaded != null && loaded.findFact(phase + "/epochs").isPresent();
  }

  List<EpochRecord> log() {
    return List.copyOf(log);
  }

  /** Adds an epoch. */
  void add(EpochRecord record) {
    log.add(record);
    seconds += record.seconds();
  }

  /** The budget that was estimated, in bits per weight; NaN where none was yet. */
  double budget() {
    return budget;
  }

  /** Sets {@link #budget}, for the next checkpoint. */
  void budget(double bits) {
    budget = bits;
  }

  /** True if no epoch of its phase so far was as good on held-out images. */
  boolean isBest(EpochRecord record) {
    return log.stream()
        .filter(e -> e.phase() == record.phase())
        .allMatch(e -> record.heldOut() > e.heldOut());
  }

  /** The epoch of a phase, from 1, that was best on held-out images, the first of equals. */
  int best(Phase phase) {
    EpochRecord best = null;
    for (EpochRecord e : log) {
      if (e.phase() == phase && (best == null || e.heldOut() > best.heldOut())) {
        best = e;
      }
    }
    return best == null ? 0 : best.epoch();
  }

  /** Seconds that all epochs took, those of earlier runs included. */
  double seconds() {
    return seconds;
  }

  /**
   * Puts a phase where the earlier run left it.
   *
   * @return epochs that are done
   */
  int restore(PhaseState here, int epochs) {
    if (!reached(here.phase)) {
      return 0;
    }
    Checkpoint checkpoint = java.util.Objects.requireNonNull(loaded);
    String prefix = here.phase + "/";
    here.set(read(checkpoint, prefix, here.values().keySet()));
    int done = Integer.parseInt(checkpoint.fact(prefix + "epochs"));
    if (done < epochs) {
      here.optimisers.load(checkpoint);
      if (here.mean != null) {
        here.mean.load(checkpoint);
      }
      here.lambda = checkpoint.doubles("lambda")[0];
      if (checkpoint.findFact("best").isPresent()) {
        here.best = read(checkpoint, "best/", here.values().keySet());
      }
    }
    keep(here, done);
    return done;
  }

  /** Writes everything. */
  void save(PhaseState here, int epochsDone) {
    save(here, epochsDone, null);
  }

  /**
   * Writes everything.
   *
   * @param begun what there is of the epoch after those that are done
   */
  void save(PhaseState here, int epochsDone, @Nullable EpochPart begun) {
    keep(here, epochsDone);
    if (file == null) {
      return;
    }
    Checkpoint all = new Checkpoint().put("recipe", recipe);
    finished.forEach(
        (phase, part) -> {
          all.put(phase + "/epochs", part.fact("epochs"));
          for (String name : part.arrayNames()) {
            all.put(phase + "/" + name, part.floats(name));
          }
        });
    here.optimisers.save(all);
    if (here.mean != null) {
      here.mean.save(all);
    }
    if (here.best != null) {
      all.put("best", Integer.toString(best(here.phase)));
      here.best.forEach((name, values) -> all.put("best/" + name, values));
    }
    if (!Double.isNaN(budget)) {
      all.put("budget", new double[] {budget});
    }
    all.put("lambda", new double[] {here.lambda});
    if (begun != null) {
      all.put("part", here.phase.toString());
      begun.save(all);
    }
    EpochLog.write(log, all);
    all.put("seconds", new double[] {seconds});
    CheckpointFile.write(all, file);
  }

  private void keep(PhaseState here, int epochsDone) {
    Checkpoint part = new Checkpoint().put("epochs", Integer.toString(epochsDone));
    here.values().forEach(part::put);
    finished.put(here.phase, part);
  }

  private static Map<String, float[]> read(
      Checkpoint checkpoint, String prefix, Set<String> names) {
    Map<String, float[]> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, checkpoint.floats(prefix + name)));
    return values;
  }
}
