package org.sysmol.hardware.rtl.check;

import org.sysmol.hardware.isa.MixedProduct;

/** What is tested: the instructions, as the extended unit numbers them, and what they compute. */
enum UnitInstruction {
  MLA_16B(0),
  MLA_8H(1),
  SDOT_4S(2),
  VSUMQ(3),
  VMUL(4),
  VMAC(5);

  private final int op;

  UnitInstruction(int op) {
    this.op = op;
  }

  int op() {
    return op;
  }

  boolean mixed() {
    return this == VMUL || this == VMAC;
  }

  /**
   * The result over 128 bits.
   *
   * @param n activations
   * @param m weights
   * @param d accumulator, not changed
   * @param modes a pattern register, for mixed instructions
   */
  long[] result(long[] n, long[] m, long[] d, int modes) {
    long[] q = d.clone();
    switch (this) {
      case MLA_16B -> BaseProduct.mlaBytes(n, m, q);
      case MLA_8H -> BaseProduct.mlaLanes(n, m, q);
      case SDOT_4S -> BaseProduct.dot(n, m, q);
      case VSUMQ -> BaseProduct.sumLanes(n, m, q);
      case VMUL, VMAC -> {
        short[] lanes = new short[8];
        for (int l = 0; l < 8; l++) {
          lanes[l] = this == VMAC ? (short) BaseProduct.element(d, l, 16) : 0;
        }
        MixedProduct.accumulate(m, n, modes, lanes);
        for (int l = 0; l < 8; l++) {
          BaseProduct.put(q, l, 16, lanes[l]);
        }
      }
    }
    return q;
  }
}
