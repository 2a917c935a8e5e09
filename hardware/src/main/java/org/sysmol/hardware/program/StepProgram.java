package org.sysmol.hardware.program;

import java.util.List;

/**
 * What one step of a network runs.
 *
 * @param name of the step
 * @param kind of it, in words
 * @param calls in order
 * @param products multiply-accumulates of the network's own arithmetic, by precision: index 1, 2, 4
 *     and 8, and 32 for binary32
 */
public record StepProgram(String name, String kind, List<Call> calls, long[] products) {
  /** Copies the list. */
  public StepProgram {
    calls = List.copyOf(calls);
  }
}
