package org.sysmol.hardware.simulate;

import java.util.List;

/**
 * One image through a network.
 *
 * @param steps in order
 * @param result binary32 by {@code [height, width, channels]} of the result's tensor
 */
public record NetworkRun(List<StepResult> steps, float[] result) {
  /** Copies the list. */
  public NetworkRun {
    steps = List.copyOf(steps);
  }

  /** Cycles of all steps. */
  public long cycles() {
    return steps.stream().mapToLong(StepResult::cycles).sum();
  }

  /** Work of all steps. */
  public WorkCounts work() {
    return steps.stream().map(StepResult::work).reduce(WorkCounts.NONE, WorkCounts::plus);
  }
}
