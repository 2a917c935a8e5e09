package org.sysmol.runtime.codegen;

import org.sysmol.core.plan.Window;
import org.sysmol.runtime.machine.CpuClass;

/**
 * What the kernels of a convolution cost, for the choice between them. All are picoseconds on one
 * thread; only their ratios matter. What kernels have in common, such as the epilogue, is left out.
 *
 * @param product a multiply-accumulate of bytes
 * @param transformedProduct the same in transformed windows, by multiply-accumulate of the layer
 * @param transforms transforms of windows, by output
 * @param oneBit a multiply-accumulate of one bit that is looked up
 * @param twoBits a multiply-accumulate of two bits that is looked up
 * @param segment sums of a segment of look-ups to 32 bits in memory and back, by output
 * @param measured whether they were measured on the machine at hand
 */
public record KernelCosts(
    double product,
    double transformedProduct,
    double transforms,
    double oneBit,
    double twoBits,
    double segment,
    boolean measured) {
  /** Checks that all are positive. */
  public KernelCosts {
    if (!(product > 0
        && transformedProduct > 0
        && transforms > 0
        && oneBit > 0
        && twoBits > 0
        && segment > 0)) {
      throw new IllegalArgumentException("A kernel's cost is not positive.");
    }
  }

  /** Whether dense windows of this shape can be multiplied in transformed form. */
  public static boolean mayTransform(Window w) {
    return w.kernelWidth() == 3
        && w.strideX() == 1
        && w.strideY() == 1
        && w.dilationX() == 1
        && w.dilationY() == 1;
  }

  /** As measured on AMD Zen 5. */
  public static KernelCosts builtIn(CpuClass cpuClass) {
    return switch (cpuClass) {
      case BASELINE, AVX2 -> new KernelCosts(6.0, 6.0, 100, 1.25, 3.2, 80, false);
      case AVXVNNI -> new KernelCosts(4.7, 2.35, 156, 1.25, 3.2, 80, false);
      case AVX512, AMX -> new KernelCosts(2.35, 1.17, 78, 1.25, 3.2, 80, false);
    };
  }

  /** Where they come from, in words. */
  String origin() {
    return measured ? "by costs measured on this machine" : "by costs measured on AMD Zen 5";
  }
}
