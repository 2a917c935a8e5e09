package org.sysmol.train;

/** An epoch was stopped after one of its steps. */
final class EpochStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient EpochPart part;

  EpochStopped(EpochPart part) {
    super("stopped after " + part.steps() + " steps", null, false, false);
    this.part = part;
  }

  /** Where it was. */
  EpochPart part() {
    return part;
  }
}
