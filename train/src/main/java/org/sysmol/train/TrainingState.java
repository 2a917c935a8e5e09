package org.sysmol.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.SysmolException;
import org.sysmol.core.file.Checkpoint;
import org.sysmol.core.file.CheckpointFile;

/**
 * The state of a training run on disk: finished phases keep their last tensors, the current one
 * also its optimisers. Written whole after every epoch, under another name first.
 */
final class TrainingState {
  private final String recipe;
  private final @Nullable Path file;
  private final Map<Phase, Checkpoint> finished = new LinkedHashMap<>();
  private final List<EpochRecord> log = new ArrayList<>();
  private double seconds;
  private @Nullable Checkpoint loaded;

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
    if (!checkpoint.fact("recipe").equals(recipe)) {
      throw SysmolException.badInput(
          "Checkpoint "
              + file
              + " is of another run ("
              + checkpoint.fact("recipe")
              + "); choose another folder, or delete it to start anew.");
    }
    loaded = checkpoint;
    seconds = checkpoint.doubles("seconds")[0];
    log.addAll(EpochLog.read(checkpoint));
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

  /**
   * True if the last {@code patience} epochs of a phase brought no better mean loss; never at 0.
   */
  boolean stalls(Phase phase, int patience) {
    List<EpochRecord> epochs = log.stream().filter(e -> e.phase() == phase).toList();
    if (patience == 0 || epochs.size() <= patience) {
      return false;
    }
    int best = 0;
    for (int i = 1; i < epochs.size(); i++) {
      best = epochs.get(i).loss() < epochs.get(best).loss() ? i : best;
    }
    return epochs.size() - 1 - best >= patience;
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
    Map<String, float[]> values = new LinkedHashMap<>();
    here.parameters.names().forEach(n -> values.put(n, checkpoint.floats(prefix + n)));
    here.parameters.set(values);
    here.learned.forEach(
        (n, t) -> {
          try (PointerScope _ = new PointerScope()) {
            t.data_ptr_float().put(checkpoint.floats(prefix + n));
          }
        });
    int done = Integer.parseInt(checkpoint.fact(prefix + "epochs"));
    if (done < epochs) {
      here.optimisers.load(checkpoint);
      if (here.mean != null) {
        here.mean.load(checkpoint);
      }
      here.lambda = checkpoint.doubles("lambda")[0];
    }
    keep(here, done);
    return done;
  }

  /** Writes everything. */
  void save(PhaseState here, int epochsDone) {
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
    all.put("lambda", new double[] {here.lambda});
    EpochLog.write(log, all);
    all.put("seconds", new double[] {seconds});
    CheckpointFile.write(all, file);
  }

  private void keep(PhaseState here, int epochsDone) {
    Checkpoint part = new Checkpoint().put("epochs", Integer.toString(epochsDone));
    here.parameters.values().forEach(part::put);
    try (PointerScope _ = new PointerScope()) {
      here.learned.forEach((name, tensor) -> part.put(name, Tensors.floats(tensor)));
    }
    finished.put(here.phase, part);
  }
}
