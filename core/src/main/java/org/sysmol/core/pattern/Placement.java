package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * The registers of a layer and how many of its channels have each precision.
 *
 * <p>The counts are of channels, not of slots: {@code n4} is at most the registers' 4-bit slots,
 * and so on. Slots without a channel are empty and worth 0.
 *
 * @param registers the pattern of each register, in the order of the pattern set
 * @param n1 channels at 1 bit
 * @param n2 channels at 2 bits
 * @param n4 channels at 4 bits
 */
public record Placement(List<Pattern> registers, int n1, int n2, int n4) {

  /** Checks that the registers have a slot of its own precision for every channel. */
  public Placement {
    registers = List.copyOf(registers);
    if (n1 < 0
        || n2 < 0
        || n4 < 0
        || n1 > slots(registers, 1)
        || n2 > slots(registers, 2)
        || n4 > slots(registers, 4)) {
      throw SysmolException.badInput(
          "Registers %s cannot hold (%d,%d,%d) channels of 1, 2 and 4 bits: give them more registers."
              .formatted(registers, n1, n2, n4));
    }
  }

  private static long slots(List<Pattern> registers, int precision) {
    return registers.stream().mapToLong(p -> p.slots(precision)).sum();
  }

  /** Slots of one precision (1, 2 or 4) over all registers. */
  public int slots(int precision) {
    return Math.toIntExact(slots(registers, precision));
  }

  /** Channels placed. */
  public int channels() {
    return n1 + n2 + n4;
  }

  /** Sum of the channels' precisions, in bits: what one weight per channel takes. */
  public long bits() {
    return n1 + 2L * n2 + 4L * n4;
  }

  /** Bits of the registers, empty slots included: 128 each. */
  public long registerBits() {
    return (long) Pattern.BITS * registers.size();
  }

  /** Slots that hold no channel. */
  public int emptySlots() {
    return slots(1) + slots(2) + slots(4) - channels();
  }

  /**
   * The precision of each channel: ranked by {@code pHat}, highest first and equal ones by index,
   * channels fill the 4-bit places, then the 2-bit ones, then the 1-bit ones (PAPER section 2).
   *
   * @param pHat one value per channel of the layer
   * @throws SysmolException if there are not {@link #channels()} values or one is not a number
   */
  public int[] assign(float[] pHat) {
    return new Demand(n1, n2, n4).assign(pHat);
  }

  /** Where each channel sits. */
  public SlotMap slotMap() {
    return SlotMap.of(this);
  }
}
