package org.sysmol.runtime.codegen;

/**
 * Whether look-ups beat products: times of one output pixel in units of 10^-3 ns, as measured on
 * 3x3 and 1x1 layers of class {@code avx2} on AMD Zen 5. Only their ratios matter. The epilogue is
 * left out: both have it.
 */
final class LookupCost {
  /** A product of bytes by {@code vpmaddubsw} or by {@code vpdpbusd} on 256 bits. */
  private static final double PRODUCT = 6.0;

  private static final double DOT_PRODUCT = 5.0;

  /** A one-bit product looked up for two pixels at once. */
  private static final double ONE_BIT = 1.25;

  private static final double TWO_BITS = 3.2;

  /** Sums of a segment to 32 bits in memory and back, by output. */
  private static final double SEGMENT = 80;

  /** Input in another form, by channel of an input pixel. */
  private static final double INPUT = 18;

  /** Look-ups must win by this, for the times are of one kind of processor. */
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
    double product = code.target.dotProduct() ? DOT_PRODUCT : PRODUCT;
    int taps = code.window.taps();
    return product * taps * NativeTensor.roundUp(code.out.channels(), code.target.lanes());
  }

  /** The cost of the kernel. */
  static double lookups(LookupConvolution code) {
    LookupSegments segments = code.segments();
    int taps = code.window.taps();
    int lanes = code.target.lanes();
    int outputs = code.out.channels();
    int bytes = segments.byteChannels();
    int kinds =
        (bytes > 0 ? 1 : 0) + (segments.twoSteps() > 0 ? 1 : 0) + (segments.oneSteps() > 0 ? 1 : 0);
    double perLookup =
        SEGMENT * kinds
            + taps
                * LookupSegments.STEP
                * (ONE_BIT * segments.oneSteps() + TWO_BITS * segments.twoSteps());
    double inputPixels =
        (double) code.window.strideY() * code.in.columns() / code.window.outputWidth();
    return perLookup * NativeTensor.roundUp(outputs, 4 * lanes)
        + products(code)
            / NativeTensor.roundUp(outputs, lanes)
            * bytes
            * NativeTensor.roundUp(outputs, 2 * lanes)
        + INPUT * inputPixels * segments.channels();
  }
}
