package org.sysmol.hardware.rtl;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.PatternSet;
import org.sysmol.hardware.isa.LaneMode;

/** Which modes each lane can be in under a pattern set: what is built, and nothing else. */
final class LaneModes {
  private LaneModes() {}

  /** The modes of lane {@code lane} over all patterns of the set. */
  static Set<LaneMode> of(PatternSet set, int lane) {
    EnumSet<LaneMode> modes = EnumSet.noneOf(LaneMode.class);
    for (Pattern pattern : set.patterns()) {
      modes.add(LaneMode.of(pattern, lane));
    }
    return modes;
  }

  /** The modes of all eight lanes. */
  static List<Set<LaneMode>> of(PatternSet set) {
    List<Set<LaneMode>> lanes = new ArrayList<>();
    for (int lane = 0; lane < Pattern.LANES; lane++) {
      lanes.add(of(set, lane));
    }
    return lanes;
  }

  /** The precisions as digits, {@code 421} for instance: part of a module's name. */
  static String digits(Set<LaneMode> modes) {
    StringBuilder digits = new StringBuilder();
    for (LaneMode mode : LaneMode.values()) {
      if (modes.contains(mode)) {
        digits.append(mode.precision());
      }
    }
    return digits.toString();
  }

  /** The select wires of a set of modes, {@code m4 | m2}; {@code 1'b1} for no mode at all. */
  static String anyOf(Set<LaneMode> modes) {
    List<String> wires = new ArrayList<>();
    for (LaneMode mode : LaneMode.values()) {
      if (modes.contains(mode)) {
        wires.add("m" + mode.precision());
      }
    }
    return wires.isEmpty() ? "1'b1" : String.join(" | ", wires);
  }
}
