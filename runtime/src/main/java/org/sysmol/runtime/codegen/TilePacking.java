package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;

/**
 * Weights of mixed precision packed to 1, 2 or 4 bits: each row of a tile, four channels of sixteen
 * outputs, by itself. A row whose channels differ in precision stays bytes; one that no channel
 * belongs to is left out.
 *
 * <p>A row of p bits takes 8p bytes. Bits {@code p*l} to {@code p*l+p-1} of its byte {@code i} are
 * the digits u of the weight whose place in the row is {@code 8*p*l + i}.
 */
final class TilePacking {
  /** A row of zeros, which takes no place. */
  static final int ZERO = 0;

  /** A row of bytes. */
  static final int BYTES = 8;

  /** Steps from decoding weights to using them. */
  private static final int AHEAD = 3;

  private static final int ROW_BYTES = 64;

  private final TileWeights weights;
  private final int[][] bits;

  /**
   * The packing of a layer's weights.
   *
   * @param precision by channel of the layer's input
   */
  TilePacking(TileWeights weights, byte[] precision) {
    this.weights = weights;
    bits = new int[weights.runSteps()][weights.stepBytes() / 4];
    for (int s = 0; s < bits.length; s++) {
      for (int row = 0; row < bits[s].length; row++) {
        bits[s][row] = bits(s, row, precision);
      }
    }
  }

  private int bits(int s, int row, byte[] precision) {
    int only = ZERO;
    boolean same = true;
    for (int i = 0; i < 4; i++) {
      int channel = weights.channel(s, 4 * row + i);
      int p = channel < 0 ? ZERO : precision[channel];
      same &= i == 0 || p == only;
      only = p;
    }
    return same ? only : BYTES;
  }

  /** Bits of a weight in a row of a run's step, or {@link #ZERO} or {@link #BYTES}. */
  int bits(int runStep, int row) {
    return bits[runStep][row];
  }

  /** Bytes of a row. */
  int rowBytes(int runStep, int row) {
    return bits[runStep][row] * ROW_BYTES / 8;
  }

  /** Bytes of a step of a run for {@code vectors} of outputs. */
  int stepBytes(int runStep, int vectors) {
    int bytes = 0;
    for (int row = 0; row < bits[runStep].length; row++) {
      bytes += rowBytes(runStep, row);
    }
    return vectors * bytes;
  }

  /** Bytes of a run for {@code vectors} of outputs. */
  int runBytes(int vectors) {
    int bytes = 0;
    for (int s = 0; s < bits.length; s++) {
      bytes += stepBytes(s, vectors);
    }
    return bytes;
  }

  /** Bytes of a block of {@code vectors} of outputs: a multiple of 64. */
  int blockBytes(int vectors) {
    return NativeTensor.roundUp(
        weights.startBytes(vectors) + weights.runs() * runBytes(vectors), ROW_BYTES);
  }

  /** Steps of a run, at most, that weights are decoded before they are used. */
  int ahead() {
    return Math.min(AHEAD, weights.runSteps());
  }

  /**
   * Steps whose tiles lie in the scratch at once where each is used once: more than are decoded
   * ahead, so that none is overwritten that is still to be read, and the same places in every run.
   */
  int ring() {
    int steps = ahead() + 1;
    if (weights.runs() > 1) {
      while (steps < weights.runSteps() && weights.runSteps() % steps != 0) {
        steps++;
      }
    }
    return Math.min(steps, weights.runSteps());
  }

  /**
   * Bytes of scratch for decoded tiles.
   *
   * @param all whether all are kept for further blocks of pixels
   */
  int decodedBytes(int vectors, boolean all) {
    return (all ? weights.steps() + ahead() : ring()) * vectors * weights.tileBytes();
  }

  /** True if the packing saves a good part of the bytes. */
  boolean pays() {
    return 4 * blockBytes(1) <= 3 * weights.blockBytes(1);
  }

  /**
   * Packs all weights; the code decodes ahead, so a run's worth of bytes follows them.
   *
   * @param bytes the weights as {@link TileWeights} orders them
   * @param blocks whole blocks
   * @param vectors of outputs in a whole block
   * @param tail vectors in the last block, or 0
   */
  byte[] pack(byte[] bytes, int blocks, int vectors, int tail) {
    ByteBuffer to =
        ByteBuffer.allocate(
            blocks * blockBytes(vectors) + (tail > 0 ? blockBytes(tail) : 0) + runBytes(vectors));
    for (int block = 0; block < blocks + (tail > 0 ? 1 : 0); block++) {
      int mine = block < blocks ? vectors : tail;
      int from = block * weights.blockBytes(vectors);
      to.position(block * blockBytes(vectors));
      to.put(bytes, from, weights.startBytes(mine));
      from += weights.startBytes(mine);
      for (int s = 0; s < weights.steps(); s++) {
        for (int v = 0; v < mine; v++) {
          for (int row = 0; row < bits[0].length; row++) {
            pack(bytes, from, bits[s % bits.length][row], to);
            from += ROW_BYTES;
          }
        }
      }
    }
    return to.array();
  }

  private static void pack(byte[] bytes, int from, int p, ByteBuffer to) {
    if (p == BYTES) {
      to.put(bytes, from, ROW_BYTES);
      return;
    }
    for (int i = 0; i < 8 * p; i++) {
      int packed = 0;
      for (int part = 0; part < 8 / p; part++) {
        int aligned = bytes[from + 8 * p * part + i];
        packed |= digits(aligned, p) << (p * part);
      }
      to.put((byte) packed);
    }
  }

  /** The digits of an aligned weight; of outputs that there are not, any. */
  private static int digits(int aligned, int p) {
    return ((aligned >> (2 * (4 - p))) + (1 << p) - 1) >> 1;
  }

  /** The aligned weight of digits: docs/arithmetic.md §2 and §5. */
  static int aligned(int digits, int p) {
    return (2 * digits - ((1 << p) - 1)) << (2 * (4 - p));
  }
}
