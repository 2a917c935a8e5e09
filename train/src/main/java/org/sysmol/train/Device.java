package org.sysmol.train;

import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.sysmol.core.SysmolException;

/**
 * The processor that training computes on: where new tensors lie. One for the process, as
 * libtorch's threads are.
 *
 * <p>Exact integers ({@link QuantisedEvaluation}) are computed on the CPU whatever is chosen here:
 * what they show must not depend on it.
 */
public final class Device {
  /** The processor itself. */
  public static final String CPU = "cpu";

  /** The first GPU that CUDA numbers. */
  public static final String CUDA = "cuda";

  /** A GPU if libtorch finds one. */
  public static final String AUTO = "auto";

  /** What can be asked for. */
  public static final List<String> CHOICES = List.of(AUTO, CPU, CUDA);

  private static String current = CPU;

  private Device() {}

  /**
   * The device that a choice comes to on this machine.
   *
   * @param choice one of {@link #CHOICES}
   * @return {@link #CPU} or {@link #CUDA}
   * @throws SysmolException if the choice is unknown, or is {@link #CUDA} and libtorch finds no GPU
   */
  public static String find(String choice) {
    if (!CHOICES.contains(choice)) {
      throw SysmolException.badInput(
          "--device takes " + String.join(" or ", CHOICES) + ", not " + choice + ".");
    }
    if (choice.equals(CPU)) {
      return CPU;
    }
    Libtorch.prepare();
    if (torch.cuda_is_available()) {
      return CUDA;
    }
    if (choice.equals(CUDA)) {
      throw SysmolException.badInput(
          (withCuda()
                  ? "libtorch finds no GPU on this machine, no driver for one, or not all of CUDA's"
                      + " libraries"
                  : "This build has libtorch for the CPU alone")
              + "; take --device cpu, or see docs/training.md, \"On a GPU\".");
    }
    return CPU;
  }

  /** Whether the libtorch at hand was built for GPUs, whatever this machine has. */
  public static boolean withCuda() {
    return torch.class.getResource(
            "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so")
        != null;
  }

  /**
   * Has new tensors lie on a device.
   *
   * <p>On a GPU sums are made in the same order in every run, where libtorch can do that (it warns
   * where it can't), and in binary32, not in shorter formats as its defaults are.
   *
   * @param device what {@link #find} gave
   */
  static void use(String device) {
    Libtorch.prepare();
    if (device.equals(CUDA)) {
      Context context = torch.globalContext();
      context.setAllowTF32CuBLAS(false);
      context.setAllowTF32CuDNN(false);
      context.setDeterministicCuDNN(true);
      context.setDeterministicAlgorithms(true, true);
      context.setDeterministicFillUninitializedMemory(false);
    }
    current = device;
  }

  /** The device in use. */
  static String inUse() {
    return current;
  }

  /** A tensor on the device in use: the same one where it lies there. */
  static Tensor placed(Tensor tensor) {
    return current.equals(CPU)
        ? tensor
        : tensor.to(new org.bytedeco.pytorch.Device(current), tensor.scalar_type());
  }
}
