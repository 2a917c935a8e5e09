package org.sysmol.train;

import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.SysmolException;

/** Loads libtorch and sets it up so that the same input gives the same bits. */
public final class Libtorch {
  private static boolean prepared;

  private Libtorch() {}

  /**
   * Loads libtorch, once per process; refuses in one sentence where that can't be done.
   *
   * <p>NNPACK is off: it may choose Winograd or Fourier transforms for small batches, which are not
   * exact on integers.
   */
  public static synchronized void prepare() {
    if (prepared) {
      return;
    }
    try {
      NativeMemory.keep();
      Context context = torch.globalContext();
      context.setUserEnabledNNPACK(false);
      context.setDeterministicMkldnn(true);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw SysmolException.failed(
          "Training needs libtorch, which could not be loaded on this machine ("
              + e.getMessage()
              + "); it is there for 64-bit Linux on x86.",
          e);
    }
    prepared = true;
  }

  /** Threads that libtorch computes with, at least 1. Results may differ in bits between counts. */
  public static void threads(int threads) {
    prepare();
    torch.set_num_threads(threads);
  }

  /** While open, new tensors lie on the CPU and convolutions run without oneDNN. */
  interface Exact extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Keeps oneDNN out of convolutions of integers: on a processor with AVX-512 its convolution of 37
   * channels, batch 2, gave sums of small integers that were plainly wrong, where libtorch's own
   * (columns and a matrix product) are exact. And keeps all on the CPU, whose results were proved.
   */
  static Exact exact() {
    Context context = torch.globalContext();
    boolean before = context.userEnabledMkldnn();
    context.setUserEnabledMkldnn(false);
    String device = Device.inUse();
    Device.use(Device.CPU);
    return () -> {
      context.setUserEnabledMkldnn(before);
      Device.use(device);
    };
  }
}
