package org.sysmol.core.file;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;

/** Writes the primitive fields of docs/file-format.md §3; {@link RecordReader} is its twin. */
final class RecordWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  void u8(int value) {
    out.write(value);
  }

  void flag(boolean value) {
    out.write(value ? 1 : 0);
  }

  void u32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >>> shift);
    }
  }

  void i64(long value) {
    u32((int) value);
    u32((int) (value >>> 32));
  }

  void f32(float value) {
    u32(Float.floatToRawIntBits(value));
  }

  void f32s(float[] values) {
    for (float value : values) {
      f32(value);
    }
  }

  /** An unsigned integer, seven bits a byte, lowest first; the fewest bytes possible. */
  void varint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("negative: " + value);
    }
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** A signed integer as a varint, its sign in the lowest bit. */
  void zigzag(int value) {
    varint(((value << 1) ^ (value >> 31)) & 0xFFFFFFFFL);
  }

  void ints(int[] values) {
    varint(values.length);
    for (int value : values) {
      zigzag(value);
    }
  }

  void raw(byte[] bytes) {
    out.writeBytes(bytes);
  }

  /**
   * A string as its length in bytes and its UTF-8.
   *
   * @param what it is, for the sentence of a refusal
   */
  void string(String what, String value, int maximumBytes) {
    ByteBuffer utf8;
    try {
      utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException e) {
      throw SysmolException.badInput(
          "The " + what + " is no valid Unicode text, so it can't be written; rename it.", e);
    }
    if (utf8.remaining() > maximumBytes) {
      throw SysmolException.badInput(
          "The "
              + what
              + " is "
              + utf8.remaining()
              + " bytes long, but a file holds at most "
              + maximumBytes
              + "; shorten it.");
    }
    varint(utf8.remaining());
    out.write(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
  }

  void name(String what, String value) {
    string(what, value, Limits.NAME_BYTES);
  }

  /** Unsigned integers of {@code width} bits each, most significant bit first, zeros at the end. */
  void bits(int[] values, int width) {
    int pending = 0;
    int held = 0;
    for (int value : values) {
      for (int k = width - 1; k >= 0; k--) {
        pending = pending << 1 | ((value >>> k) & 1);
        if (++held == 8) {
          out.write(pending);
          pending = 0;
          held = 0;
        }
      }
    }
    if (held > 0) {
      out.write(pending << (8 - held));
    }
  }

  void clamp(Clamp clamp) {
    if (clamp.equals(Clamp.NONE)) {
      u8(0);
    } else if (clamp.equals(Clamp.RELU)) {
      u8(1);
    } else {
      u8(2);
      f32(clamp.low());
      f32(clamp.high());
    }
  }
}
