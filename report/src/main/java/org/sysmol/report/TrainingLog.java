package org.sysmol.report;

import java.util.List;

/**
 * What happened in training, epoch by epoch.
 *
 * @param groups names of the channel groups (layers that share precisions count once)
 * @param epochs in the order {@code FULL_PRECISION, SEARCH, FINE_TUNE}, each phase in order of its
 *     epochs; those of {@code CONTROL} anywhere
 */
public record TrainingLog(List<String> groups, List<Epoch> epochs) {
  /** What is being trained. */
  public enum Phase {
    /** The network in full precision. */
    FULL_PRECISION("full precision"),
    /** Noise on weights and activations, whose strength per channel is learnt. */
    SEARCH("precision search"),
    /** Assigned precisions, straight-through gradients. */
    FINE_TUNE("fine-tuning"),
    /** The baseline: the full-precision network trained on beside search and fine-tuning. */
    CONTROL("baseline trained on");

    private final String title;

    Phase(String title) {
      this.title = title;
    }

    /** The phase in words. */
    public String title() {
      return title;
    }
  }

  /**
   * One epoch.
   *
   * @param phase what was trained
   * @param epoch number within the phase, from 1
   * @param loss mean loss on the training images
   * @param trainAccuracy percent; NaN where not measured
   * @param heldOutAccuracy percent of images that training never saw; NaN where not measured
   * @param bitsAll bits per weight over all weights; NaN in full precision
   * @param bitsByGroup mean bits by group, in the order of {@link TrainingLog#groups}; empty in
   *     full precision
   */
  public record Epoch(
      Phase phase,
      int epoch,
      double loss,
      double trainAccuracy,
      double heldOutAccuracy,
      double bitsAll,
      double[] bitsByGroup) {}

  /** Copies the lists and checks that every epoch has the bits of every group or of none. */
  public TrainingLog {
    groups = List.copyOf(groups);
    epochs = List.copyOf(epochs);
    for (Epoch epoch : epochs) {
      if (epoch.bitsByGroup().length != 0 && epoch.bitsByGroup().length != groups.size()) {
        throw new IllegalArgumentException(
            "Epoch %d of the phase '%s' has the bits of %d groups, but there are %d."
                .formatted(
                    epoch.epoch(),
                    epoch.phase().title(),
                    epoch.bitsByGroup().length,
                    groups.size()));
      }
    }
  }

  /** Number of epochs of a phase. */
  public int length(Phase phase) {
    int last = 0;
    for (Epoch epoch : epochs) {
      last = epoch.phase() == phase ? Math.max(last, epoch.epoch()) : last;
    }
    return last;
  }

  /**
   * Where an epoch lies on the axis of the whole run, from 1: the phases follow one another, and
   * the baseline lies beside the search, after the full-precision phase.
   */
  public int position(Epoch epoch) {
    return switch (epoch.phase()) {
      case FULL_PRECISION -> epoch.epoch();
      case SEARCH, CONTROL -> length(Phase.FULL_PRECISION) + epoch.epoch();
      case FINE_TUNE -> length(Phase.FULL_PRECISION) + length(Phase.SEARCH) + epoch.epoch();
    };
  }

  /** The greatest {@link #position}; 0 for an empty log. */
  public int length() {
    int both = length(Phase.SEARCH) + length(Phase.FINE_TUNE);
    return length(Phase.FULL_PRECISION) + Math.max(both, length(Phase.CONTROL));
  }
}
