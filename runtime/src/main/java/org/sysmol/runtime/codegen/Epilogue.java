package org.sysmol.runtime.codegen;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.arithmetic.Affine;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Codes;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.runtime.x86.Assembler;
import org.sysmol.runtime.x86.MaskRegister;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * From sums to stored codes, a vector of 32-bit lanes at a time: docs/arithmetic.md §6, one
 * instruction for each operation, never fused.
 *
 * <p>Parameters lie vector by vector, {@link #PARAMETERS} vectors each.
 */
final class Epilogue {
  /** Vectors of parameters for each vector of outputs. */
  static final int PARAMETERS = 6;

  /** Comparison: greater, ordered, quiet. */
  private static final int GREATER = 0x1e;

  static final int START = 0;
  static final int SCALE = 1;
  static final int OFFSET = 2;
  static final int INVERSE = 3;
  static final int LOW = 4;
  static final int HIGH = 5;

  private final Encoding encoding;
  private final NativeTensor tensor;
  private final Clamp clamp;
  private final int lanes;

  Epilogue(PackedTensor out, NativeTensor tensor, Clamp clamp, Target target) {
    this.encoding = out.encoding();
    this.tensor = tensor;
    this.clamp = clamp;
    this.lanes = target.lanes();
  }

  /** Bytes of one stored output. */
  int resultBytes() {
    return tensor.real() ? 4 : 1;
  }

  /** True if the parameters of the encoding are those of all outputs. */
  boolean uniform() {
    return encoding instanceof Encoding.Eight;
  }

  /** The parameters of a vector of outputs, in memory or in registers. */
  interface Parameters {
    Operand get(int which);
  }

  /** Sums to values before the shortcut: {@code (float) acc * S + B}. */
  static void affine(Emitter e, VectorRegister x, Memory parameters) {
    affine(e, x, in(e, parameters));
  }

  /** The same with parameters anywhere. */
  static void affine(Emitter e, VectorRegister x, Parameters parameters) {
    e.a.vmulps(x, x, parameters.get(SCALE));
    e.a.vaddps(x, x, parameters.get(OFFSET));
  }

  /** Parameters in memory. */
  static Parameters in(Emitter e, Memory parameters) {
    return which -> parameter(e, parameters, which);
  }

  static Memory parameter(Emitter e, Memory parameters, int which) {
    return parameters.plus(which * e.target.vectorBytes());
  }

  /** Codes in memory as values: {@code (float) k * step}. */
  static void stream(Emitter e, VectorRegister into, Memory codes, NativeTensor from, float step) {
    e.a.vpmovzxbd(into, codes);
    if (from.zero() != 0) {
      e.a.vpsubd(into, into, e.integers(from.zero()));
    }
    e.a.vcvtdq2ps(into, into);
    e.a.vmulps(into, into, e.floats(step));
  }

  /** Activation, encoding and the store; {@code x} and {@code scratch} are overwritten. */
  void store(Emitter e, VectorRegister x, VectorRegister scratch, Memory parameters, Memory to) {
    store(e, x, scratch, in(e, parameters), to);
  }

  /** The same with parameters anywhere. */
  void store(
      Emitter e, VectorRegister x, VectorRegister scratch, Parameters parameters, Memory to) {
    if (encoding instanceof Encoding.Real) {
      bound(e, x);
      e.a.store(to, x);
      return;
    }
    codes(e, x, parameters, false);
    storeBytes(e, x, scratch, to);
  }

  private void bound(Emitter e, VectorRegister x) {
    // The bound is the second operand: it is what a zero of the other sign becomes. A lower bound
    // of 0 before unsigned codes is left out: the codes' own bound of 0 comes to the same.
    boolean bound = clamp.low() == 0 && unsignedCodes();
    if (clamp.low() > Float.NEGATIVE_INFINITY && !bound) {
      e.a.vmaxps(x, x, e.floats(clamp.low()));
    }
    if (clamp.high() < Float.POSITIVE_INFINITY) {
      e.a.vminps(x, x, e.floats(clamp.high()));
    }
  }

  /**
   * Activation and encoding: stored bytes as 32-bit integers.
   *
   * @param packed true if {@link #pack} follows, which makes 0 of what is below 0
   */
  void codes(Emitter e, VectorRegister x, Parameters parameters, boolean packed) {
    Assembler a = e.a;
    bound(e, x);
    boolean odd = encoding instanceof Encoding.Mixed mixed && mixed.signed();
    a.vmulps(x, x, parameters.get(INVERSE));
    if (odd) {
      if (e.target.wide()) {
        a.vrndscaleps(x, x, 1);
      } else {
        a.vroundps(x, x, 1);
      }
    }
    if (!packed || !unsignedCodes()) {
      a.vmaxps(x, x, parameters.get(LOW));
    }
    a.vminps(x, x, parameters.get(HIGH));
    a.vcvtps2dq(x, x);
    if (odd) {
      a.vpaddd(x, x, x);
      a.vpaddd(x, x, e.integers(1 + tensor.zero()));
    } else if (tensor.zero() != 0) {
      a.vpaddd(x, x, e.integers(tensor.zero()));
    }
  }

  /** Loads what {@link #pack} wants in a register. */
  static void quarters(Emitter e, VectorRegister into) {
    e.a.load(
        into,
        e.target.wide()
            ? e.constants("quarters", 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
            : e.constants("quarters", 0, 4, 1, 5, 2, 6, 3, 7));
  }

  /** Four vectors of {@link #codes} as bytes, one behind the other, all of them in the first. */
  static void pack(Emitter e, VectorRegister[] four, VectorRegister quarters) {
    // Packs work on 128 bits: what they leave is one quarter of each vector after the other.
    e.a.vpackusdw(four[0], four[0], four[1]);
    e.a.vpackusdw(four[2], four[2], four[3]);
    e.a.vpackuswb(four[0], four[0], four[2]);
    e.a.vpermd(four[0], quarters, four[0]);
  }

  /** The halves of a vector of bytes to two places. */
  static void storeHalves(Emitter e, VectorRegister x, Memory low, Memory high) {
    e.a.store(low, x.as(x.bits() / 2));
    if (e.target.wide()) {
      e.a.vextracti64x4(high, x, 1);
    } else {
      e.a.vextracti128(high, x, 1);
    }
  }

  /** One-bit codes of a vector as 16 bits: 1 where the value is nearer to 1; half is even, 0. */
  void storeBits(Emitter e, VectorRegister x, Parameters parameters, Memory to) {
    if (clamp.high() < Float.POSITIVE_INFINITY) {
      e.a.vminps(x, x, e.floats(clamp.high()));
    }
    if (clamp.low() > 0) {
      e.a.vmaxps(x, x, e.floats(clamp.low()));
    }
    e.a.vmulps(x, x, parameters.get(INVERSE));
    e.a.vcmpps(MaskRegister.k(1), x, e.floats(0.5f), GREATER);
    e.a.kmovw(to.ofWord(), MaskRegister.k(1));
  }

  private boolean unsignedCodes() {
    return switch (encoding) {
      case Encoding.Mixed mixed -> !mixed.signed();
      case Encoding.Eight eight -> !eight.signed();
      case Encoding.Real _ -> false;
    };
  }

  private static void storeBytes(Emitter e, VectorRegister x, VectorRegister scratch, Memory to) {
    if (e.target.wide()) {
      e.a.vpmovdb(to, x);
      return;
    }
    // The low bytes of four lanes to the bottom of each half, then both halves side by side.
    int z = 0x80;
    e.a.vpshufb(x, x, e.shuffle("low bytes", 0, 4, 8, 12, z, z, z, z, z, z, z, z, z, z, z, z));
    e.a.vextracti128(scratch.as(128), x, 1);
    e.a.vpunpckldq(x.as(128), x.as(128), scratch.as(128));
    e.a.vmovq(to, x.as(128));
  }

  /**
   * The parameters of all channels.
   *
   * @param start by channel what sums begin with, or null for 0
   * @param affine S and B, or null for none
   */
  int[] parameters(int @Nullable [] start, @Nullable Affine affine) {
    int vectors = Math.ceilDiv(tensor.channels(), lanes);
    int[] values = new int[vectors * PARAMETERS * lanes];
    for (int c = 0; c < tensor.channels(); c++) {
      int at = c / lanes * PARAMETERS * lanes + c % lanes;
      if (start != null) {
        values[at] = start[c];
      }
      if (affine != null) {
        values[at + SCALE * lanes] = Float.floatToRawIntBits(affine.scale()[c]);
        values[at + OFFSET * lanes] = Float.floatToRawIntBits(affine.offset()[c]);
      }
      switch (encoding) {
        case Encoding.Mixed mixed -> {
          int p = mixed.precision()[c];
          int half = 1 << (p - 1);
          put(
              values,
              at,
              Codes.inverseStep(mixed.alpha(), p),
              mixed.signed() ? -half : 0,
              mixed.signed() ? half - 1 : 2 * half - 1);
        }
        case Encoding.Eight eight ->
            put(
                values,
                at,
                1f / eight.step(),
                eight.signed() ? -127 : 0,
                eight.signed() ? 127 : 255);
        case Encoding.Real _ -> {}
      }
    }
    return values;
  }

  private void put(int[] values, int at, float inverse, float low, float high) {
    values[at + INVERSE * lanes] = Float.floatToRawIntBits(inverse);
    values[at + LOW * lanes] = Float.floatToRawIntBits(low);
    values[at + HIGH * lanes] = Float.floatToRawIntBits(high);
  }
}
