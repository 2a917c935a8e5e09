package org.sysmol.runtime.engine;

import org.sysmol.core.SysmolException;
import org.sysmol.core.packed.PackedNetwork;
import org.sysmol.core.packed.PackedTensor;

/** Checks what a caller passes in. */
public final class Shapes {
  private Shapes() {}

  /**
   * Checks the lengths of an image and of the array for its results.
   *
   * @throws SysmolException with expected and received sizes
   */
  public static void check(PackedNetwork network, float[] image, float[] result) {
    PackedTensor in = network.image();
    require(network, "image", in.channels() + "x" + in.height() + "x" + in.width(), in, image);
    PackedTensor out = network.result();
    require(network, "result", Integer.toString(out.channels()), out, result);
  }

  /** Most threads of a session. */
  private static final int MOST_THREADS = 256;

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

  private static void require(
      PackedNetwork network, String what, String shape, PackedTensor tensor, float[] given) {
    if (given.length != tensor.size()) {
      throw SysmolException.badInput(
          "Network "
              + network.name()
              + " takes an "
              + what
              + " of "
              + tensor.size()
              + " values ("
              + shape
              + ") but got "
              + given.length
              + ".");
    }
  }
}
