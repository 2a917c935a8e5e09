package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.Step;
import org.sysmol.core.plan.Window;

/**
 * What calls of a layer's programs have in common, whatever multiplies.
 *
 * @param segments of 128 bits of the architecture's registers
 */
record LayerCalls(TensorMemory tensors, Memory memory, int segments) {
  /** How its sums become codes. */
  SumCodec codec(Step.Convolution step) {
    return new SumCodec(
        step.affine(),
        step.clamp(),
        tensors.tensor(step.output()),
        tensors.plainIsRead(step.output()),
        residual(step));
  }

  private Codec.@Nullable Residual residual(Step.Convolution step) {
    return step.residual() < 0
        ? null
        : new Codec.Residual(
            Codec.Stream.of(tensors.tensor(step.residual())),
            4,
            tensors.plain(step.residual()).pixelBytes());
  }

  /** Address of a vector of the residual's step, or 0. */
  int unit(Step.Convolution step) {
    if (step.residual() < 0) {
      return 0;
    }
    return Vectors.floats(memory, tensors.tensor(step.residual()).step());
  }

  /**
   * Arguments of a call: x0 to x5.
   *
   * @param y output row
   * @param channel first output channel
   */
  long[] arguments(
      Step.Convolution step, int unit, int in, int weights, int constants, int y, int channel) {
    Area out = tensors.plain(step.output());
    int cell = tensors.tensor(step.output()).encoding() instanceof Encoding.Real ? 4 : 1;
    long residual =
        step.residual() < 0 ? 0 : tensors.plain(step.residual()).at(y, 0) + (long) channel;
    return new long[] {
      in, weights, constants, out.at(y, 0) + (long) cell * channel, residual, unit
    };
  }

  /** Bytes to each of some cells or rows. */
  static int[] offsets(int count, int distance) {
    int[] offsets = new int[count];
    Arrays.setAll(offsets, k -> k * distance);
    return offsets;
  }

  /** No calls for any output row. */
  static List<List<Call>> emptyRows(Window w) {
    List<List<Call>> rows = new ArrayList<>();
    for (int y = 0; y < w.outputHeight(); y++) {
      rows.add(new ArrayList<>());
    }
    return rows;
  }
}
