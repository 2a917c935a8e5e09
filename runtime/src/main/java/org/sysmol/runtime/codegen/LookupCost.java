package org.sysmol.runtime.codegen;

/**
 * Whether look-ups beat products: picoseconds of one output pixel by the target's {@link
 * KernelCosts}. The epilogue is left out: both have it.
 */
final class LookupCost {
  /** Input in another form, by channel of an input pixel. */
  private static final double INPUT = 18;

  /** Look-ups must win by this, for costs are those of a few layers. */
  private static final double MARGIN = 1.05;

  private LookupCost() {}

  /** True if the kernel is expected to be faster than {@link DotConvolution}. */
  static boolean pays(LookupConvolution code) {
    // There bits are counted, or vectors of products are twice as wide.
    return !code.target.wide()
        && lookups(code) * MARGIN < products(code) * code.segments().channels();
  }

  /** Products of a channel with all outputs. */
  private static double products(LookupConvolution code) {
    int taps = code.window.taps();
    return code.target.costs().product()
        * taps
        * NativeTensor.roundUp(code.out.channels(), code.target.lanes());
  }

  /** The cost of the kernel. */
  static double lookups(LookupConvolution code) {
    KernelCosts costs = code.target.costs();
    LookupSegments segments = code.segments();
    int taps = code.window.taps();
    int lanes = code.target.lanes();
    int outputs = code.out.channels();
    int bytes = segments.byteChannels();
    int kinds =
        (bytes > 0 ? 1 : 0) + (segments.twoSteps() > 0 ? 1 : 0) + (segments.oneSteps() > 0 ? 1 : 0);
    int width = code.window.outputWidth();
    double inputPixels = (double) code.plan().allPixels() / code.window.outputs();
    // A look-up of one bit serves two pixels; for one alone it costs about as much.
    double pairs = NativeTensor.roundUp(width, 2) / (double) width;
    double perLookup =
        costs.segment() * kinds
            + taps
                * LookupSegments.STEP
                * (costs.oneBit() * pairs * segments.oneSteps()
                    + costs.twoBits() * segments.twoSteps());
    return perLookup * NativeTensor.roundUp(outputs, 4 * lanes)
        + products(code)
            / NativeTensor.roundUp(outputs, lanes)
            * bytes
            * NativeTensor.roundUp(outputs, 2 * lanes)
        + INPUT * inputPixels * segments.channels();
  }
}
