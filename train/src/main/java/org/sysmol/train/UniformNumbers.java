package org.sysmol.train;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.SysmolException;

/**
 * Uniform numbers in [-1, 1): the bits that libtorch's own {@code uniform_(-1, 1)} gives after
 * {@code manual_seed}, made in whole runs of words, where it draws one number after the other
 * (docs/results.md, "What training costs").
 *
 * <p>The generator is the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998): 624 words of
 * state, which are renewed together. A number is the lower 24 bits of a word, so that it and all
 * steps to it are exact in binary32. (On a GPU its own generator takes the place of all this.)
 */
final class UniformNumbers {
  private static final int WORDS = 624;
  private static final int AHEAD = 397;

  private int[] state = new int[WORDS];
  private int[] other = new int[WORDS];
  private final float[] numbers = new float[WORDS];

  /** Numbers that were handed out. */
  private int used = WORDS;

  /**
   * Starts the numbers of a seed, of which 32 bits count, and libtorch's own generators, from which
   * the numbers on a GPU come.
   */
  void seed(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < WORDS; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    used = WORDS;
    torch.manual_seed(seed);
  }

  /** Where the numbers on a CPU are, for {@link #restore}. */
  long[] state() {
    long[] words = new long[WORDS + 1];
    for (int i = 0; i < WORDS; i++) {
      words[i] = state[i];
    }
    words[WORDS] = used;
    return words;
  }

  /** Goes on from a {@link #state}. */
  void restore(long[] words) {
    if (words.length != WORDS + 1 || words[WORDS] < 0 || words[WORDS] > WORDS) {
      throw SysmolException.badInput(
          "The checkpoint's state of the noise is damaged; delete the checkpoint to start anew.");
    }
    for (int i = 0; i < WORDS; i++) {
      state[i] = (int) words[i];
    }
    used = (int) words[WORDS];
    temper();
  }

  /**
   * A tensor of such numbers, of the size, layout and device of another. On a GPU they are those of
   * its own generator, started by the same seed: made here, they would take longer than a step.
   */
  Tensor like(Tensor tensor) {
    Tensor result = torch.empty_like(tensor);
    if (!result.device().is_cpu()) {
      return result.uniform_(-1, 1, new GeneratorOptional());
    }
    long count = result.numel();
    FloatPointer to = result.data_ptr_float();
    for (long at = 0; at < count; ) {
      if (used == WORDS) {
        renew();
        used = 0;
      }
      int now = (int) Math.min(WORDS - used, count - at);
      to.position(at).put(numbers, used, now);
      used += now;
      at += now;
    }
    return result;
  }

  private void renew() {
    // What a loop reads was all there before it started, so that it is done in vectors.
    int[] old = state;
    int[] next = other;
    twist(old, next, 0, WORDS - AHEAD, old, AHEAD);
    twist(old, next, WORDS - AHEAD, 2 * (WORDS - AHEAD), next, AHEAD - WORDS);
    twist(old, next, 2 * (WORDS - AHEAD), WORDS - 1, next, AHEAD - WORDS);
    int last = WORDS - 1;
    next[last] = next[AHEAD - 1] ^ twisted(old[last], next[0]);
    state = next;
    other = old;
    temper();
  }

  /** The numbers of the state. */
  private void temper() {
    for (int i = 0; i < WORDS; i++) {
      int y = state[i];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      y ^= y >>> 18;
      numbers[i] = (y & 0xffffff) * 0x1p-23f - 1f;
    }
  }

  private static void twist(int[] old, int[] next, int from, int to, int[] far, int distance) {
    for (int i = from; i < to; i++) {
      next[i] = far[i + distance] ^ twisted(old[i], old[i + 1]);
    }
  }

  private static int twisted(int upper, int lower) {
    int mixed = (upper & 0x80000000) | (lower & 0x7fffffff);
    return (mixed >>> 1) ^ (-(lower & 1) & 0x9908b0df);
  }
}
