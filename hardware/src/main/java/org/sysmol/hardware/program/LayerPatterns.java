package org.sysmol.hardware.program;

import java.util.ArrayList;
import java.util.List;
import org.sysmol.core.pattern.Pattern;
import org.sysmol.core.pattern.SlotMap;
import org.sysmol.hardware.isa.Instruction;
import org.sysmol.hardware.isa.LaneMode;
import org.sysmol.hardware.isa.Opcode;
import org.sysmol.hardware.isa.Program;

/**
 * The patterns of a layer's registers and the pattern registers that hold them; where patterns are
 * more than registers, the last is shared.
 *
 * @param patterns those of the layer, each once
 * @param numbers their places in the architecture's list
 * @param ofRegister which of {@code patterns} each register of a cell has
 */
record LayerPatterns(List<Pattern> patterns, List<Integer> numbers, int[] ofRegister) {
  private static final int PATTERN_REGISTERS = 4;

  /** Those of the registers of some slots. */
  static LayerPatterns of(SlotMap slots, List<Pattern> list) {
    List<Pattern> used = new ArrayList<>();
    int[] ofRegister = new int[slots.registers()];
    for (int r = 0; r < ofRegister.length; r++) {
      Pattern pattern = slots.pattern(r);
      if (!used.contains(pattern)) {
        used.add(pattern);
      }
      ofRegister[r] = used.indexOf(pattern);
    }
    return new LayerPatterns(used, used.stream().map(list::indexOf).toList(), ofRegister);
  }

  /** Registers of a cell. */
  int registers() {
    return ofRegister.length;
  }

  /** Sets all pattern registers that the layer needs. */
  void setAll(Program.Builder code) {
    for (int p = 0; p < Math.min(PATTERN_REGISTERS, numbers.size()); p++) {
      set(code, p, p);
    }
  }

  private void set(Program.Builder code, int register, int pattern) {
    code.add(new Instruction(Opcode.VPSET, 0, 0, 0, numbers.get(pattern), register));
  }

  /** Sets the shared pattern register if this register of a cell needs that. */
  void share(Program.Builder code, int register) {
    int pattern = ofRegister[register];
    if (numbers.size() > PATTERN_REGISTERS && pattern >= PATTERN_REGISTERS - 1) {
      set(code, PATTERN_REGISTERS - 1, pattern);
    }
  }

  /** The pattern register of a register of a cell. */
  int patternRegister(int register) {
    return Math.min(ofRegister[register], PATTERN_REGISTERS - 1);
  }

  /** The mode of a lane of a register of a cell. */
  LaneMode mode(int register, int lane) {
    return LaneMode.of(patterns.get(ofRegister[register]), lane);
  }
}
