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

  /** The parameters of a vector of outputs, in memory or in registers. */
  interface Parameters {
    Operand get(int which);
  }

  /** Sums to values before the shortcut: {@code (float) acc * S + B}. */
  static void affine(Emitter e, VectorRegister x, Memory parameters) {
    affine(e, x, which -> parameter(e, parameters, which));
  }

  /** The same with parameters anywhere. */
  static void affine(Emitter e, VectorRegister x, Parameters parameters) {
    e.a.vmulps(x, x, parameters.get(SCALE));
    e.a.vaddps(x, x, parameters.get(OFFSET));
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
    store(e, x, scratch, which -> parameter(e, parameters, which), to);
  }

  /** The same with parameters anywhere. */
  void store(
      Emitter e, VectorRegister x, VectorRegister scratch, Parameters parameters, Memory to) {
    Assembler a = e.a;
    // The bound is the second operand: it is what a zero of the other sign becomes. A lower bound
    // of 0 before unsigned codes is left out: the codes' own bound of 0 comes to the same.
    boolean bound = clamp.low() == 0 && unsignedCodes();
    if (clamp.low() > Float.NEGATIVE_INFINITY && !bound) {
      a.vmaxps(x, x, e.floats(clamp.low()));
    }
    if (clamp.high() < Float.POSITIVE_INFINITY) {
      a.vminps(x, x, e.floats(clamp.high()));
    }
    if (encoding instanceof Encoding.Real) {
      a.store(to, x);
      return;
    }
    boolean odd = encoding instanceof Encoding.Mixed mixed && mixed.signed();
    a.vmulps(x, x, parameters.get(INVERSE));
    if (odd) {
      if (e.target.wide()) {
        a.vrndscaleps(x, x, 1);
      } else {
        a.vroundps(x, x, 1);
      }
    }
    a.vmaxps(x, x, parameters.get(LOW));
    a.vminps(x, x, parameters.get(HIGH));
    a.vcvtps2dq(x, x);
    if (odd) {
      a.vpaddd(x, x, x);
      a.vpaddd(x, x, e.integers(1 + tensor.zero()));
    } else if (tensor.zero() != 0) {
      a.vpaddd(x, x, e.integers(tensor.zero()));
    }
    storeBytes(e, x, scratch, to);
  }

  /** One-bit codes of a vector as 16 bits: 1 where the value is nearer to 1; half is even, 0. */
  void storeBits(Emitter e, VectorRegister x, Memory parameters, Memory to) {
    if (clamp.high() < Float.POSITIVE_INFINITY) {
      e.a.vminps(x, x, e.floats(clamp.high()));
    }
    if (clamp.low() > 0) {
      e.a.vmaxps(x, x, e.floats(clamp.low()));
    }
    e.a.vmulps(x, x, parameter(e, parameters, INVERSE));
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
