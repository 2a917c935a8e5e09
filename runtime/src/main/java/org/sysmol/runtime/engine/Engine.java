package org.sysmol.runtime.engine;

import org.sysmol.core.packed.PackedNetwork;

/** Prepares packed networks for one way of computing; every engine gives the same bits. */
public interface Engine {
  /** Short name, as {@code --engine} takes it. */
  String name();

  /** What it computes with, for a person: instruction set, vector width. */
  String description();

  /**
   * Repacks a network once for this engine.
   *
   * @throws org.sysmol.core.SysmolException if a bound of the network exceeds what the engine's
   *     accumulators hold
   */
  Prepared prepare(PackedNetwork network);

  /** A network prepared for an engine: immutable, shared by any number of contexts. */
  interface Prepared extends AutoCloseable {
    /**
     * A cheap context with the buffers of one run; not for use by several threads at once.
     *
     * @param threads that share the work of a step, at least 1; engines that know no threads use
     *     one
     * @throws org.sysmol.core.SysmolException if the system gives no such number of threads
     * @throws IllegalStateException if the network is closed
     */
    Context newContext(int threads);

    /** A context that keeps all tensors of its last run, in more memory. */
    Context newTracingContext(int threads);

    /** What it took to have it. */
    default Preparation preparation() {
      return Preparation.NONE;
    }

    /** What runs each step, in order: for listings. */
    java.util.List<String> kernels();

    /** Why each step runs as it does, in order. */
    java.util.List<Explanation> explain();

    /**
     * Releases what the engine and its contexts hold outside the heap; harmless twice. Runs that
     * are under way finish, and what they use is released then; later ones are refused.
     */
    @Override
    void close();
  }

  /** The buffers of one run. */
  interface Context extends AutoCloseable {
    /** Threads that share the work of a step. */
    int threads();

    /**
     * Runs one image.
     *
     * @param image normalised binary32, {@code [channels, height, width]}
     * @param result receives the results in the order of the float network
     * @throws IllegalStateException if the network or this context is closed, or another thread is
     *     using this context
     */
    void run(float[] image, float[] result);

    /**
     * The tensors of the last run of a tracing context.
     *
     * @throws IllegalStateException if this context reuses their memory
     */
    Tensors tensors();

    /**
     * Runs one step again, on whatever its tensors hold; for timings.
     *
     * @param step its number
     * @throws IndexOutOfBoundsException if there is no such step
     * @throws IllegalStateException as {@link #run}
     */
    void runStep(int step);

    /** Releases what the context holds outside the heap, after a run that is under way. */
    @Override
    void close();
  }
}
