package org.sysmol.core.pattern;

import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * What vectors of weights take of the registers of a {@link Packing}: whole registers, or whole
 * lanes of 16 bits.
 *
 * <p>A vector of {@code k} taps over {@code n} channels of a precision has {@code k * n} weights of
 * it, each in a slot of that precision. All taps of a channel have the channel's precision, but
 * need not be in one register.
 */
public final class VectorRegisters {
  private static final int[] PER_LANE = {16, 8, 0, 4}; // weights of precision p: PER_LANE[p - 1]

  private final Packing packing;
  private final PatternSolver patterns;

  private VectorRegisters(Packing packing) {
    this.packing = packing;
    patterns = PatternSolver.of(packing.set());
  }

  /** For one packing; it may be kept and shared. */
  public static VectorRegisters of(Packing packing) {
    return new VectorRegisters(packing);
  }

  /** The packing. */
  public Packing packing() {
    return packing;
  }

  /** The solver for its patterns. */
  public PatternSolver patterns() {
    return patterns;
  }

  /**
   * The fewest registers for one vector, by their patterns of 128 bits; a register repeats its
   * pattern {@link Packing#repeats} times.
   *
   * @param channels channels at 1, 2 and 4 bits
   * @param taps weights of each
   * @throws SysmolException if a precision has no slots, or the vector is too long
   */
  public List<Pattern> registers(Demand channels, int taps) {
    Demand slots = slots(channels, taps);
    return patterns.registersFor(slots.n1(), slots.n2(), slots.n4()).registers();
  }

  /** How many {@link #registers} there are. */
  public int count(Demand channels, int taps) {
    Demand slots = slots(channels, taps);
    return patterns.countFor(slots.n1(), slots.n2(), slots.n4());
  }

  /** The lanes of 16 bits that hold one vector, each of one precision. */
  public static long lanes(Demand channels, int taps) {
    return lanes(channels.n1(), taps, 1, 1)
        + lanes(channels.n2(), taps, 2, 1)
        + lanes(channels.n4(), taps, 4, 1);
  }

  private static long lanes(int channels, int taps, int precision, int repeats) {
    return Math.ceilDiv((long) channels * taps, (long) PER_LANE[precision - 1] * repeats);
  }

  /**
   * Bits that are charged for vectors: 16 for each lane, or those of each register; empty slots
   * included.
   *
   * @param channels channels at 1, 2 and 4 bits
   */
  public long bits(Demand channels, List<WeightVectors> vectors) {
    long bits = 0;
    for (WeightVectors v : vectors) {
      long each =
          packing.wholeLanes()
              ? Pattern.LANE_BITS * lanes(channels, v.taps())
              : (long) packing.registerBits() * count(channels, v.taps());
      bits = Math.addExact(bits, Math.multiplyExact(v.count(), each));
    }
    return bits;
  }

  /** Never more than {@link #bits}, and quickly found: as if lanes could be joined at will. */
  long leastBits(int n1, int n2, int n4, List<WeightVectors> vectors) {
    long bits = 0;
    for (int i = 0; i < vectors.size(); i++) {
      WeightVectors v = vectors.get(i);
      int repeats = packing.wholeLanes() ? 1 : packing.repeats();
      long lanes =
          lanes(n1, v.taps(), 1, repeats)
              + lanes(n2, v.taps(), 2, repeats)
              + lanes(n4, v.taps(), 4, repeats);
      bits +=
          v.count()
              * (packing.wholeLanes()
                  ? Pattern.LANE_BITS * lanes
                  : packing.registerBits() * Math.ceilDiv(lanes, (long) Pattern.LANES));
    }
    return bits;
  }

  /** Whether these vectors fill registers of 128 bits tap by tap, as {@link PatternSolver} does. */
  boolean isPlain(List<WeightVectors> vectors) {
    return packing.repeats() == 1
        && !packing.wholeLanes()
        && vectors.stream().allMatch(v -> v.taps() == 1);
  }

  /**
   * The paper rule: how many channels get 1, 2 and 4 bits. Of all counts that promote channels only
   * ({@code n4 >= N4}, {@code n4 + n2 >= N4 + N2}, all {@code N} channels) those whose vectors take
   * the fewest bits of registers (or lanes), then those with the most bits, then those with the
   * most channels at 4 bits. With {@link PatternSet#FREE} every channel gets what it asks for.
   *
   * @param vectors what reads the channels
   * @throws SysmolException as {@link PatternSolver#solve}, or if a vector is too long
   */
  public Demand solve(Demand demand, List<WeightVectors> vectors) {
    if (packing.set().free() || demand.channels() == 0) {
      return demand;
    }
    if (isPlain(vectors)) {
      Placement placement = patterns.solve(demand);
      return new Demand(placement.n1(), placement.n2(), placement.n4());
    }
    patterns.refuseTooWide(demand);
    return new CountSearch(this, vectors).fewest(demand);
  }

  /** Slots of each precision that a vector needs, in patterns that are not repeated. */
  private Demand slots(Demand channels, int taps) {
    if ((long) taps * channels.channels() > Demand.MAX_CHANNELS) {
      throw SysmolException.badInput(
          "A vector of %d taps over %d channels is too long for registers that span taps: it has at most %d weights, so let registers keep to one tap."
              .formatted(taps, channels.channels(), Demand.MAX_CHANNELS));
    }
    return new Demand(
        Math.ceilDiv(taps * channels.n1(), packing.repeats()),
        Math.ceilDiv(taps * channels.n2(), packing.repeats()),
        Math.ceilDiv(taps * channels.n4(), packing.repeats()));
  }
}
