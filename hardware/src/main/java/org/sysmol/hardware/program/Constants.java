package org.sysmol.hardware.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Constants of programs as bytes, written one behind the other. */
final class Constants {
  private final byte[] bytes;
  private final ByteBuffer buffer;

  Constants(int size) {
    bytes = new byte[size];
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  Constants put(byte value) {
    buffer.put(value);
    return this;
  }

  Constants put(byte[] from, int offset, int length) {
    buffer.put(from, offset, length);
    return this;
  }

  Constants putShort(short value) {
    buffer.putShort(value);
    return this;
  }

  Constants putInt(int value) {
    buffer.putInt(value);
    return this;
  }

  Constants putLong(long value) {
    buffer.putLong(value);
    return this;
  }

  Constants putFloat(float value) {
    buffer.putFloat(value);
    return this;
  }

  /** All of them. */
  byte[] bytes() {
    return bytes;
  }
}
