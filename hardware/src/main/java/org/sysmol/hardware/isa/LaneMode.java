package org.sysmol.hardware.isa;

import org.sysmol.core.pattern.Pattern;

/**
 * What the slots of one 16-bit lane are (docs/isa.md, "Patterns"). The ordinal is the two-bit field
 * of a pattern register.
 */
public enum LaneMode {
  /** Four slots of 4 bits. */
  FOUR(4),
  /** Eight slots of 2 bits. */
  TWO(2),
  /** Sixteen slots of 1 bit. */
  ONE(1);

  private final int precision;

  LaneMode(int precision) {
    this.precision = precision;
  }

  /** Bits of a slot: 4, 2 or 1. */
  public int precision() {
    return precision;
  }

  /** Slots of a lane: 4, 8 or 16. */
  public int slots() {
    return Pattern.LANE_BITS / precision;
  }

  /**
   * The largest magnitude that one multiply adds to a lane: 900, 1152 or 1024 (docs/isa.md,
   * "Accumulators").
   */
  public int bound() {
    int codes = (1 << precision) - 1;
    return slots() * (codes * codes << 2 * (4 - precision));
  }

  /** The mode of lane {@code lane} (0 to 7): a pattern's 4-bit lanes come first, then 2, then 1. */
  public static LaneMode of(Pattern pattern, int lane) {
    if (lane < 0 || lane >= Pattern.LANES) {
      throw new IndexOutOfBoundsException("lane " + lane);
    }
    return lane < pattern.lanes4() ? FOUR : lane < pattern.lanes4() + pattern.lanes2() ? TWO : ONE;
  }

  /** The 16 bits of a pattern register: the mode of lane {@code l} in bits {@code 2l, 2l+1}. */
  public static int modes(Pattern pattern) {
    int modes = 0;
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      modes |= of(pattern, lane).ordinal() << 2 * lane;
    }
    return modes;
  }
}
