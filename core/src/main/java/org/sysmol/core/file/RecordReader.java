package org.sysmol.core.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;

/**
 * Reads the primitive fields of docs/file-format.md §3 and refuses what is out of range, before
 * anything is allocated for it.
 */
final class RecordReader {
  private final FileKind kind;
  private final FileProblem.Rule rule;
  private final String source;
  private final String part;
  private final ByteBuffer in;

  /**
   * A reader of one part of a file.
   *
   * @param rule that a malformed field breaks
   * @param source name of the file
   * @param part name of the part, for sentences: "the header", "section bounds"
   */
  RecordReader(FileKind kind, FileProblem.Rule rule, String source, String part, ByteBuffer in) {
    this.kind = kind;
    this.rule = rule;
    this.source = source;
    this.part = part;
    this.in = in.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A refusal of what was read at this place. */
  SysmolException problem(String what) {
    return FileProblem.of(
        rule, kind, source, what + " (before byte " + in.position() + " of " + part + ")");
  }

  /** A refusal of the contents in general. */
  SysmolException content(String what) {
    return FileProblem.of(FileProblem.Rule.CONTENT, kind, source, what);
  }

  int remaining() {
    return in.remaining();
  }

  /** Refuses bytes behind the last field. */
  void end() {
    if (in.hasRemaining()) {
      throw problem("it goes on for " + counted(in.remaining()) + " after the last field");
    }
  }

  private void need(String what, long bytes) {
    if (in.remaining() < bytes) {
      throw problem(
          "the "
              + what
              + " needs "
              + counted(bytes)
              + " where "
              + counted(in.remaining())
              + " are left");
    }
  }

  private static String counted(long bytes) {
    return bytes == 1 ? "1 byte" : bytes + " bytes";
  }

  int u8(String what) {
    need(what, 1);
    return in.get() & 0xFF;
  }

  boolean flag(String what) {
    return choice(what, 2) == 1;
  }

  /** A byte below {@code choices}. */
  int choice(String what, int choices) {
    int value = u8(what);
    if (value >= choices) {
      throw problem("the " + what + " is " + value + " where 0 to " + (choices - 1) + " is known");
    }
    return value;
  }

  int u32(String what) {
    need(what, 4);
    return in.getInt();
  }

  long i64(String what) {
    need(what, 8);
    return in.getLong();
  }

  float f32(String what) {
    need(what, 4);
    return in.getFloat();
  }

  float[] f32s(String what, int count) {
    need(what, 4L * count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getFloat();
    }
    return values;
  }

  /** An unsigned integer of at most 63 bits in the fewest bytes possible. */
  long varint(String what) {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = u8(what);
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        if (next == 0 && shift > 0) {
          throw problem("the " + what + " is written in more bytes than it needs");
        }
        return value;
      }
    }
    throw problem("the " + what + " is longer than 63 bits");
  }

  /** An unsigned integer in {@code low..high}. */
  int varint(String what, int low, int high) {
    long value = varint(what);
    if (value < low || value > high) {
      throw problem(
          "the " + what + " is " + value + " where " + low + " to " + high + " is allowed");
    }
    return (int) value;
  }

  /** A number of things of which each takes at least {@code bytesEach} bytes of this part. */
  int count(String what, int high, int bytesEach) {
    int count = varint(what, 0, high);
    need(what, (long) count * bytesEach);
    return count;
  }

  int zigzag(String what) {
    long value = varint(what);
    if (value > 0xFFFFFFFFL) {
      throw problem("the " + what + " is longer than 32 bits");
    }
    return (int) (value >>> 1) ^ -(int) (value & 1);
  }

  int[] ints(String what, int maximum) {
    int[] values = new int[count(what, maximum, 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = zigzag(what);
    }
    return values;
  }

  byte[] raw(String what, long bytes) {
    need(what, bytes);
    byte[] copy = new byte[(int) bytes];
    in.get(copy);
    return copy;
  }

  String string(String what, int maximumBytes) {
    int length = varint(what + "'s length", 0, maximumBytes);
    need(what, length);
    ByteBuffer utf8 = in.slice(in.position(), length);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(utf8)
              .toString();
      in.position(in.position() + length);
      return text;
    } catch (CharacterCodingException e) {
      throw problem("the " + what + " is not valid UTF-8");
    }
  }

  String name(String what) {
    return string(what, Limits.NAME_BYTES);
  }

  /** {@code count} unsigned integers of {@code width} bits, 0 to 31. */
  int[] bits(String what, int count, int width) {
    long bytes = ((long) count * width + 7) / 8;
    need(what, bytes);
    int[] values = new int[count];
    int base = in.position();
    int at = base;
    long read = 0;
    int left = 0;
    for (int i = 0; i < count; i++) {
      for (; left < width; left += 8) {
        read = read << 8 | (in.get(at++) & 0xFF);
      }
      left -= width;
      values[i] = (int) (read >>> left);
      read &= (1L << left) - 1;
    }
    if (read != 0) {
      throw problem("the unused bits behind the " + what + " are not zero");
    }
    in.position(base + (int) bytes);
    return values;
  }

  Clamp clamp() {
    return switch (choice("activation", 3)) {
      case 0 -> Clamp.NONE;
      case 1 -> Clamp.RELU;
      default -> {
        Clamp clamp = new Clamp(f32("activation's lower bound"), f32("activation's upper bound"));
        if (clamp.isNone() || clamp.equals(Clamp.RELU)) {
          throw problem("the activation is written in more bytes than it needs");
        }
        yield clamp;
      }
    };
  }
}
