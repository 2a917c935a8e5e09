package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * From sums to codes, four channels in the words of a register, in the order of docs/arithmetic.md
 * §6. What is multiplied, added and compared with stands in memory as one block of vectors for each
 * four channels; the program loads a block's vectors when it needs them.
 */
final class Codec {
  private final @Nullable Affine affine;
  private final PackedTensor output;
  private final boolean limited;
  private final List<IntFunction<int[]>> vectors = new ArrayList<>();
  private final int scale;
  private final int offset;
  private final int low;
  private final int high;
  private final int inverse;
  private final int least;
  private final int most;
  private final int half;
  private final int mask;

  /**
   * The codec of an output.
   *
   * @param affine scale and offset by channel, or null for none
   * @param clamp activation
   * @param output tensor written
   * @param limited whether codes must be within their precision; packing does that otherwise
   * @param digits whether signed mixed codes are written as digits rather than odd codes
   */
  Codec(
      @Nullable Affine affine, Clamp clamp, PackedTensor output, boolean limited, boolean digits) {
    this.affine = affine;
    this.output = output;
    Encoding encoding = output.encoding();
    boolean unsigned =
        (encoding instanceof Encoding.Mixed m && !m.signed())
            || (encoding instanceof Encoding.Eight e && !e.signed());
    boolean odd = encoding instanceof Encoding.Mixed m && m.signed();
    this.limited = limited && encoding instanceof Encoding.Mixed;
    scale = affine == null ? -1 : floats(c -> affine.scale()[c]);
    offset = affine == null ? -1 : floats(c -> affine.offset()[c]);
    // Codes of 0 are all that an unsigned encoding makes of what is below 0.
    low =
        clamp.low() == Float.NEGATIVE_INFINITY || (clamp.low() == 0f && unsigned)
            ? -1
            : floats(c -> clamp.low());
    high = clamp.high() == Float.POSITIVE_INFINITY ? -1 : floats(c -> clamp.high());
    inverse = encoding instanceof Encoding.Real ? -1 : floats(this::inverse);
    least = odd ? bytes(c -> -half(c)) : signedEight() ? bytes(c -> -127) : -1;
    most = odd ? bytes(c -> half(c) - 1) : this.limited ? bytes(c -> (1 << precision(c)) - 1) : -1;
    half = odd ? bytes(this::half) : -1;
    mask = odd && !digits ? bytes(c -> 1 - (1 << precision(c))) : -1;
  }

  /** The digits that a number of a channel gets, one operation after the other. */
  static int digits(
      @Nullable Affine affine, Clamp clamp, Encoding.Mixed mixed, int channel, float number) {
    float t = number;
    if (affine != null) {
      t = t * affine.scale()[channel];
      t = t + affine.offset()[channel];
    }
    t = clamp.apply(t);
    int precision = mixed.precision()[channel];
    float inverse = Codes.inverseStep(mixed.alpha(), precision);
    return mixed.signed()
        ? Codes.signedDigits(t, inverse, precision)
        : Codes.unsignedCode(t, inverse, precision);
  }

  private boolean signedEight() {
    return output.encoding() instanceof Encoding.Eight e && e.signed();
  }

  private int precision(int channel) {
    return ((Encoding.Mixed) output.encoding()).precision()[channel];
  }

  private int half(int channel) {
    return 1 << (precision(channel) - 1);
  }

  private float inverse(int channel) {
    return switch (output.encoding()) {
      case Encoding.Mixed mixed -> Codes.inverseStep(mixed.alpha(), mixed.precision()[channel]);
      case Encoding.Eight eight -> 1f / eight.step();
      case Encoding.Real _ -> 1f;
    };
  }

  private interface OfChannel {
    float of(int channel);
  }

  private int floats(OfChannel value) {
    return add(
        first -> {
          int[] words = new int[4];
          for (int k = 0; k < 4; k++) {
            words[k] = Float.floatToRawIntBits(value.of(channel(first, k)));
          }
          return words;
        });
  }

  private interface ByteOfChannel {
    int of(int channel);
  }

  private int bytes(ByteOfChannel value) {
    return add(
        first -> {
          int word = 0;
          for (int k = 0; k < 4; k++) {
            word |= (value.of(channel(first, k)) & 0xFF) << (8 * k);
          }
          return new int[] {word, 0, 0, 0};
        });
  }

  private int channel(int first, int k) {
    return Math.min(first + k, output.channels() - 1);
  }

  private int add(IntFunction<int[]> vector) {
    vectors.add(vector);
    return vectors.size() - 1;
  }

  /** Bytes of one block of constants, of four channels. */
  int blockBytes() {
    return 16 * Math.max(1, vectors.size());
  }

  /** Puts the blocks of these groups of four channels into memory, one behind the other. */
  int constants(Memory memory, int[] firstChannels) {
    return constants(memory, firstChannels, 1);
  }

  /** The same; vector by vector those of the groups that share a register of so many segments. */
  int constants(Memory memory, int[] firstChannels, int segments) {
    Constants buffer = Memory.buffer(firstChannels.length * blockBytes());
    for (int from = 0; from < firstChannels.length; from += segments) {
      // Where nothing is needed a block has room for a vector all the same.
      Constants block = Memory.buffer(segments * blockBytes());
      for (IntFunction<int[]> vector : vectors) {
        for (int s = 0; s < segments; s++) {
          for (int word : vector.apply(firstChannels[from + s])) {
            block.putInt(word);
          }
        }
      }
      buffer.put(block.bytes(), 0, segments * blockBytes());
    }
    return memory.constant(buffer.bytes());
  }

  /** A second operand that is added: a stream's codes. */
  record Residual(Stream stream, int pointer, int pixelBytes) {}

  /** How a stream's four codes become numbers. */
  record Stream(float step, boolean signed) {
    static Stream of(PackedTensor tensor) {
      Encoding.Eight eight = (Encoding.Eight) tensor.encoding();
      return new Stream(eight.step(), eight.signed());
    }

    /** Four codes at an address become four binary32 in a register. */
    void load(Program.Builder code, int register, int pointer, int bytes) {
      code.immediate(Opcode.LDR_S, register, pointer, bytes);
      code.op(signed ? Opcode.SXTL_8H : Opcode.UXTL_8H, register, register, 0);
      code.op(signed ? Opcode.SXTL_4S : Opcode.UXTL_4S, register, register, 0);
      code.op(Opcode.SCVTF_4S, register, register, 0);
    }
  }

  /**
   * Code from numbers to stored codes.
   *
   * @param code where it goes
   * @param t registers with binary32, changed; one for each of some pixels
   * @param free registers that may be changed: at least two, better one for each pixel
   * @param constants general register with the address of the block
   * @param blockOffset bytes from there
   * @param residual what is added, or null
   * @param residualUnit general register with the address of the residual's step, four times
   * @param to general register with the address of the first pixel's four channels
   * @param toOffset bytes from there
   * @param pixelBytes from one pixel to the next
   */
  void emit(
      Program.Builder code,
      int[] t,
      int[] free,
      int constants,
      int blockOffset,
      @Nullable Residual residual,
      int residualUnit,
      int to,
      int toOffset,
      int pixelBytes) {
    Block block = new Block(code, constants, blockOffset, free[0]);
    if (affine != null) {
      block.each(Opcode.FMUL_4S, t, scale);
      block.each(Opcode.FADD_4S, t, offset);
    }
    if (residual != null) {
      code.repeated(free[0], residualUnit, 0);
      int rooms = free.length - 1;
      for (int from = 0; from < t.length; from += rooms) {
        int n = Math.min(rooms, t.length - from);
        for (int i = 0; i < n; i++) {
          residual.stream()
              .load(
                  code,
                  free[1 + i],
                  residual.pointer(),
                  toOffset + (from + i) * residual.pixelBytes());
        }
        for (int i = 0; i < n; i++) {
          code.op(Opcode.FMUL_4S, free[1 + i], free[1 + i], free[0]);
        }
        for (int i = 0; i < n; i++) {
          code.op(Opcode.FADD_4S, t[from + i], t[from + i], free[1 + i]);
        }
      }
    }
    block.each(Opcode.FMAX_4S, t, low);
    block.each(Opcode.FMIN_4S, t, high);
    if (output.encoding() instanceof Encoding.Real) {
      for (int i = 0; i < t.length; i++) {
        code.immediate(Opcode.STR_Q, t[i], to, 4 * toOffset + i * pixelBytes);
      }
      return;
    }
    block.each(Opcode.FMUL_4S, t, inverse);
    boolean unsigned = least < 0;
    Opcode convert = unsigned ? Opcode.FCVTNU_4S : half >= 0 ? Opcode.FCVTMS_4S : Opcode.FCVTNS_4S;
    each(code, convert, t);
    each(code, unsigned ? Opcode.UQXTN_4H : Opcode.SQXTN_4H, t);
    each(code, unsigned ? Opcode.UQXTN_8B : Opcode.SQXTN_8B, t);
    if (!unsigned) {
      block.each(Opcode.SMAX_16B, t, least);
      block.each(Opcode.SMIN_16B, t, most);
      block.each(Opcode.ADD_16B, t, half);
      if (mask >= 0) {
        // Odd codes: twice the digits, less what all ones are worth.
        for (int v : t) {
          code.op(Opcode.ADD_16B, v, v, v);
        }
        block.each(Opcode.ADD_16B, t, mask);
      }
    } else {
      block.each(Opcode.UMIN_16B, t, most);
    }
    for (int i = 0; i < t.length; i++) {
      code.immediate(Opcode.STR_S, t[i], to, toOffset + i * pixelBytes);
    }
  }

  private static void each(Program.Builder code, Opcode opcode, int[] t) {
    for (int v : t) {
      code.op(opcode, v, v, 0);
    }
  }

  /** Loads a vector of the block and applies it to all pixels. */
  private record Block(Program.Builder code, int pointer, int offset, int register) {
    void each(Opcode opcode, int[] t, int vector) {
      if (vector < 0) {
        return;
      }
      code.immediate(Opcode.LDR_Q, register, pointer, offset + code.vectorBytes() * vector);
      for (int v : t) {
        code.op(opcode, v, v, register);
      }
    }
  }
}
