package org.sysmol.hardware.isa;

/**
 * The instructions that programs use: those of docs/isa.md and the part of Armv8 NEON around them.
 *
 * <p>A form is the assembler's text: {@code {d} {n} {m}} are register numbers, {@code {i}} the
 * immediate or VMAC's third register, {@code {l}} the lane or the pattern register.
 */
public enum Opcode {
  /** Sets a general register. */
  MOV_X("mov x{d}, #{i}", Unit.INTEGER, Shape.X),
  /** Adds an immediate to a general register. */
  ADD_X("add x{d}, x{n}, #{i}", Unit.INTEGER, Shape.XX),
  /** Adds two general registers. */
  ADD_XX("add x{d}, x{n}, x{m}", Unit.INTEGER, Shape.XXX),
  /** Subtracts an immediate and sets the flags. */
  SUBS_X("subs x{d}, x{n}, #{i}", Unit.INTEGER, Shape.XX),
  /** Branches where the last SUBS did not give 0. */
  B_NE("b.ne {i}", Unit.BRANCH, Shape.NONE),
  /** Returns. */
  RET("ret", Unit.BRANCH, Shape.NONE),
  /** Loads a 64-bit general register. */
  LDR_X("ldr x{d}, [x{n}, #{i}]", Unit.LOAD, Shape.XX, 8),
  /** Loads a byte into a general register. */
  LDRB_W("ldrb w{d}, [x{n}, #{i}]", Unit.LOAD, Shape.XX, 1),
  /** Loads a byte at the sum of two registers. */
  LDRB_WX("ldrb w{d}, [x{n}, x{m}]", Unit.LOAD, Shape.XXX, 1),
  /** Stores the lowest byte of a general register. */
  STRB_W("strb w{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_X, 1),

  /** Loads 128 bits. */
  LDR_Q("ldr q{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 16),
  /** Loads 64 bits, the rest becomes 0. */
  LDR_D("ldr d{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 8),
  /** Loads 32 bits, the rest becomes 0. */
  LDR_S("ldr s{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 4),
  /** Loads 128 bits, then adds the immediate to the address register. */
  LDR_Q_POST("ldr q{d}, [x{n}], #{i}", Unit.LOAD, Shape.VX_POST, 16),
  /** Loads 128 bits into each segment of a wide register. */
  LD1RQ("ld1rq z{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 16),
  /** The same, then adds the immediate to the address register. */
  LD1RQ_POST("ld1rq z{d}, [x{n}], #{i}", Unit.LOAD, Shape.VX_POST, 16),
  /** Loads 16 bits, the rest becomes 0. */
  LDR_H("ldr h{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 2),
  /** Loads a byte, the rest becomes 0. */
  LDR_B("ldr b{d}, [x{n}, #{i}]", Unit.LOAD, Shape.VX, 1),
  /** Stores 128 bits. */
  STR_Q("str q{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_V, 16),
  /** Stores the lowest 64 bits. */
  STR_D("str d{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_V, 8),
  /** Stores the lowest 32 bits. */
  STR_S("str s{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_V, 4),
  /** Stores the lowest 16 bits. */
  STR_H("str h{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_V, 2),
  /** Stores the lowest byte. */
  STR_B("str b{d}, [x{n}, #{i}]", Unit.STORE, Shape.STORE_V, 1),

  /** Every byte becomes the immediate. */
  MOVI("movi v{d}.16b, #{i}", Unit.SIMD, Shape.V),
  /** Copies a register. */
  MOV_V("mov v{d}.16b, v{n}.16b", Unit.SIMD, Shape.VV),
  /** Bitwise and. */
  AND("and v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Bitwise exclusive or. */
  EOR("eor v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Sum of bytes. */
  ADD_16B("add v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Difference of bytes. */
  SUB_16B("sub v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** All ones where an unsigned byte of {@code n} is higher than that of {@code m}, else 0. */
  CMHI_16B("cmhi v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Smaller of signed bytes. */
  SMIN_16B("smin v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Sum of words. */
  ADD_4S("add v{d}.4s, v{n}.4s, v{m}.4s", Unit.SIMD, Shape.VVV),
  /** Shifts signed halfwords right. */
  SSHR_8H("sshr v{d}.8h, v{n}.8h, #{i}", Unit.SIMD, Shape.VV),
  /** Difference of halfwords. */
  SUB_8H("sub v{d}.8h, v{n}.8h, v{m}.8h", Unit.SIMD, Shape.VVV),
  /** All ones where a signed halfword of {@code n} is greater than that of {@code m}, else 0. */
  CMGT_8H("cmgt v{d}.8h, v{n}.8h, v{m}.8h", Unit.SIMD, Shape.VVV),
  /** Sum of halfwords. */
  ADD_8H("add v{d}.8h, v{n}.8h, v{m}.8h", Unit.SIMD, Shape.VVV),
  /** Pairwise sums of words of two registers. */
  ADDP_4S("addp v{d}.4s, v{n}.4s, v{m}.4s", Unit.SIMD, Shape.VVV),
  /** Smaller of unsigned bytes. */
  UMIN_16B("umin v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Larger of unsigned bytes. */
  UMAX_16B("umax v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Larger of signed bytes. */
  SMAX_16B("smax v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Even bytes of two registers. */
  UZP1_16B("uzp1 v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** Odd bytes of two registers. */
  UZP2_16B("uzp2 v{d}.16b, v{n}.16b, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** The lower halves of two registers. */
  ZIP1_2D("zip1 v{d}.2d, v{n}.2d, v{m}.2d", Unit.SIMD, Shape.VVV),
  /** The upper halves of two registers. */
  ZIP2_2D("zip2 v{d}.2d, v{n}.2d, v{m}.2d", Unit.SIMD, Shape.VVV),
  /** Shifts bytes left and inserts them above the lowest {@code i} bits of {@code d}. */
  SLI_16B("sli v{d}.16b, v{n}.16b, #{i}", Unit.SIMD, Shape.VV_D),
  /** Bytes {@code i} to {@code i + 15} of {@code n} followed by {@code m}. */
  EXT_16B("ext v{d}.16b, v{n}.16b, v{m}.16b, #{i}", Unit.SIMD, Shape.VVV),
  /** Bytes of {@code n} by the indexes of {@code m}; 0 where an index is above 15. */
  TBL("tbl v{d}.16b, {v{n}.16b}, v{m}.16b", Unit.SIMD, Shape.VVV),
  /** The same; where an index is above 15 the byte of {@code d} stays. */
  TBX("tbx v{d}.16b, {v{n}.16b}, v{m}.16b", Unit.SIMD, Shape.VVV_KEPT),
  /** Words to unsigned halfwords, saturating; the upper half becomes 0. */
  UQXTN_4H("uqxtn v{d}.4h, v{n}.4s", Unit.SIMD, Shape.VV),
  /** Signed words to signed halfwords, saturating. */
  SQXTN_4H("sqxtn v{d}.4h, v{n}.4s", Unit.SIMD, Shape.VV),
  /** Signed words to signed halfwords, saturating, into the upper half; the lower one stays. */
  SQXTN2_8H("sqxtn2 v{d}.8h, v{n}.4s", Unit.SIMD, Shape.VV_D),
  /** Unsigned halfwords to unsigned bytes, saturating. */
  UQXTN_8B("uqxtn v{d}.8b, v{n}.8h", Unit.SIMD, Shape.VV),
  /** Signed halfwords to signed bytes, saturating. */
  SQXTN_8B("sqxtn v{d}.8b, v{n}.8h", Unit.SIMD, Shape.VV),
  /** The lower eight unsigned bytes as halfwords. */
  UXTL_8H("uxtl v{d}.8h, v{n}.8b", Unit.SIMD, Shape.VV),
  /** The lower eight signed bytes as halfwords. */
  SXTL_8H("sxtl v{d}.8h, v{n}.8b", Unit.SIMD, Shape.VV),
  /** The lower four unsigned halfwords as words. */
  UXTL_4S("uxtl v{d}.4s, v{n}.4h", Unit.SIMD, Shape.VV),
  /** The lower four signed halfwords as words. */
  SXTL_4S("sxtl v{d}.4s, v{n}.4h", Unit.SIMD, Shape.VV),
  /** The upper four signed halfwords as words. */
  SXTL2_4S("sxtl2 v{d}.4s, v{n}.8h", Unit.SIMD, Shape.VV),

  /** Multiply-add of halfwords. */
  MLA_8H("mla v{d}.8h, v{n}.8h, v{m}.8h", Unit.MULTIPLY, Shape.VVV_D, 0, 8),
  /** Multiply-add of the lower four signed halfwords into words. */
  SMLAL_4S("smlal v{d}.4s, v{n}.4h, v{m}.4h", Unit.MULTIPLY, Shape.VVV_D, 0, 4),
  /** Multiply-add of the upper four signed halfwords into words. */
  SMLAL2_4S("smlal2 v{d}.4s, v{n}.8h, v{m}.8h", Unit.MULTIPLY, Shape.VVV_D, 0, 4),
  /** Word {@code j} of {@code d} += products of its four signed bytes with word {@code l} of m. */
  SDOT_4S("sdot v{d}.4s, v{n}.16b, v{m}.4b[{l}]", Unit.MULTIPLY, Shape.VVV_D, 0, 16),
  /** A 2x8 by 8x2 product of signed bytes, added to four words. */
  SMMLA_4S("smmla v{d}.4s, v{n}.16b, v{m}.16b", Unit.MULTIPLY, Shape.VVV_D, 0, 32),

  /** Fused multiply-add with word {@code l} of {@code m}. */
  FMLA_4S("fmla v{d}.4s, v{n}.4s, v{m}.s[{l}]", Unit.FLOAT_MULTIPLY_ADD, Shape.VVV_D, 0, 4),
  /** Fused multiply-add of vectors. */
  FMLA_V4S("fmla v{d}.4s, v{n}.4s, v{m}.4s", Unit.FLOAT_MULTIPLY_ADD, Shape.VVV_D, 0, 4),
  /** Product of binary32. */
  FMUL_4S("fmul v{d}.4s, v{n}.4s, v{m}.4s", Unit.FLOAT_MULTIPLY, Shape.VVV),
  /** Sum of binary32. */
  FADD_4S("fadd v{d}.4s, v{n}.4s, v{m}.4s", Unit.FLOAT_ADD, Shape.VVV),
  /** Larger of binary32. */
  FMAX_4S("fmax v{d}.4s, v{n}.4s, v{m}.4s", Unit.FLOAT_ADD, Shape.VVV),
  /** Smaller of binary32. */
  FMIN_4S("fmin v{d}.4s, v{n}.4s, v{m}.4s", Unit.FLOAT_ADD, Shape.VVV),
  /** Signed words to binary32. */
  SCVTF_4S("scvtf v{d}.4s, v{n}.4s", Unit.CONVERT, Shape.VV),
  /** To unsigned words, nearest, ties to even, saturating. */
  FCVTNU_4S("fcvtnu v{d}.4s, v{n}.4s", Unit.CONVERT, Shape.VV),
  /** To signed words, nearest, ties to even, saturating. */
  FCVTNS_4S("fcvtns v{d}.4s, v{n}.4s", Unit.CONVERT, Shape.VV),
  /** To signed words, downwards, saturating. */
  FCVTMS_4S("fcvtms v{d}.4s, v{n}.4s", Unit.CONVERT, Shape.VV),

  /** Sets a pattern register. */
  VPSET("vpset p{l}, #{i}", Unit.SIMD, Shape.NONE),
  /** Products of weights and activations by pattern. */
  VMUL("vmul v{d}.8h, v{n}, v{m}, p{l}", Unit.MIXED, Shape.VVV),
  /** The same, added to a third register. */
  VMAC("vmac v{d}.8h, v{n}, v{m}, v{i}.8h, p{l}", Unit.MIXED, Shape.VVV_A),
  /** Sums of four lanes each. */
  VSUMQ("vsumq v{d}.4s, v{n}.8h, v{m}.8h", Unit.SIMD, Shape.VVV);

  /** What executes an instruction. */
  public enum Unit {
    /** Scalar arithmetic. */
    INTEGER,
    /** Branches. */
    BRANCH,
    /** Loads. */
    LOAD,
    /** Stores. */
    STORE,
    /** Vector moves, logic, sums and conversions between widths. */
    SIMD,
    /** Integer multiply-adds and dot products of the base unit. */
    MULTIPLY,
    /** The mixed unit. */
    MIXED,
    /** Sums, minima and maxima of binary32. */
    FLOAT_ADD,
    /** Products of binary32. */
    FLOAT_MULTIPLY,
    /** Fused multiply-adds of binary32. */
    FLOAT_MULTIPLY_ADD,
    /** Between binary32 and words. */
    CONVERT
  }

  /** Which operands are read and written; X general registers, V vector registers. */
  public enum Shape {
    /** No registers. */
    NONE,
    /** Writes a general register. */
    X,
    /** Writes one, reads one. */
    XX,
    /** Writes one, reads two. */
    XXX,
    /** Reads two general registers. */
    STORE_X,
    /** Writes a vector register, reads an address. */
    VX,
    /** Writes a vector register, reads and changes an address. */
    VX_POST,
    /** Reads a vector register and an address. */
    STORE_V,
    /** Writes a vector register. */
    V,
    /** Writes one, reads one. */
    VV,
    /** Reads what it writes, and one. */
    VV_D,
    /** Writes one, reads two. */
    VVV,
    /** Reads what it writes, and two. */
    VVV_KEPT,
    /** Accumulates: reads what it writes, and two. */
    VVV_D,
    /** Accumulates: writes one, reads two and the one that it adds to, by its immediate. */
    VVV_A
  }

  private final String form;
  private final Unit unit;
  private final Shape shape;
  private final int bytes;
  private final int products;

  Opcode(String form, Unit unit, Shape shape) {
    this(form, unit, shape, 0, 0);
  }

  Opcode(String form, Unit unit, Shape shape, int bytes) {
    this(form, unit, shape, bytes, 0);
  }

  Opcode(String form, Unit unit, Shape shape, int bytes, int products) {
    this.form = form;
    this.unit = unit;
    this.shape = shape;
    this.bytes = bytes;
    this.products = products;
  }

  /** The assembler's text with places for operands. */
  String form() {
    return form;
  }

  /** What executes it. */
  public Unit unit() {
    return unit;
  }

  /** Which operands it reads and writes. */
  public Shape shape() {
    return shape;
  }

  /** Bytes loaded or stored on registers of 128 bits, 0 for others. */
  public int bytes() {
    return bytes;
  }

  /**
   * Bytes loaded or stored on registers of so many segments of 128 bits: of whole registers and of
   * words as many times as much; what is repeated, and general registers, as ever.
   */
  public int bytes(int segments) {
    return switch (this) {
      case LDR_Q, LDR_Q_POST, STR_Q, LDR_S, STR_S -> segments * bytes;
      default -> bytes;
    };
  }

  /**
   * Products that one instruction of the base unit adds; those of the mixed unit depend on lanes.
   */
  public int products() {
    return products;
  }

  /** True for what docs/isa.md adds to NEON. */
  public boolean added() {
    return this == VPSET || this == VSUMQ || unit == Unit.MIXED;
  }

  /** How many operations of 128 bits it is on vector registers of so many segments. */
  public int operations(int segments) {
    return switch (shape) {
      case NONE, X, XX, XXX, STORE_X -> 1;
      default -> segments;
    };
  }

  /** True if programs on registers of several segments may use it. */
  public boolean wide() {
    return switch (this) {
      case LDR_D, LDR_H, LDR_B, STR_D, STR_H, STR_B -> false;
      default -> true;
    };
  }
}
