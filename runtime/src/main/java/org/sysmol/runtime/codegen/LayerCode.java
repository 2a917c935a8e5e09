package org.sysmol.runtime.codegen;

import java.util.Optional;

/**
 * The generator of one step's code and of the data beside it.
 *
 * <p>The code finds the address of its {@link Table} in rdi and keeps it; all other general
 * registers and all vector registers are its own. It may use {@link #scratchBytes} bytes at rsp,
 * which is a multiple of 64.
 */
abstract class LayerCode {
  final int index;

  LayerCode(int index) {
    this.index = index;
  }

  /** Name of the kernel, for listings. */
  abstract String kernel();

  /** Why this kernel was chosen, in words. */
  String reason() {
    return "the only kernel for such a step";
  }

  /** What is slower than it could be, in words; empty where nothing is. */
  Optional<String> fallback() {
    return Optional.empty();
  }

  /** Appends the code. */
  abstract void emit(Emitter e);

  /** Makes what the code reads beside tensors. */
  LayerData data() {
    return LayerData.NONE;
  }

  /** Bytes of the stack that the code wants. */
  int scratchBytes() {
    return 0;
  }

  /** What thread {@code part} of {@code parts} does. */
  abstract Part part(int part, int parts);

  /** Multiply-accumulates that count bits instead of multiplying. */
  long bitMacs() {
    return 0;
  }
}
