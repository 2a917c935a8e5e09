package org.sysmol.runtime.codegen;

/**
 * What one thread does of a step. Offsets are in bytes from the start of each buffer.
 *
 * @param blocks whole blocks of output channels; 1 where channels are not divided
 * @param tails blocks of another kind behind them: the narrower last one, or those of single bits
 * @param rows rows of outputs
 * @param input of the first row
 * @param output of the first row and block
 * @param second of the first row and block of the added tensor
 * @param weights of the first block
 * @param parameters of the first block
 * @param inputBits of the first row in the input's second plane
 * @param outputBits of the first row and block in the output's second plane
 */
record Part(
    long blocks,
    long tails,
    long rows,
    long input,
    long output,
    long second,
    long weights,
    long parameters,
    long inputBits,
    long outputBits) {
  /** Names of the numbers and their places in the table, in bytes. */
  enum Entry {
    BLOCKS(0),
    TAILS(8),
    ROWS(16),
    INPUT(24),
    OUTPUT(32),
    SECOND(40),
    WEIGHTS(48),
    PARAMETERS(56),
    INPUT_BITS(64),
    OUTPUT_BITS(72);

    final int offset;

    Entry(int offset) {
      this.offset = offset;
    }
  }

  /** One of the numbers. */
  long entry(Entry entry) {
    return switch (entry) {
      case BLOCKS -> blocks;
      case TAILS -> tails;
      case ROWS -> rows;
      case INPUT -> input;
      case OUTPUT -> output;
      case SECOND -> second;
      case WEIGHTS -> weights;
      case PARAMETERS -> parameters;
      case INPUT_BITS -> inputBits;
      case OUTPUT_BITS -> outputBits;
    };
  }

  /** The rows or blocks {@code [begin, end)} of one part of {@code count}. */
  record Share(int begin, int end) {
    static Share of(int count, int part, int parts) {
      return new Share(
          (int) ((long) count * part / parts), (int) ((long) count * (part + 1) / parts));
    }

    int size() {
      return end - begin;
    }
  }

  /**
   * A step shared by rows or by blocks of outputs, whichever leaves the largest share smallest.
   *
   * @param rows of a part
   * @param blocks of a part
   */
  record Split(Share rows, Share blocks) {
    static Split of(int rows, int blocks, int part, int parts) {
      if (byRows(rows, blocks, parts)) {
        return new Split(Share.of(rows, part, parts), new Share(0, blocks));
      }
      return new Split(new Share(0, rows), Share.of(blocks, part, parts));
    }

    /** Whether parts are rows of all blocks, not blocks of all rows. */
    static boolean byRows(int rows, int blocks, int parts) {
      return worst(rows, parts) <= worst(blocks, parts);
    }

    /** The largest share, as a fraction of the whole. */
    private static double worst(int count, int parts) {
      return (double) Math.ceilDiv(count, parts) / count;
    }

    /** True if there is nothing to do. */
    boolean idle() {
      return rows.size() == 0;
    }
  }
}
