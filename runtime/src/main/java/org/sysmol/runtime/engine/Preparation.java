package org.sysmol.runtime.engine;

/**
 * What it took to prepare a network.
 *
 * @param codeNanos to generate and encode machine code; 0 for engines without
 * @param codeBytes of machine code and its constants
 * @param weightsNanos to rearrange weights and parameters, summed over the threads that did it
 *     while another generated code
 * @param dataBytes of weights and parameters outside the heap
 */
public record Preparation(long codeNanos, long codeBytes, long weightsNanos, long dataBytes) {
  /** Nothing that was measured. */
  public static final Preparation NONE = new Preparation(0, 0, 0, 0);
}
