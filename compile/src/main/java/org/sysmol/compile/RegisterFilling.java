package org.sysmol.compile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.VectorRegisters;

/** Chooses the registers that hold a tensor's channels, fewest first, group by group. */
final class RegisterFilling {
  private final VectorRegisters packing;
  private final Map<List<Integer>, List<Pattern>> known = new HashMap<>();

  RegisterFilling(Packing packing) {
    this.packing = VectorRegisters.of(packing);
  }

  /**
   * Registers for the channels of one window cell.
   *
   * @param precision by channel position
   * @param groups channel groups, each in registers of its own
   * @return {@code n1, n2, n4} of each register, flattened
   */
  int[] fill(byte[] precision, int groups) {
    List<Pattern> registers = new ArrayList<>();
    int perGroup = precision.length / groups;
    for (int g = 0; g < groups; g++) {
      int[] counts = new int[5];
      for (int c = 0; c < perGroup; c++) {
        counts[precision[g * perGroup + c]]++;
      }
      registers.addAll(
          known.computeIfAbsent(
              List.of(counts[1], counts[2], counts[4]),
              n -> packing.registers(new Demand(n.get(0), n.get(1), n.get(2)), 1)));
    }
    int repeats = packing.packing().repeats();
    return registers.stream()
        .flatMapToInt(p -> IntStream.of(repeats * p.n1(), repeats * p.n2(), repeats * p.n4()))
        .toArray();
  }
}
