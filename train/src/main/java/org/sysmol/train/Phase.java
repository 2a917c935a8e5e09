package org.sysmol.train;

/** What training does in turn (paper §1). */
public enum Phase {
  /** Full precision. */
  FULL("full precision"),
  /** The same network trained on in full precision: the baseline. */
  CONTROL("baseline trained on"),
  /** Noise whose width is learned: the search for precisions. */
  NOISE("precision search"),
  /** Precisions fixed, weights and activations quantised, gradients straight through. */
  QUANTISED("fine-tuning");

  private final String title;

  Phase(String title) {
    this.title = title;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }
}
