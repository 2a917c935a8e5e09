package org.sysmol.runtime.engine;

import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;

/** Turns real values into the codes of one tensor: the last step of every epilogue. */
final class Encoder {
  private final int tensor;
  private final Encoding encoding;
  private final float[] inverse;

  Encoder(int index, PackedTensor tensor) {
    this.tensor = index;
    this.encoding = tensor.encoding();
    this.inverse = inverses(tensor);
  }

  /** The factor from value to code by channel position; empty for real tensors. */
  static float[] inverses(PackedTensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Mixed mixed -> {
        float[] inverse = new float[tensor.channels()];
        for (int c = 0; c < inverse.length; c++) {
          inverse[c] = Codes.inverseStep(mixed.alpha(), mixed.precision()[c]);
        }
        yield inverse;
      }
      case Encoding.Eight eight -> {
        float[] inverse = new float[tensor.channels()];
        java.util.Arrays.fill(inverse, 1f / eight.step());
        yield inverse;
      }
      case Encoding.Real _ -> new float[0];
    };
  }

  /**
   * Writes the element at {@code index} of channel position {@code channel}.
   *
   * @param t its real value
   */
  void write(Tensors tensors, int index, int channel, float t) {
    switch (encoding) {
      case Encoding.Mixed mixed -> {
        int p = mixed.precision()[channel];
        int code =
            mixed.signed()
                ? Codes.oddCode(Codes.signedDigits(t, inverse[channel], p), p)
                : Codes.unsignedCode(t, inverse[channel], p);
        tensors.codes(tensor)[index] = (byte) code;
      }
      case Encoding.Eight eight ->
          tensors.codes(tensor)[index] =
              (byte) Codes.eightBitCode(t, inverse[channel], eight.signed());
      case Encoding.Real _ -> tensors.result()[index] = t;
    }
  }
}
