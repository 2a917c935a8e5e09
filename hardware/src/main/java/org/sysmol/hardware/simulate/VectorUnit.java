package org.sysmol.hardware.simulate;

import org.sysmol.hardware.isa.Instruction;

/** The part of NEON that programs use, on 32 registers of two 64-bit words. */
final class VectorUnit {
  private final long[] low;
  private final long[] high;
  // Operands and result of the current instruction as 32-bit words.
  private final int[] a = new int[4];
  private final int[] b = new int[4];
  private final int[] r = new int[4];

  VectorUnit(long[] low, long[] high) {
    this.low = low;
    this.high = high;
  }

  void execute(Instruction i) {
    int d = i.d();
    int n = i.n();
    int m = i.m();
    switch (i.opcode()) {
      case MOVI -> low[d] = high[d] = (i.immediate() & 0xFFL) * 0x0101_0101_0101_0101L;
      case MOV_V -> set(d, low[n], high[n]);
      case AND -> set(d, low[n] & low[m], high[n] & high[m]);
      case ZIP1_2D -> set(d, low[n], low[m]);
      case ZIP2_2D -> set(d, high[n], high[m]);
      case UZP1_16B -> set(d, evenBytes(low[n], high[n], 0), evenBytes(low[m], high[m], 0));
      case UZP2_16B -> set(d, evenBytes(low[n], high[n], 8), evenBytes(low[m], high[m], 8));
      case SLI_16B -> set(d, insert(low[d], low[n], i), insert(high[d], high[n], i));
      case TBL -> lookUp(d, n, m, 0, 0);
      case TBX -> lookUp(d, n, m, low[d], high[d]);
      case EXT_16B -> extract(d, n, m, i.immediate());
      case EOR -> set(d, low[n] ^ low[m], high[n] ^ high[m]);
      case UMIN_16B, UMAX_16B, SMIN_16B, SMAX_16B, ADD_16B, SUB_16B, CMHI_16B ->
          set(d, bytes(i, low[n], low[m]), bytes(i, high[n], high[m]));
      case UXTL_8H -> set(d, bytesToHalves(low[n], false), bytesToHalves(low[n] >>> 32, false));
      case SXTL_8H -> set(d, bytesToHalves(low[n], true), bytesToHalves(low[n] >>> 32, true));
      case UQXTN_4H -> set(d, narrowWords(n, false), 0);
      case SQXTN_4H -> set(d, narrowWords(n, true), 0);
      case SQXTN2_8H -> high[d] = narrowWords(n, true);
      case UQXTN_8B -> set(d, narrowHalves(n, false), 0);
      case SQXTN_8B -> set(d, narrowHalves(n, true), 0);
      case ADD_8H -> set(d, addHalves(low[n], low[m]), addHalves(high[n], high[m]));
      case SSHR_8H -> set(d, shiftHalves(low[n], i), shiftHalves(high[n], i));
      case SUB_8H -> set(d, subtractHalves(low[n], low[m]), subtractHalves(high[n], high[m]));
      case CMGT_8H -> set(d, greaterHalves(low[n], low[m]), greaterHalves(high[n], high[m]));
      case MLA_8H ->
          set(
              d,
              addHalves(low[d], multiplyHalves(low[n], low[m])),
              addHalves(high[d], multiplyHalves(high[n], high[m])));
      default -> words(i);
    }
  }

  private void set(int d, long newLow, long newHigh) {
    low[d] = newLow;
    high[d] = newHigh;
  }

  private static long evenBytes(long first, long second, int shift) {
    long result = 0;
    for (int k = 0; k < 4; k++) {
      result |= ((first >>> (16 * k + shift)) & 0xFF) << (8 * k);
      result |= ((second >>> (16 * k + shift)) & 0xFF) << (8 * k + 32);
    }
    return result;
  }

  private static long insert(long old, long from, Instruction i) {
    long keep = ((1L << i.immediate()) - 1) * 0x0101_0101_0101_0101L;
    return (old & keep) | ((from << i.immediate()) & ~keep);
  }

  private void lookUp(int d, int n, int m, long elseLow, long elseHigh) {
    long first = looked(low[m], n, elseLow);
    set(d, first, looked(high[m], n, elseHigh));
  }

  private long looked(long indexes, int n, long otherwise) {
    long result = 0;
    for (int k = 0; k < 64; k += 8) {
      int index = (int) (indexes >>> k) & 0xFF;
      long from = index < 8 ? low[n] >>> (8 * index) : high[n] >>> (8 * (index & 7));
      result |= ((index < 16 ? from : otherwise >>> k) & 0xFF) << k;
    }
    return result;
  }

  private void extract(int d, int n, int m, int bytes) {
    long[] all = {low[n], high[n], low[m], high[m]};
    int word = bytes >> 3;
    int shift = 8 * (bytes & 7);
    long first = all[word] >>> shift;
    long second = all[word + 1] >>> shift;
    if (shift > 0) {
      first |= all[word + 1] << (64 - shift);
      second |= all[word + 2] << (64 - shift);
    }
    set(d, first, second);
  }

  private static long bytes(Instruction i, long first, long second) {
    long result = 0;
    for (int k = 0; k < 64; k += 8) {
      int p = (int) (first >>> k) & 0xFF;
      int q = (int) (second >>> k) & 0xFF;
      int value =
          switch (i.opcode()) {
            case UMIN_16B -> Math.min(p, q);
            case UMAX_16B -> Math.max(p, q);
            case ADD_16B -> p + q & 0xFF;
            case SUB_16B -> p - q & 0xFF;
            case CMHI_16B -> p > q ? 0xFF : 0;
            case SMIN_16B -> Math.min((byte) p, (byte) q) & 0xFF;
            default -> Math.max((byte) p, (byte) q) & 0xFF;
          };
      result |= (long) value << k;
    }
    return result;
  }

  private static long bytesToHalves(long four, boolean signed) {
    long result = 0;
    for (int k = 0; k < 4; k++) {
      int value = (int) (four >>> (8 * k)) & 0xFF;
      result |= (long) ((signed ? (byte) value : value) & 0xFFFF) << (16 * k);
    }
    return result;
  }

  private long narrowWords(int n, boolean signed) {
    load(a, n);
    long result = 0;
    for (int k = 0; k < 4; k++) {
      int value =
          signed
              ? Math.clamp(a[k], Short.MIN_VALUE, Short.MAX_VALUE)
              : Integer.compareUnsigned(a[k], 0xFFFF) > 0 ? 0xFFFF : a[k];
      result |= (long) (value & 0xFFFF) << (16 * k);
    }
    return result;
  }

  private long narrowHalves(int n, boolean signed) {
    long result = 0;
    for (int k = 0; k < 8; k++) {
      int half = (int) ((k < 4 ? low[n] : high[n]) >>> (16 * (k & 3))) & 0xFFFF;
      int value =
          signed ? Math.clamp((short) half, Byte.MIN_VALUE, Byte.MAX_VALUE) : Math.min(half, 0xFF);
      result |= (long) (value & 0xFF) << (8 * k);
    }
    return result;
  }

  private static long addHalves(long first, long second) {
    long result = 0;
    for (int k = 0; k < 64; k += 16) {
      result |= ((first >>> k) + (second >>> k) & 0xFFFF) << k;
    }
    return result;
  }

  private static long subtractHalves(long first, long second) {
    long result = 0;
    for (int k = 0; k < 64; k += 16) {
      result |= ((first >>> k) - (second >>> k) & 0xFFFF) << k;
    }
    return result;
  }

  private static long shiftHalves(long halves, Instruction i) {
    long result = 0;
    for (int k = 0; k < 64; k += 16) {
      result |= ((short) (halves >>> k) >> i.immediate() & 0xFFFFL) << k;
    }
    return result;
  }

  private static long greaterHalves(long first, long second) {
    long result = 0;
    for (int k = 0; k < 64; k += 16) {
      result |= (short) (first >>> k) > (short) (second >>> k) ? 0xFFFFL << k : 0;
    }
    return result;
  }

  private static long multiplyHalves(long first, long second) {
    long result = 0;
    for (int k = 0; k < 64; k += 16) {
      result |= ((first >>> k & 0xFFFF) * (second >>> k & 0xFFFF) & 0xFFFF) << k;
    }
    return result;
  }

  private void load(int[] to, int register) {
    to[0] = (int) low[register];
    to[1] = (int) (low[register] >>> 32);
    to[2] = (int) high[register];
    to[3] = (int) (high[register] >>> 32);
  }

  private static int half(long[] half, int register, int k) {
    return (short) (half[register] >>> (16 * k));
  }

  private void words(Instruction i) {
    int n = i.n();
    int m = i.m();
    load(a, n);
    load(b, m);
    load(r, i.d());
    switch (i.opcode()) {
      case ADD_4S -> apply(k -> a[k] + b[k]);
      case ADDP_4S -> {
        r[0] = a[0] + a[1];
        r[1] = a[2] + a[3];
        r[2] = b[0] + b[1];
        r[3] = b[2] + b[3];
      }
      case UXTL_4S -> apply(k -> half(low, n, k) & 0xFFFF);
      case SXTL_4S -> apply(k -> half(low, n, k));
      case SXTL2_4S -> apply(k -> half(high, n, k));
      case VSUMQ -> {
        r[0] = quarter(low[n]);
        r[1] = quarter(high[n]);
        r[2] = quarter(low[m]);
        r[3] = quarter(high[m]);
      }
      case SMLAL_4S -> apply(k -> r[k] + half(low, n, k) * half(low, m, k));
      case SMLAL2_4S -> apply(k -> r[k] + half(high, n, k) * half(high, m, k));
      case SDOT_4S -> {
        int element = b[i.lane()];
        apply(k -> r[k] + dot(a[k], element));
      }
      case SMMLA_4S -> matrix();
      case FMLA_4S -> {
        float element = Float.intBitsToFloat(b[i.lane()]);
        apply(k -> bits(Math.fma(real(a[k]), element, real(r[k]))));
      }
      case FMLA_V4S -> apply(k -> bits(Math.fma(real(a[k]), real(b[k]), real(r[k]))));
      case FMUL_4S -> apply(k -> bits(real(a[k]) * real(b[k])));
      case FADD_4S -> apply(k -> bits(real(a[k]) + real(b[k])));
      case FMAX_4S -> apply(k -> bits(Math.max(real(a[k]), real(b[k]))));
      case FMIN_4S -> apply(k -> bits(Math.min(real(a[k]), real(b[k]))));
      case SCVTF_4S -> apply(k -> bits((float) a[k]));
      case FCVTNU_4S -> apply(k -> unsigned(Math.rint(real(a[k]))));
      case FCVTNS_4S -> apply(k -> (int) Math.rint(real(a[k])));
      case FCVTMS_4S -> apply(k -> (int) Math.floor(real(a[k])));
      default -> throw new IllegalStateException(i.toString());
    }
    set(
        i.d(),
        (r[0] & 0xFFFF_FFFFL) | ((long) r[1] << 32),
        (r[2] & 0xFFFF_FFFFL) | ((long) r[3] << 32));
  }

  private interface Word {
    int of(int k);
  }

  private void apply(Word word) {
    for (int k = 0; k < 4; k++) {
      r[k] = word.of(k);
    }
  }

  private static int quarter(long lanes) {
    return (short) lanes + (short) (lanes >>> 16) + (short) (lanes >>> 32) + (short) (lanes >>> 48);
  }

  private static int dot(int first, int second) {
    return (byte) first * (byte) second
        + (byte) (first >> 8) * (byte) (second >> 8)
        + (byte) (first >> 16) * (byte) (second >> 16)
        + (first >> 24) * (second >> 24);
  }

  /** Rows of eight bytes: word {@code 2 row + column} += row of n times row of m. */
  private void matrix() {
    for (int k = 0; k < 4; k++) {
      int row = 2 * (k >> 1);
      int column = 2 * (k & 1);
      r[k] += dot(a[row], b[column]) + dot(a[row + 1], b[column + 1]);
    }
  }

  private static float real(int word) {
    return Float.intBitsToFloat(word);
  }

  private static int bits(float value) {
    return Float.floatToRawIntBits(value);
  }

  /** As the processor converts: NaN and what is negative to 0, what is too large to the largest. */
  private static int unsigned(double rounded) {
    return (int) (long) Math.clamp(Double.isNaN(rounded) ? 0 : rounded, 0.0, 4294967295.0);
  }
}
