package org.sysmol.runtime.codegen;

import org.sysmol.core.arithmetic.Clamp;

/**
 * All that a convolution's machine code depends on; weights and scales are data beside it.
 *
 * @param operands how the padded input is stored
 * @param chunkOffset bytes from an output's first input byte to each run of contiguous inputs
 * @param chunkSteps steps of each run: 4 bytes or 2 words of a dense layer, one tap of a depthwise
 *     one
 * @param pixelPitch bytes between the inputs of neighbouring outputs of a row
 * @param rowPitch bytes between the inputs of neighbouring rows of outputs
 * @param outputs output channels
 * @param outputHeight rows of outputs
 * @param outputWidth columns of outputs
 * @param result how outputs are stored
 * @param shortcut how the added stream is stored
 * @param shortcutStep value of one unit of it
 * @param clamp activation
 */
record ConvolutionShape(
    Operands operands,
    int[] chunkOffset,
    int[] chunkSteps,
    int pixelPitch,
    int rowPitch,
    int outputs,
    int outputHeight,
    int outputWidth,
    Result result,
    Shortcut shortcut,
    float shortcutStep,
    Clamp clamp) {
  /** How the padded input is stored and multiplied. */
  enum Operands {
    /** Unsigned bytes with byte weights, four channels a step; products of pairs fit 16 bits. */
    PAIRED_BYTES,
    /** Unsigned bytes with byte weights, four channels a step, by {@code vpdpbusd} only. */
    BYTES,
    /** Signed words with word weights, two channels a step. */
    WORDS,
    /** Depthwise: unsigned bytes, one channel a lane. */
    DEPTHWISE_UNSIGNED,
    /** Depthwise: signed bytes, one channel a lane. */
    DEPTHWISE_SIGNED;

    boolean depthwise() {
      return this == DEPTHWISE_UNSIGNED || this == DEPTHWISE_SIGNED;
    }
  }

  /** How an output is stored. */
  enum Result {
    /** A byte by rounding: unsigned codes and eight-bit codes. */
    ROUNDED,
    /** A byte with the odd code of a signed activation. */
    ODD,
    /** A binary32 value. */
    REAL;

    int bytes() {
      return this == REAL ? 4 : 1;
    }
  }

  /** The added stream. */
  enum Shortcut {
    /** None. */
    NONE,
    /** Codes 0..255. */
    UNSIGNED,
    /** Codes -127..127. */
    SIGNED
  }
}
