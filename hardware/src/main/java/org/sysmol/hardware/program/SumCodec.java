package org.sysmol.hardware.program;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * From a layer's integer sums to codes: by comparisons ({@link SumThresholds}) where they serve,
 * else in binary32 ({@link Codec}). The codes are the same.
 */
final class SumCodec {
  private final Codec codec;
  private final Codec.@Nullable Residual residual;
  private final @Nullable SumThresholds thresholds;

  /**
   * The codec of a layer.
   *
   * @param affine scale and offset by channel
   * @param clamp activation
   * @param output tensor written
   * @param bytesAreRead whether the output's bytes are read by more than packing
   * @param residual what is added, or null
   */
  SumCodec(
      Affine affine,
      Clamp clamp,
      PackedTensor output,
      boolean bytesAreRead,
      Codec.@Nullable Residual residual) {
    codec = new Codec(affine, clamp, output, bytesAreRead, !bytesAreRead);
    this.residual = residual;
    // A residual moves the thresholds from pixel to pixel; odd codes are not counted in ones.
    thresholds =
        residual == null
                && output.encoding() instanceof Encoding.Mixed mixed
                && !(mixed.signed() && bytesAreRead)
            ? SumThresholds.of(
                output.channels(), (c, sum) -> Codec.digits(affine, clamp, mixed, c, (float) sum))
            : null;
  }

  /** Bytes of one block of constants, of four channels. */
  int blockBytes() {
    return thresholds == null ? codec.blockBytes() : thresholds.blockBytes();
  }

  /**
   * Puts the blocks of these groups of four channels into memory, one behind the other; vector by
   * vector those of the groups that share a register of so many segments.
   */
  int constants(Memory memory, int[] firstChannels, int segments) {
    return thresholds == null
        ? codec.constants(memory, firstChannels, segments)
        : thresholds.constants(memory, firstChannels, segments);
  }

  /** Bytes from one pixel to the next of what is added, 0 where nothing is. */
  int residualBytes() {
    return residual == null ? 0 : residual.pixelBytes();
  }

  /**
   * Code from sums to codes: x2 holds the address of the blocks, x3 that of the first pixel's
   * channels, x5 that of the residual's step.
   *
   * @param sums registers with words, changed; one for each of some pixels
   * @param free registers that may be changed: at least three, better one more than pixels
   * @param block which register's blocks of constants
   * @param toOffset bytes from x3
   * @param pixelBytes from one pixel to the next
   */
  void emit(Program.Builder code, int[] sums, int[] free, int block, int toOffset, int pixelBytes) {
    int blockOffset = block * blockBytes() * code.vectorBytes() / 16;
    if (thresholds != null) {
      thresholds.emit(code, sums, free, 2, blockOffset, 3, toOffset, pixelBytes);
      return;
    }
    for (int sum : sums) {
      code.op(Opcode.SCVTF_4S, sum, sum, 0);
    }
    codec.emit(code, sums, free, 2, blockOffset, residual, 5, 3, toOffset, pixelBytes);
  }
}
