package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
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
  private static final int[][] TRANSFORMS = {
    {2, 0, 0}, {-1, -1, -1}, {-1, 1, -1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 8}
  };

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
    byte[] precision = step.weights().precision();
    int row = vectors * target.vectorBytes();
    for (int transform = 0; transform < TRANSFORMS.length; transform++) {
      int[] factors = TRANSFORMS[transform];
      int begin = at + bitBytes(vectors) + transform * transformBytes(vectors) + 4 * inBlock;
      int sum = 0;
      for (int ky = 0; ky < kernelHeight(); ky++) {
        for (int c = 0; c < in.byteChannels(); c++) {
          int weight = 0;
          for (int kx = 0; kx < factors.length; kx++) {
            int tap = ky * factors.length + kx;
            int g = aligned[(o * step.weights().taps() + tap) * in.channels() + c];
            weight += factors[kx] * (g >> (4 - precision[c]));
          }
          sum += weight;
          int s = ky * steps() + c / DotWeights.STEP;
          to.put(begin + (1 + s) * row + c % DotWeights.STEP, (byte) weight);
        }
      }
      to.putInt(begin, -WinogradInput.OFFSET * sum);
    }
  }
}
