package org.sysmol.data;

/**
 * Random numbers that are the same on every JDK: SplitMix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014), started from a row of keys.
 */
final class SeededNumbers {
  private static final long STEP = 0x9E3779B97F4A7C15L;
  private long state;

  private SeededNumbers(long state) {
    this.state = state;
  }

  /** Numbers that depend on every key and on their order. */
  static SeededNumbers of(long... keys) {
    long state = 0;
    for (long key : keys) {
      state = mix(state ^ mix(key + STEP));
    }
    return new SeededNumbers(state);
  }

  /** The next number, 0 to {@code bound - 1}, each as likely up to a factor of 1 + bound / 2^64. */
  int below(int bound) {
    state += STEP;
    return (int) Math.unsignedMultiplyHigh(mix(state), bound);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
