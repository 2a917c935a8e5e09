package org.sysmol.runtime.codegen;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a step's code reads beside tensors, in the order in which it reads it.
 *
 * @param weights of a convolution, rearranged; empty for other steps
 * @param parameters of the epilogue, and tables
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
record LayerData(byte[] weights, byte[] parameters) {
  static final LayerData NONE = new LayerData(new byte[0], new byte[0]);

  /** Parameters alone. */
  static LayerData of(byte[] parameters) {
    return new LayerData(NONE.weights, parameters);
  }

  /** Little-endian 32-bit values as bytes. */
  static byte[] bytes(int[] values) {
    ByteBuffer to = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    to.asIntBuffer().put(values);
    return to.array();
  }
}
