package org.sysmol.hardware.simulate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sysmol.core.architecture.Core;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;

/**
 * Energy of what was done, in picojoules at 45 nm, by component. Each constant has its source
 * (docs/hardware.md, "Energy"); no leakage, no clock tree.
 */
public final class EnergyModel {
  /**
   * A constant.
   *
   * @param name what it is the energy of
   * @param picojoules of one
   * @param source where it comes from
   */
  public record Constant(String name, double picojoules, String source) {}

  private static final String HOROWITZ =
      "M. Horowitz, Computing's Energy Problem, ISSCC 2014, 45 nm, 0.9 V";
  private static final String CACTI = "CACTI 7, 45 nm, one 128-bit read";

  /** Fetch, decode and control of an instruction: 70 pJ less 6 of the registers. */
  static final Constant INSTRUCTION =
      new Constant("instruction", 64, HOROWITZ + ": 70 pJ an instruction, registers excepted");

  /** Registers of a scalar instruction. */
  static final Constant SCALAR_REGISTERS =
      new Constant("scalar registers", 6, HOROWITZ + ": register file of an ADD");

  /** Registers of a vector instruction: four times as wide. */
  static final Constant VECTOR_REGISTERS =
      new Constant("vector registers", 24, HOROWITZ + ": 6 pJ for 32 bits, times four");

  /** A fused multiply-add of binary32. */
  static final Constant FLOAT =
      new Constant("binary32 multiply-add", 4.6, HOROWITZ + ": 3.7 the product, 0.9 the sum");

  /** A product of bytes in a dot product, with its sum in 32 bits. */
  static final Constant BYTE =
      new Constant("byte multiply-add", 0.3, HOROWITZ + ": 0.2 the product, 0.1 the 32-bit sum");

  private static final String UNIT =
      "byte multiply-add times VMAC's energy over SDOT's in IHP 130 nm (netlists of P4's mixed and base unit)";

  // pJ of a product: VMAC of the mixed unit under uniform patterns, SDOT.4S of the base unit, as
  // `rtl --synth --arch P4 --liberty FILE` measures them (docs/silicon.md, "Energy").
  private static final double SDOT_BYTE = 5.391;
  private static final double FOUR_OVER_BYTE = 1.883 / SDOT_BYTE;
  private static final double TWO_OVER_BYTE = 0.821 / SDOT_BYTE;
  private static final double ONE_OVER_BYTE = 0.364 / SDOT_BYTE;

  /** A product of 4 bits in the mixed unit. */
  static final Constant FOUR =
      new Constant("4-bit multiply-add", BYTE.picojoules() * FOUR_OVER_BYTE, UNIT);

  /** A product of 2 bits in the mixed unit. */
  static final Constant TWO =
      new Constant("2-bit multiply-add", BYTE.picojoules() * TWO_OVER_BYTE, UNIT);

  /** A product of 1 bit in the mixed unit. */
  static final Constant ONE =
      new Constant("1-bit multiply-add", BYTE.picojoules() * ONE_OVER_BYTE, UNIT);

  /** Any other vector operation: four sums of 32 bits. */
  static final Constant VECTOR =
      new Constant("other vector operation", 0.4, HOROWITZ + ": a 32-bit sum, times four");

  /** A bit from memory. */
  static final Constant MEMORY_BIT =
      new Constant("memory, a bit", 1300.0 / 64, HOROWITZ + ": 1.3 to 2.6 nJ for 64 bits");

  private static final double[][] SRAM = {{16, 10.5}, {32, 19.8}, {256, 62}, {1024, 121}};

  private final Core core;

  /** The energy of work on a core. */
  public EnergyModel(Core core) {
    this.core = core;
  }

  /** The constants, in the order of the docs. */
  public List<Constant> constants() {
    return List.of(
        INSTRUCTION,
        SCALAR_REGISTERS,
        VECTOR_REGISTERS,
        FLOAT,
        BYTE,
        FOUR,
        TWO,
        ONE,
        VECTOR,
        new Constant("first cache, an access", sram(core.l1().kib()), CACTI),
        new Constant("second cache, 128 bits", sram(core.l2().kib()), CACTI),
        MEMORY_BIT);
  }

  /** One access of 128 bits, between the sizes of the table by powers of the size. */
  static double sram(int kib) {
    int k = 1;
    while (k < SRAM.length - 1 && kib > SRAM[k][0]) {
      k++;
    }
    double slope = Math.log(SRAM[k][1] / SRAM[k - 1][1]) / Math.log(SRAM[k][0] / SRAM[k - 1][0]);
    return SRAM[k][1] * Math.pow(kib / SRAM[k][0], slope);
  }

  /** Picojoules by component. */
  public Map<String, Double> picojoules(WorkCounts work) {
    long scalar = work.instructions(Opcode.Unit.INTEGER) + work.instructions(Opcode.Unit.BRANCH);
    long vector = work.allOperations() - scalar;
    long products =
        work.operations(Opcode.Unit.MULTIPLY)
            + work.operations(Opcode.Unit.MIXED)
            + work.operations(Opcode.Unit.FLOAT_MULTIPLY_ADD)
            + work.operations(Opcode.Unit.FLOAT_MULTIPLY);
    long memory = work.operations(Opcode.Unit.LOAD) + work.operations(Opcode.Unit.STORE);
    double mixed = 0;
    for (LaneMode mode : LaneMode.values()) {
      double each =
          mode == LaneMode.FOUR
              ? FOUR.picojoules()
              : mode == LaneMode.TWO ? TWO.picojoules() : ONE.picojoules();
      mixed += work.lanes()[mode.field()] * mode.slots() * each;
    }
    double line = 8.0 * core.l1().lineBytes();
    double l1 = sram(core.l1().kib());
    double l2 = sram(core.l2().kib());
    Map<String, Double> result = new LinkedHashMap<>();
    result.put("instructions", work.allInstructions() * INSTRUCTION.picojoules());
    result.put(
        "registers",
        scalar * SCALAR_REGISTERS.picojoules() + vector * VECTOR_REGISTERS.picojoules());
    result.put(
        "products",
        mixed
            + work.byteProducts() * BYTE.picojoules()
            + work.floatProducts() * FLOAT.picojoules());
    result.put("other vector", (vector - products - memory) * VECTOR.picojoules());
    result.put("first cache", (work.loads() + work.stores()) * l1);
    result.put("second cache", work.l2Lines() * line / 128 * (l1 + l2));
    result.put("memory", work.memoryLines() * line * MEMORY_BIT.picojoules());
    return result;
  }

  /** Microjoules in all. */
  public double microjoules(WorkCounts work) {
    return picojoules(work).values().stream().mapToDouble(Double::doubleValue).sum() * 1e-6;
  }
}
