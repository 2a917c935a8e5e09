package org.sysmol.runtime.codegen;

import java.util.SortedSet;
import java.util.TreeSet;
import org.sysmol.runtime.x86.Memory;
import org.sysmol.runtime.x86.Operand;
import org.sysmol.runtime.x86.VectorRegister;

/**
 * Code that turns packed rows of weights into bytes: the row's bytes repeated over the register,
 * each repetition shifted to its digits, and a permutation that looks up the weight. It looks at
 * six bits of each byte, of which only the lowest are the weight's, in a table that repeats.
 */
final class TileDecoder {
  private static final int TEMPORARIES = 8;
  private static final int ZERO = 11;
  private static final int CONSTANTS = 22;

  private final Emitter e;
  private final TileWeights weights;
  private final TilePacking packing;
  private final boolean inRegisters;
  private int rows;

  /**
   * The decoder of a layer; it uses vector registers 8 to 11.
   *
   * @param inRegisters whether vector registers 22 to 27 are for its constants
   */
  TileDecoder(Emitter e, TileWeights weights, TilePacking packing, boolean inRegisters) {
    this.e = e;
    this.weights = weights;
    this.packing = packing;
    this.inRegisters = inRegisters;
  }

  /** Loads the constants, once for the layer. */
  void begin() {
    SortedSet<Integer> kinds = new TreeSet<>();
    for (int s = 0; s < weights.runSteps(); s++) {
      for (int row = 0; row < weights.stepBytes() / 4; row++) {
        kinds.add(packing.bits(s, row));
      }
    }
    for (int p : kinds) {
      if (p == TilePacking.ZERO) {
        e.a.zero(e.target.vector(ZERO));
      } else if (p != TilePacking.BYTES && inRegisters) {
        e.a.load(e.target.vector(register(p)), shifts(p));
        e.a.load(e.target.vector(register(p) + 1), table(p));
      }
    }
  }

  private static int register(int p) {
    return CONSTANTS + 2 * (p / 2);
  }

  private Operand shiftOperand(int p) {
    return inRegisters ? e.target.vector(register(p)) : shifts(p);
  }

  private Operand tableOperand(int p) {
    return inRegisters ? e.target.vector(register(p) + 1) : table(p);
  }

  private Memory shifts(int p) {
    int[] counts = new int[16];
    for (int quad = 0; quad < 8; quad++) {
      counts[2 * quad] = quad / p * p;
    }
    return e.constants("shifts " + p, counts);
  }

  private Memory table(int p) {
    int[] all = new int[16];
    for (int i = 0; i < all.length; i++) {
      all[i] = TilePacking.aligned(i % (1 << p), p);
    }
    return e.shuffle("weights of " + p, all);
  }

  /** Rows of a step for {@code vectors} of outputs. */
  int rows(int vectors) {
    return vectors * weights.stepBytes() / 4;
  }

  /**
   * Decodes a row of a step.
   *
   * @param index of the row, through all vectors of outputs
   * @param from where the step's packed weights begin
   * @param to where the step's tiles begin
   */
  void row(int runStep, int index, Memory from, Memory to) {
    int perTile = weights.stepBytes() / 4;
    int row = index % perTile;
    int at = index / perTile * packing.stepBytes(runStep, 1);
    for (int before = 0; before < row; before++) {
      at += packing.rowBytes(runStep, before);
    }
    Memory source = from.plus(at);
    Memory place = to.plus(64 * index);
    VectorRegister x = e.target.vector(TEMPORARIES + rows++ % 3);
    int p = packing.bits(runStep, row);
    switch (p) {
      case TilePacking.ZERO -> {
        e.a.store(place, e.target.vector(ZERO));
        return;
      }
      case TilePacking.BYTES -> {
        e.a.load(x, source);
        e.a.store(place, x);
        return;
      }
      case 1 -> e.a.vpbroadcastq(x, source);
      case 2 -> e.a.vbroadcasti32x4(x, source);
      default -> e.a.vbroadcasti64x4(x, source);
    }
    e.a.vpsrlvq(x, x, shiftOperand(p));
    e.a.vpermb(x, x, tableOperand(p));
    e.a.store(place, x);
  }
}
