package org.sysmol.hardware.simulate;

import java.util.Arrays;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;

/**
 * What was done: the basis of energy.
 *
 * @param instructions by {@link Opcode.Unit}
 * @param operations the same, an instruction on wide vector registers counted once for each 128
 *     bits
 * @param lanes lane operations of the mixed unit by {@link LaneMode}
 * @param byteProducts products of bytes or halfwords on the base unit
 * @param floatProducts products of binary32, fused or not
 * @param loads accesses of the first cache that read, of at most 128 bits
 * @param stores accesses of the first cache that write, of at most 128 bits
 * @param l2Lines lines moved between first and second cache
 * @param memoryLines lines moved between second cache and memory
 */
public record WorkCounts(
    long[] instructions,
    long[] operations,
    long[] lanes,
    long byteProducts,
    long floatProducts,
    long loads,
    long stores,
    long l2Lines,
    long memoryLines) {
  /** Nothing. */
  public static final WorkCounts NONE =
      new WorkCounts(
          new long[Opcode.Unit.values().length],
          new long[Opcode.Unit.values().length],
          new long[LaneMode.values().length],
          0,
          0,
          0,
          0,
          0,
          0);

  /** The sum of both. */
  public WorkCounts plus(WorkCounts other) {
    return new WorkCounts(
        sum(instructions, other.instructions),
        sum(operations, other.operations),
        sum(lanes, other.lanes),
        byteProducts + other.byteProducts,
        floatProducts + other.floatProducts,
        loads + other.loads,
        stores + other.stores,
        l2Lines + other.l2Lines,
        memoryLines + other.memoryLines);
  }

  /** The same work so many times, with these lines moved. */
  WorkCounts times(long n, long newL2Lines, long newMemoryLines) {
    return new WorkCounts(
        scaled(instructions, n),
        scaled(operations, n),
        scaled(lanes, n),
        n * byteProducts,
        n * floatProducts,
        n * loads,
        n * stores,
        newL2Lines,
        newMemoryLines);
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static long[] scaled(long[] a, long n) {
    long[] scaled = a.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= n;
    }
    return scaled;
  }

  /** Instructions of a unit. */
  @SuppressWarnings("EnumOrdinal") // the array's own order
  public long instructions(Opcode.Unit unit) {
    return instructions[unit.ordinal()];
  }

  /** Operations of 128 bits of a unit. */
  @SuppressWarnings("EnumOrdinal") // the array's own order
  long operations(Opcode.Unit unit) {
    return operations[unit.ordinal()];
  }

  /** All instructions. */
  public long allInstructions() {
    return Arrays.stream(instructions).sum();
  }

  /** All operations of 128 bits. */
  long allOperations() {
    return Arrays.stream(operations).sum();
  }
}
