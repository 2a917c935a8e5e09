package org.sysmol.runtime.x86;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The lanes of a vector that is kept as little-endian bytes. */
final class Lanes {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Lanes() {}

  /** Lane {@code index} of {@code bits} each, sign-extended. */
  static long signed(byte[] bytes, int bits, int index) {
    return switch (bits) {
      case 8 -> bytes[index];
      case 16 -> (short) SHORT.get(bytes, 2 * index);
      case 32 -> (int) INT.get(bytes, 4 * index);
      default -> (long) LONG.get(bytes, 8 * index);
    };
  }

  /** Lane {@code index} of {@code bits} each, zero-extended. */
  static long unsigned(byte[] bytes, int bits, int index) {
    long value = signed(bytes, bits, index);
    return bits == 64 ? value : value & ((1L << bits) - 1);
  }

  /** Lane {@code index} of 32 bits. */
  static int dword(byte[] bytes, int index) {
    return (int) INT.get(bytes, 4 * index);
  }

  /** Sets lane {@code index} of {@code bits} each to the low bits of {@code value}. */
  static void set(byte[] bytes, int bits, int index, long value) {
    switch (bits) {
      case 8 -> bytes[index] = (byte) value;
      case 16 -> SHORT.set(bytes, 2 * index, (short) value);
      case 32 -> INT.set(bytes, 4 * index, (int) value);
      default -> LONG.set(bytes, 8 * index, value);
    }
  }

  /** {@code value} limited to what {@code bits} hold with a sign. */
  static long saturateSigned(long value, int bits) {
    long limit = 1L << (bits - 1);
    return Math.clamp(value, -limit, limit - 1);
  }

  /** {@code value} limited to what {@code bits} hold without a sign. */
  static long saturateUnsigned(long value, int bits) {
    return Math.clamp(value, 0L, (1L << bits) - 1);
  }
}
