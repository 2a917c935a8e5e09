package org.sysmol.runtime.engine;

/** One step of a network, bound to its weights: reads and writes the tensors of a context. */
public interface Kernel {
  /** Name of the kernel, for listings, e.g. {@code scalar} or {@code avx2 vpmaddubsw 3x3}. */
  String name();

  /**
   * Runs the step.
   *
   * @param tensors of the calling context
   */
  void run(Tensors tensors);
}
