package org.sysmol.core.file;

import org.jspecify.annotations.Nullable;

/** Type of a section's elements; all are stored little-endian. */
public enum DataType {
  /** Unsigned bytes. */
  U8(0, "u8", 1),
  /** Signed bytes. */
  I8(1, "i8", 1),
  /** 32-bit integers, two's complement. */
  I32(2, "i32", 4),
  /** 64-bit integers, two's complement. */
  I64(3, "i64", 8),
  /** IEEE 754 binary32. */
  F32(4, "f32", 4),
  /** IEEE 754 binary64. */
  F64(5, "f64", 8);

  private final int number;
  private final String word;
  private final int bytes;

  DataType(int number, String word, int bytes) {
    this.number = number;
    this.word = word;
    this.bytes = bytes;
  }

  /** Its name in messages and listings. */
  public String word() {
    return word;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Its number in a file. */
  int number() {
    return number;
  }

  /** The type with that number in a file, or null. */
  static @Nullable DataType numbered(int number) {
    for (DataType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return null;
  }
}
