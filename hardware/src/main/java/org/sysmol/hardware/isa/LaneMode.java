package org.sysmol.hardware.isa;

import java.util.Optional;
import org.sysmol.core.pattern.Pattern;

/** What the slots of one 16-bit lane are (docs/isa.md, "State"). */
public enum LaneMode {
  /** Four slots of 4 bits. */
  FOUR(4, 0),
  /** Eight slots of 2 bits. */
  TWO(2, 1),
  /** Sixteen slots of 1 bit. */
  ONE(1, 2);

  private final int precision;
  private final int field;

  LaneMode(int precision, int field) {
    this.precision = precision;
    this.field = field;
  }

  /** The two bits that stand for it in a pattern register: 0, 1 or 2. */
  public int field() {
    return field;
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
   * The largest magnitude that one multiply adds to a lane, with its part of what the sum began
   * from: 900, 1152 or 1024 (docs/isa.md, "Accumulators").
   */
  public int bound() {
    int codes = (1 << precision) - 1;
    return slots() * ((codes * codes) << (2 * (4 - precision)));
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
      modes |= of(pattern, lane).field << (2 * lane);
    }
    return modes;
  }

  /** The mode of a lane in a pattern register, by its field; none for the reserved field 3. */
  public static Optional<LaneMode> in(int modes, int lane) {
    return switch ((modes >> (2 * lane)) & 3) {
      case 0 -> Optional.of(FOUR);
      case 1 -> Optional.of(TWO);
      case 2 -> Optional.of(ONE);
      default -> Optional.empty();
    };
  }
}
