package org.sysmol.runtime.x86;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes instructions for one set of extensions and remembers which encoding operands of which shape
 * get: a network has tens of thousands of instructions, but few shapes.
 */
final class FormCache {
  private static final int MOST_OPERANDS = 4;

  /** What was found for a mnemonic and shapes. */
  private record Known(long key, Form form, int length) {}

  private final Set<Feature> allowed;

  /** Open addressing; a power of two, at most half of it used. */
  private @Nullable Known[] slots = new Known[256];

  private int used;

  FormCache(Set<Feature> allowed) {
    this.allowed = allowed;
  }

  /**
   * As {@link Instruction#of}.
   *
   * @throws IllegalArgumentException where no encoding takes the operands
   */
  @SuppressWarnings("EnumOrdinal") // a key that is kept nowhere
  Instruction make(Mnemonic mnemonic, Operand[] operands) {
    if (operands.length == 0
        || operands.length > MOST_OPERANDS
        || operands[0] instanceof Masked
        || operands[0] instanceof TileRegister) {
      return Instruction.of(allowed, mnemonic, operands);
    }
    long key = ((long) mnemonic.ordinal() << 3) | operands.length;
    for (Operand operand : operands) {
      key = (key << Operand.SHAPE_BITS) | operand.shape();
    }
    int at = place(key);
    Known known = slots[at];
    if (known != null) {
      return new Instruction(mnemonic, known.form, known.length, List.of(operands), null, false);
    }
    Instruction made = Instruction.of(allowed, mnemonic, operands);
    slots[at] = new Known(key, made.form(), made.length());
    if (++used > slots.length / 2) {
      grow();
    }
    return made;
  }

  /** Where a key is, or belongs. */
  private int place(long key) {
    int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) & (slots.length - 1);
    Known known = slots[at];
    while (known != null && known.key != key) {
      at = (at + 1) & (slots.length - 1);
      known = slots[at];
    }
    return at;
  }

  private void grow() {
    @Nullable Known[] old = slots;
    slots = new Known[2 * old.length];
    for (Known known : old) {
      if (known != null) {
        slots[place(known.key)] = known;
      }
    }
  }
}
