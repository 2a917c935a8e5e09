package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sysmol.hardware.isa.LaneMode;

/**
 * What a lane of the extended unit adds to its {@link BoothRows}: the digits of activations, twice
 * where they are signed (of 1-bit values then none), as bits of a {@link BitHeap}.
 */
final class ActivationDigits {
  private final VerilogText text;
  private final BitHeap heap;
  private final Set<LaneMode> modes;

  ActivationDigits(VerilogText text, BitHeap heap, Set<LaneMode> modes) {
    this.text = text;
    this.heap = heap;
    this.modes = modes;
  }

  /** The column of digit {@code j} of a nibble, before the shift of 4-bit sums. */
  private static int column(LaneMode mode, int j, boolean signed) {
    int unsigned =
        switch (mode) {
          case FOUR -> MixedOperands.SHIFT + j;
          case TWO -> 4 + j % 2;
          case ONE -> 6;
        };
    return unsigned + (signed ? 1 : 0);
  }

  /** Emits wires from {@code n}, and adds all bits. */
  void emit() {
    for (LaneMode mode : modes) {
      int p = mode.precision();
      text.line("wire u%d = m%d & ~signed_a;", p, p);
      if (mode != LaneMode.ONE) {
        text.line("wire su%d = m%d & signed_a;", p, p);
      }
    }
    NibbleCounts.emit(text);
    for (int j = 0; j < 4; j++) {
      String s = NibbleCounts.name(j);
      Map<Integer, List<String>> when = new LinkedHashMap<>();
      for (LaneMode mode : modes) {
        for (boolean signed : new boolean[] {false, true}) {
          if (mode != LaneMode.ONE || !signed) {
            when.computeIfAbsent(column(mode, j, signed), _ -> new ArrayList<>())
                .add((signed ? "su" : "u") + mode.precision());
          }
        }
      }
      for (int column = 2; column < 9; column++) {
        List<String> terms = new ArrayList<>();
        for (int bit = 0; bit < 3; bit++) {
          List<String> selects = when.getOrDefault(column - bit, List.of());
          if (!selects.isEmpty()) {
            terms.add("(%s) & %s_%d".formatted(String.join(" | ", selects), s, bit));
          }
        }
        if (!terms.isEmpty()) {
          String name = "e%d_%d".formatted(j, column);
          text.line("wire %s = %s;", name, String.join(" | ", terms));
          heap.add(column, name, 8);
        }
      }
    }
  }
}
