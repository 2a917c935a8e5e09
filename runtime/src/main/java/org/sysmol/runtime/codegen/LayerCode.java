package org.sysmol.runtime.codegen;

import java.util.Optional;

/**
 * The generator of one step's code and of the data beside it.
 *
 * <p>The code finds the address of its {@link Table} in rdi and keeps it; all other general
 * registers and all vector registers are its own. For counters and the like it may use {@link
 * #LOCALS} bytes at rsp, for all else {@link #scratchBytes} bytes of the thread's native memory at
 * {@link Emitter#scratch}. Both begin at a multiple of 64.
 */
abstract class LayerCode {
  /** Bytes of the stack: few, because code does not touch guard pages as Java does. */
  static final int LOCALS = 128;

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

  /** Bytes of the thread's native memory that the code wants; their content is left from before. */
  int scratchBytes() {
    return 0;
  }

  /** What thread {@code part} of {@code parts} does. */
  abstract Part part(int part, int parts);

  /** Whether each thread writes the rows {@link Part.Share#of} of the output, whole and alone. */
  boolean byRows(int parts) {
    return false;
  }

  /** Whether output rows are made of the same rows of {@code tensor} only. */
  boolean readsOwnRows(int tensor) {
    return false;
  }

  /** Multiply-accumulates that count bits instead of multiplying. */
  long bitMacs() {
    return 0;
  }
}
