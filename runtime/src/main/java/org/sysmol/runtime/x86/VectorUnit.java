package org.sysmol.runtime.x86;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the vector instructions compute, gathered from the units that know it. */
final class VectorUnit {
  /**
   * The meaning of one mnemonic.
   *
   * @param semantics computes the result
   * @param lanewise whether a lane of the result depends on the same lane of the sources only, so
   *     that lanes of memory that the mask leaves out are not read
   */
  record Meaning(VectorStep.Semantics semantics, boolean lanewise) {}

  private static final Map<Mnemonic, Meaning> MEANINGS = gather();

  private final Map<Mnemonic, Meaning> meanings = new EnumMap<>(Mnemonic.class);

  private VectorUnit() {}

  private static Map<Mnemonic, Meaning> gather() {
    VectorUnit unit = new VectorUnit();
    MoveUnit.describe(unit);
    IntegerUnit.describe(unit);
    ProductUnit.describe(unit);
    PermuteUnit.describe(unit);
    FloatUnit.describe(unit);
    return Map.copyOf(unit.meanings);
  }

  /** The meaning of {@code mnemonic}, null where it is no vector instruction. */
  static @Nullable Meaning of(Mnemonic mnemonic) {
    return MEANINGS.get(mnemonic);
  }

  /** Describes an instruction that mixes lanes. */
  void add(Mnemonic mnemonic, VectorStep.Semantics semantics) {
    meanings.put(mnemonic, new Meaning(semantics, false));
  }

  /** Describes an instruction whose lanes do not meet. */
  void addLanewise(Mnemonic mnemonic, VectorStep.Semantics semantics) {
    meanings.put(mnemonic, new Meaning(semantics, true));
  }

  /** One source, lanes with a sign. */
  void unary(Mnemonic mnemonic, int bits, LongUnaryOperator operator) {
    addLanewise(
        mnemonic,
        step -> {
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() * 8 / bits; i++) {
            Lanes.set(step.out, bits, i, operator.applyAsLong(Lanes.signed(a, bits, i)));
          }
        });
  }

  /** Two sources, lanes with a sign. */
  void signed(Mnemonic mnemonic, int bits, LongBinaryOperator operator) {
    addLanewise(
        mnemonic,
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes() * 8 / bits; i++) {
            long value = operator.applyAsLong(Lanes.signed(a, bits, i), Lanes.signed(b, bits, i));
            Lanes.set(step.out, bits, i, value);
          }
        });
  }

  /** Two sources, lanes without a sign. */
  void unsigned(Mnemonic mnemonic, int bits, LongBinaryOperator operator) {
    addLanewise(
        mnemonic,
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          for (int i = 0; i < step.bytes() * 8 / bits; i++) {
            long value =
                operator.applyAsLong(Lanes.unsigned(a, bits, i), Lanes.unsigned(b, bits, i));
            Lanes.set(step.out, bits, i, value);
          }
        });
  }

  /** One source and a constant, lanes without a sign; memory is always read whole. */
  void withConstant(Mnemonic mnemonic, int bits, LongBinaryOperator operator) {
    add(
        mnemonic,
        step -> {
          byte[] a = step.source(1);
          for (int i = 0; i < step.bytes() * 8 / bits; i++) {
            long value = operator.applyAsLong(Lanes.unsigned(a, bits, i), step.constant());
            Lanes.set(step.out, bits, i, value);
          }
        });
  }

  /** A question to two lanes. */
  @FunctionalInterface
  interface Comparison {
    boolean holds(long a, long b, int constant);
  }

  /** A comparison: all bits of a lane (VEX) or one bit of a mask (EVEX). */
  void comparison(Mnemonic mnemonic, int bits, boolean signed, Comparison comparison) {
    addLanewise(
        mnemonic,
        step -> {
          byte[] a = step.source(1);
          byte[] b = step.source(2);
          boolean toMask = step.instruction.operands().getFirst() instanceof MaskRegister;
          boolean constant = step.instruction.operands().size() > 3;
          long mask = 0;
          for (int i = 0; i < step.bytes() * 8 / bits; i++) {
            long x = signed ? Lanes.signed(a, bits, i) : Lanes.unsigned(a, bits, i);
            long y = signed ? Lanes.signed(b, bits, i) : Lanes.unsigned(b, bits, i);
            if (comparison.holds(x, y, constant ? step.constant() : 0)) {
              mask |= 1L << i;
              if (!toMask) {
                Lanes.set(step.out, bits, i, -1);
              }
            }
          }
          if (toMask) {
            Lanes.set(step.out, 64, 0, mask);
          }
        });
  }
}
