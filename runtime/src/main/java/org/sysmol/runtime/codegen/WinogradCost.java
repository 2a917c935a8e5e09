package org.sysmol.runtime.codegen;

/**
 * Whether transformed windows beat plain ones: picoseconds of one output pixel by the target's
 * {@link KernelCosts}. What both kernels have in common, epilogue and single bits, is left out.
 */
final class WinogradCost {
  /** A byte of weights where they do not stay in a cache of the core. */
  private static final double FAR_BYTE = 40;

  private static final int NEAR_BYTES = 1 << 20;

  /** Transformed windows must win by this, for costs are those of a few layers. */
  private static final double MARGIN = 1.05;

  /** Look-ups must win by this: their costs are low for layers of several segments. */
  private static final double LOOKUP_MARGIN = 1.25;

  private WinogradCost() {}

  /** True if the kernel is expected to be faster than {@link DotConvolution}. */
  static boolean pays(WinogradConvolution code) {
    double products = code.target.costs().product() * macs(code);
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
    KernelCosts costs = code.target.costs();
    double outputs = (double) code.allVectors() * code.target.lanes();
    double products = costs.transformedProduct() * macs(code) + costs.transforms() * outputs;
    // A group is several outputs, of which the last may be beyond the row.
    double done = (double) WinogradPlan.OUTPUTS * code.plan().groups / code.window.outputWidth();
    double weights = code.allWeightBytes();
    return Math.max(products * done, far(weights) / code.window.outputs());
  }

  /** Multiply-accumulates of an output pixel, lanes and steps that are not filled included. */
  private static double macs(WinogradConvolution code) {
    return (double) code.allVectors()
        * code.target.lanes()
        * code.window.taps()
        * DotWeights.STEP
        * steps(code);
  }

  private static double far(double bytes) {
    return bytes > NEAR_BYTES ? FAR_BYTE * bytes : 0;
  }

  private static int steps(WinogradConvolution code) {
    return Math.ceilDiv(code.in.byteChannels(), DotWeights.STEP);
  }
}
