package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.sysmol.core.packed.Step;

/**
 * The transformed weights of a {@link WinogradConvolution}. For three neighbouring weights g at the
 * scale of four bits, so that |g| is at most 15:
 *
 * <pre>
 *   2 g0
 *   - g0 -   g1 -   g2
 *   - g0 +   g1 -   g2
 *     g0 + 2 g1 + 4 g2
 *     g0 - 2 g1 + 4 g2
 *                 8 g2
 * </pre>
 *
 * all of which are signed bytes. A block is {@code [transform]} of first what the sums begin with,
 * {@code [output]} in 32 bits, then {@code [window row][step of four channels][output]} of four
 * bytes; single bits, if any, come before all that.
 */
final class WinogradWeights {
  /** Weights that are transformed together. */
  private static final int TAPS = 3;

  private final Step.Convolution step;
  private final NativeTensor in;
  private final Target target;

  WinogradWeights(Step.Convolution step, NativeTensor in, Target target) {
    this.step = step;
    this.in = in;
    this.target = target;
  }

  int kernelHeight() {
    return step.window().kernelHeight();
  }

  /** Steps of four channels in a window row. */
  int steps() {
    return Math.ceilDiv(in.byteChannels(), DotWeights.STEP);
  }

  /** Bytes of a block's weights that are single bits. */
  int bitBytes(int vectors) {
    return step.window().taps() * in.words() * vectors * target.vectorBytes();
  }

  private int transformBytes(int vectors) {
    return (1 + kernelHeight() * steps()) * vectors * target.vectorBytes();
  }

  /** Bytes of a block of {@code vectors} of outputs. */
  int bytes(int vectors) {
    return bitBytes(vectors) + WinogradPlan.CELLS * transformBytes(vectors);
  }

  /**
   * Writes the weights of one output.
   *
   * @param at where its block begins
   * @param vectors of the block
   * @param o the output
   * @param inBlock its number in the block
   * @param aligned as {@link org.sysmol.core.packed.PackedWeights#aligned}
   */
  void put(ByteBuffer to, int at, int vectors, int o, int inBlock, int[] aligned) {
    int row = vectors * target.vectorBytes();
    int transform = transformBytes(vectors);
    int begin = at + bitBytes(vectors) + 4 * inBlock;
    int[] four = new int[WinogradPlan.CELLS];
    int[] sums = new int[WinogradPlan.CELLS];
    for (int ky = 0; ky < kernelHeight(); ky++) {
      int from = (o * step.weights().taps() + ky * TAPS) * in.channels();
      for (int s = 0; s < steps(); s++) {
        int first = s * DotWeights.STEP;
        int last = Math.min(first + DotWeights.STEP, in.byteChannels());
        Arrays.fill(four, 0);
        // Downwards, so that the first channel is the lowest byte.
        for (int c = last - 1; c >= first; c--) {
          add(aligned, from + c, four, sums, c);
        }
        int place = begin + (1 + ky * steps() + s) * row;
        for (int i = 0; i < four.length; i++) {
          to.putInt(place + i * transform, four[i]);
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      to.putInt(begin + i * transform, -WinogradInput.OFFSET * sums[i]);
    }
  }

  /**
   * Transforms the three weights of a channel: to the lowest bytes of {@code four}, and to sums.
   */
  private void add(int[] aligned, int from, int[] four, int[] sums, int channel) {
    int shift = 4 - step.weights().precision()[channel];
    int g0 = aligned[from] >> shift;
    int g1 = aligned[from + in.channels()] >> shift;
    int g2 = aligned[from + 2 * in.channels()] >> shift;
    put(0, 2 * g0, four, sums);
    put(1, -g0 - g1 - g2, four, sums);
    put(2, -g0 + g1 - g2, four, sums);
    put(3, g0 + 2 * g1 + 4 * g2, four, sums);
    put(4, g0 - 2 * g1 + 4 * g2, four, sums);
    put(5, 8 * g2, four, sums);
  }

  private static void put(int transform, int weight, int[] four, int[] sums) {
    four[transform] = four[transform] << 8 | (weight & 0xFF);
    sums[transform] += weight;
  }
}
