package org.sysmol.train;

/** What training does in turn (paper §1). */
public enum Phase {
  /** Full precision. */
  FULL(0, "full precision"),
  /** The same network trained on in full precision: the baseline. */
  CONTROL(1, "baseline trained on"),
  /** Noise whose width is learned: the search for precisions. */
  NOISE(2, "precision search"),
  /** Precisions fixed, weights and activations quantised, gradients straight through. */
  QUANTISED(3, "fine-tuning");

  private final int number;
  private final String title;

  Phase(int number, String title) {
    this.number = number;
    this.title = title;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** Its number in seeds and checkpoints, which must never change. */
  int number() {
    return number;
  }

  /** The phase of a number. */
  static Phase of(int number) {
    for (Phase phase : values()) {
      if (phase.number == number) {
        return phase;
      }
    }
    throw new IllegalArgumentException("There is no phase " + number + ".");
  }
}
