package org.sysmol.runtime.x86;

/** What the classes of one method per instruction write to. */
abstract sealed class InstructionSink permits ScalarInstructions {
  /**
   * Appends one instruction.
   *
   * @throws IllegalArgumentException where no encoding takes these operands with the extensions
   *     allowed; the message lists the encodings
   */
  public abstract void emit(Mnemonic mnemonic, Operand... operands);
}
