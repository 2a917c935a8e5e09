package org.sysmol.runtime.engine;

import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;

/** Checks what a caller passes in. */
public final class Shapes {
  /** Most threads of a session. */
  public static final int MOST_THREADS = 256;

  private Shapes() {}

  /**
   * Checks the lengths of an image and of the array for its results.
   *
   * @throws SysmolException with expected and received sizes
   */
  public static void check(PackedNetwork network, float[] image, float[] result) {
    PackedTensor in = network.image();
    if (image.length != in.size()) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " takes an image of "
              + in.size()
              + " values ("
              + in.channels()
              + "x"
              + in.height()
              + "x"
              + in.width()
              + ") but got "
              + image.length
              + ".");
    }
    int results = network.result().size();
    if (result.length != results) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " gives "
              + results
              + " results but got room for "
              + result.length
              + ".");
    }
  }

  /**
   * Checks a number of threads and returns it.
   *
   * @throws SysmolException with what is allowed and what was given
   */
  public static int checkThreads(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw SysmolException.badInput(
          "A session takes 1 to " + MOST_THREADS + " threads but got " + threads + ".");
    }
    return threads;
  }
}
