package org.sysmol.core.packed;

/**
 * What the weights of one searched layer take of a chip's registers (docs/patterns.md, "Packings").
 *
 * @param slots the registers of one vector of weights over all channel groups: for each its slots
 *     for channels of 1, 2 and 4 bits, flattened
 * @param vectors how many such vectors the layer has: one for each output of a channel group and,
 *     where registers keep to one tap, each of its taps
 * @param bits of all registers or, where whole lanes are charged, of all lanes, empty slots
 *     included
 */
public record RegisterUse(int[] slots, long vectors, long bits) {
  /** Registers of one vector. */
  public int registers() {
    return slots.length / 3;
  }
}
