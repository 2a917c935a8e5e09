package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.Encoding;
import org.sysmol.core.packed.PackedTensor;
import org.sysmol.core.pattern.Demand;
import org.sysmol.core.pattern.Packing;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.core.pattern.Placement;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.core.pattern.VectorRegisters;

/**
 * The registers of a pixel: those of each channel group, one behind the other.
 *
 * @param groups where the channels of each group sit
 */
record PackedLayout(List<SlotMap> groups) {
  /** Copies the list. */
  PackedLayout {
    groups = List.copyOf(groups);
  }

  /** The layout of a tensor whose readers have so many channel groups. */
  static PackedLayout of(PackedTensor tensor, int groups, PatternSet patterns) {
    byte[] precision = ((Encoding.Mixed) tensor.encoding()).precision();
    int perGroup = precision.length / groups;
    requireOrder(tensor, perGroup);
    VectorRegisters registers = VectorRegisters.of(Packing.of(patterns));
    List<SlotMap> maps = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      int[] counts = new int[5];
      for (int c = 0; c < perGroup; c++) {
        counts[precision[g * perGroup + c]]++;
      }
      List<Pattern> held = registers.registers(new Demand(counts[1], counts[2], counts[4]), 1);
      maps.add(SlotMap.of(new Placement(held, counts[1], counts[2], counts[4])));
    }
    return new PackedLayout(maps);
  }

  /**
   * Refuses channels that are not sorted by precision within their group, as compilers sort them.
   */
  static void requireOrder(PackedTensor tensor, int perGroup) {
    byte[] precision = ((Encoding.Mixed) tensor.encoding()).precision();
    for (int c = 1; c < precision.length; c++) {
      if (c % perGroup != 0 && precision[c] > precision[c - 1]) {
        throw SysmolException.badInput(
            "Tensor %s does not have its channels in the order of precisions, which programs need; compile the network again from its .trained file."
                .formatted(tensor.name()));
      }
    }
  }

  /** Bytes of a pixel. */
  int pixelBytes() {
    return 16 * registersBefore(groups.size());
  }

  /** Registers of the groups before this one. */
  int registersBefore(int group) {
    return groups.subList(0, group).stream().mapToInt(SlotMap::registers).sum();
  }
}
