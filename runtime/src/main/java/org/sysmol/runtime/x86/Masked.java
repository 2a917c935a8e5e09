package org.sysmol.runtime.x86;

/**
 * A destination under an AVX-512 mask.
 *
 * @param target the vector register, memory or mask register written to
 * @param mask {@code k1}..{@code k7}
 * @param zeroing whether lanes left out become 0 (registers only) or keep what they held
 */
public record Masked(Operand target, MaskRegister mask, boolean zeroing) implements Operand {
  /** Checks that the target can be masked. */
  public Masked {
    boolean maskable =
        target instanceof VectorRegister
            || (!zeroing && (target instanceof Memory || target instanceof MaskRegister));
    if (!maskable) {
      throw new IllegalArgumentException("The operand " + target + " cannot be masked so.");
    }
    if (mask.index() == 0) {
      throw new IllegalArgumentException("k0 cannot mask: its code means that there is no mask.");
    }
  }

  /** A masked destination fits nowhere before its mask is taken off. */
  @Override
  public int shape() {
    return 1;
  }

  /** The destination with its mask as an assembler writes it. */
  @Override
  public String toString() {
    return target + "{" + mask + "}" + (zeroing ? "{z}" : "");
  }
}
