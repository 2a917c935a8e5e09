package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * Which channel sits in which slot of which register (PAPER section 4, channel rearrangement).
 *
 * <p>The channels of a packed layer are kept by precision, 4 bits first, then 2, then 1, those of
 * one precision in their old order ({@link #order}). A channel's place in that sequence is its
 * <em>position</em>. Each register takes its 4-bit slots from the next positions of the 4-bit
 * segment, its 2-bit slots from the 2-bit segment and its 1-bit slots from the 1-bit segment; a
 * segment that runs out leaves slots empty. Within a register slots are numbered in the same sense:
 * {@code n4} slots of 4 bits, then {@code n2} of 2, then {@code n1} of 1.
 */
public final class SlotMap {
  /** The position of a slot that holds no channel. */
  public static final int EMPTY = -1;

  private final List<Pattern> registers;
  private final int channels;
  // For each register, the first position and the number of channels of each segment: 4, 2, 1.
  private final int[][] first;
  private final int[][] filled;

  private SlotMap(Placement placement) {
    registers = placement.registers();
    channels = placement.channels();
    first = new int[registers.size()][3];
    filled = new int[registers.size()][3];
    int[] next = {0, placement.n4(), placement.n4() + placement.n2()};
    int[] end = {next[1], next[2], channels};
    for (int r = 0; r < registers.size(); r++) {
      Pattern p = registers.get(r);
      int[] slots = {p.n4(), p.n2(), p.n1()};
      for (int s = 0; s < 3; s++) {
        first[r][s] = next[s];
        filled[r][s] = Math.min(slots[s], end[s] - next[s]);
        next[s] += filled[r][s];
      }
    }
  }

  /** The map of a placement. */
  public static SlotMap of(Placement placement) {
    return new SlotMap(placement);
  }

  /**
   * The channels by precision, highest first, those of one precision in their old order.
   *
   * @param precisions 1, 2 or 4 for each channel
   * @return the old index of the channel at each position
   */
  public static int[] order(int[] precisions) {
    int[] order = new int[precisions.length];
    int n = 0;
    for (int p : new int[] {4, 2, 1}) {
      for (int c = 0; c < precisions.length; c++) {
        if (precisions[c] == p) {
          order[n++] = c;
        }
      }
    }
    if (n != order.length) {
      throw SysmolException.badInput(
          "A channel has a precision other than 1, 2 or 4 bits: give each channel one of these.");
    }
    return order;
  }

  /** How many registers there are. */
  public int registers() {
    return registers.size();
  }

  /** How many channels sit in them. */
  public int channels() {
    return channels;
  }

  /** The pattern of a register. */
  public Pattern pattern(int register) {
    return registers.get(register);
  }

  /**
   * The position of the channel in a slot.
   *
   * @param register 0 to {@link #registers()} - 1
   * @param slot 0 to the pattern's {@link Pattern#slots()} - 1, 4-bit slots first, then 2, then 1
   * @return a position, 0 to {@link #channels()} - 1, or {@link #EMPTY}
   */
  public int position(int register, int slot) {
    Pattern p = registers.get(register);
    if (slot < 0 || slot >= p.slots()) {
      throw new IndexOutOfBoundsException("slot " + slot + " of pattern " + p);
    }
    int segment = slot < p.n4() ? 0 : slot < p.n4() + p.n2() ? 1 : 2;
    int within = slot - (segment == 0 ? 0 : segment == 1 ? p.n4() : p.n4() + p.n2());
    return within < filled[register][segment] ? first[register][segment] + within : EMPTY;
  }

  /** The precision of a slot, in bits: 4, 2 or 1. */
  public int precision(int register, int slot) {
    Pattern p = registers.get(register);
    return slot < p.n4() ? 4 : slot < p.n4() + p.n2() ? 2 : 1;
  }
}
