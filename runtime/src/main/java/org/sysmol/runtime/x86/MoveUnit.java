package org.sysmol.runtime.x86;

import java.util.Arrays;
import java.util.List;

/** Loads, stores, broadcasts and moves between the kinds of registers. */
final class MoveUnit {
  private MoveUnit() {}

  static void describe(VectorUnit unit) {
    for (Mnemonic mnemonic :
        List.of(
            Mnemonic.VMOVDQU,
            Mnemonic.VMOVDQA,
            Mnemonic.VMOVDQU8,
            Mnemonic.VMOVDQU16,
            Mnemonic.VMOVDQU32,
            Mnemonic.VMOVDQU64,
            Mnemonic.VMOVDQA32,
            Mnemonic.VMOVDQA64,
            Mnemonic.VMOVUPS,
            Mnemonic.VMOVAPS,
            Mnemonic.VMOVNTDQ)) {
      unit.addLanewise(mnemonic, step -> copy(step, step.bytes()));
    }
    unit.add(Mnemonic.VMOVD, step -> copy(step, 4));
    unit.add(Mnemonic.VMOVQ, step -> copy(step, 8));
    unit.add(Mnemonic.VMOVSS, step -> copy(step, 4));
    unit.add(Mnemonic.VPBROADCASTB, step -> repeat(step, 1));
    unit.add(Mnemonic.VPBROADCASTW, step -> repeat(step, 2));
    unit.add(Mnemonic.VPBROADCASTD, step -> repeat(step, 4));
    unit.add(Mnemonic.VPBROADCASTQ, step -> repeat(step, 8));
    unit.add(Mnemonic.VBROADCASTSS, step -> repeat(step, 4));
    unit.add(Mnemonic.VBROADCASTI128, step -> repeat(step, 16));
    unit.add(Mnemonic.VBROADCASTI32X4, step -> repeat(step, 16));
    unit.add(Mnemonic.VBROADCASTI64X4, step -> repeat(step, 32));
    unit.add(Mnemonic.VPEXTRB, step -> extract(step, 8));
    unit.add(Mnemonic.VPEXTRW, step -> extract(step, 16));
    unit.add(Mnemonic.VPEXTRD, step -> extract(step, 32));
    unit.add(Mnemonic.VPEXTRQ, step -> extract(step, 64));
    unit.add(Mnemonic.VPINSRB, step -> insert(step, 8));
    unit.add(Mnemonic.VPINSRW, step -> insert(step, 16));
    unit.add(Mnemonic.VPINSRD, step -> insert(step, 32));
    unit.add(Mnemonic.VPINSRQ, step -> insert(step, 64));
    unit.add(Mnemonic.VPMASKMOVD, MoveUnit::maskedMove);
    unit.add(Mnemonic.VMASKMOVPS, MoveUnit::maskedMove);
    unit.add(Mnemonic.VZEROUPPER, step -> step.state().zeroUpper());
    unit.add(Mnemonic.KMOVB, step -> copy(step, 1));
    unit.add(Mnemonic.KMOVW, step -> copy(step, 2));
    unit.add(Mnemonic.KMOVD, step -> copy(step, 4));
    unit.add(Mnemonic.KMOVQ, step -> copy(step, 8));
  }

  private static void copy(VectorStep step, int count) {
    System.arraycopy(step.source(1), 0, step.out, 0, count);
  }

  private static void repeat(VectorStep step, int unit) {
    byte[] a = step.source(1);
    for (int i = 0; i < step.bytes(); i++) {
      step.out[i] = a[i % unit];
    }
  }

  private static void extract(VectorStep step, int bits) {
    int lane = step.constant() & (128 / bits - 1);
    Lanes.set(step.out, 64, 0, Lanes.unsigned(step.source(1), bits, lane));
  }

  private static void insert(VectorStep step, int bits) {
    int lane = step.constant() & (128 / bits - 1);
    System.arraycopy(step.source(1), 0, step.out, 0, 16);
    Lanes.set(step.out, bits, lane, Lanes.signed(step.source(2), bits, 0));
  }

  /** The sign bits of the middle operand choose the lanes of 32 bits. */
  private static void maskedMove(VectorStep step) {
    byte[] chooser = step.source(1);
    int count = step.bytes() / 4;
    long which = 0;
    for (int lane = 0; lane < count; lane++) {
      which |= Lanes.dword(chooser, lane) < 0 ? 1L << lane : 0;
    }
    if (step.instruction.operands().get(2) instanceof Memory memory) {
      Arrays.fill(step.out, (byte) 0);
      step.loadLanes(memory, 4, count, which, step.out);
    } else if (step.instruction.operands().getFirst() instanceof Memory memory) {
      System.arraycopy(step.source(2), 0, step.out, 0, step.bytes());
      step.storeLanes(memory, 4, count, which);
    }
  }
}
