package org.sysmol.runtime.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;

/**
 * The buffers of one context.
 *
 * <p>A coded tensor is {@code [height, width, channels]} bytes, each the integer that enters a
 * product: the code {@code u} of unsigned tensors (0..255 as an unsigned byte), the odd code {@code
 * c} of signed mixed ones, {@code k} in -127..127 of signed eight-bit ones.
 */
public final class Tensors {
  private final byte[][] codes;
  private float[] image = {};
  private final float[] result;
  private MemorySegment scratch = MemorySegment.NULL;

  /** Buffers for a network. */
  public Tensors(PackedNetwork network) {
    codes = new byte[network.tensors().size()][];
    for (int i = 0; i < codes.length; i++) {
      PackedTensor tensor = network.tensors().get(i);
      codes[i] = tensor.encoding() instanceof Encoding.Real ? new byte[0] : new byte[tensor.size()];
    }
    result = new float[network.result().size()];
  }

  /** The bytes of a coded tensor. */
  public byte[] codes(int tensor) {
    return codes[tensor];
  }

  /** The normalised image of the current run, {@code [channels, height, width]}. */
  public float[] image() {
    return image;
  }

  /**
   * The results of the current run, {@code [height, width, channels]} in the order of the tensor.
   */
  public float[] result() {
    return result;
  }

  /**
   * Native memory of this context for a kernel's own use, aligned to 64 bytes; its content does not
   * outlive the kernel's run.
   */
  public MemorySegment scratch(long bytes) {
    if (scratch.byteSize() < bytes) {
      // Reclaimed by the garbage collector together with the context.
      scratch = Arena.ofAuto().allocate(bytes, 64);
    }
    return scratch;
  }

  /** Sets the image of the next run; it is not copied. */
  void image(float[] next) {
    image = next;
  }
}
