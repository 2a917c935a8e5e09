package org.sysmol.core.packed;

/**
 * How the channels of one mixed tensor fill hardware registers, one weight of each channel. Where
 * registers span taps a layer needs fewer than its taps times these ({@link RegisterCount}).
 *
 * @param tensor index of the tensor
 * @param patterns one entry per register: {@code n1, n2, n4} flattened
 */
public record Placement(int tensor, int[] patterns) {
  /** Number of registers for one window cell and output. */
  public int registers() {
    return patterns.length / 3;
  }
}
