package org.sysmol.runtime.codegen;

/**
 * Whether transformed windows beat plain ones: times of one output pixel in units of 10^-3 ns, as
 * measured on 3x3 layers of classes {@code avx512} and {@code avxvnni} on AMD Zen 5. Only their
 * ratios matter. What both kernels have in common, epilogue and single bits, is left out.
 */
final class WinogradCost {
  /** A {@code vpdpbusd} on a whole vector. */
  private static final double PRODUCT = 150;

  /** The transforms, by group of outputs and vector of output channels. */
  private static final double TRANSFORMS = 5000;

  /** A byte of weights where they do not stay in a cache of the core. */
  private static final double FAR_BYTE = 40;

  private static final int NEAR_BYTES = 1 << 20;

  /** Transformed windows must win by this, for the times are of one kind of processor. */
  private static final double MARGIN = 1.05;

  /** Look-ups must win by this: their costs are low for layers of several segments. */
  private static final double LOOKUP_MARGIN = 1.25;

  private WinogradCost() {}

  /** True if the kernel is expected to be faster than {@link DotConvolution}. */
  static boolean pays(WinogradConvolution code) {
    double products = PRODUCT * code.allVectors() * code.window.taps() * steps(code);
    double weights = (double) code.allVectors() * code.target.vectorBytes();
    weights *= code.window.taps() * steps(code);
    double plain = Math.max(products, far(weights) / code.window.outputs());
    return cost(code) * MARGIN < plain;
  }

  /** True if the kernel is expected to be faster than a look-up. */
  static boolean beats(WinogradConvolution code, LookupConvolution lookup) {
    return cost(code) < LOOKUP_MARGIN * LookupCost.lookups(lookup);
  }

  private static double cost(WinogradConvolution code) {
    double products =
        PRODUCT * WinogradPlan.CELLS * code.window.kernelHeight() * steps(code) + TRANSFORMS;
    double perPixel = (double) code.plan().groups / code.window.outputWidth();
    double weights = code.allWeightBytes();
    return Math.max(products * code.allVectors() * perPixel, far(weights) / code.window.outputs());
  }

  private static double far(double bytes) {
    return bytes > NEAR_BYTES ? FAR_BYTE * bytes : 0;
  }

  private static int steps(WinogradConvolution code) {
    return Math.ceilDiv(code.in.byteChannels(), DotWeights.STEP);
  }
}
