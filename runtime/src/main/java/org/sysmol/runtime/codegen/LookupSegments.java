package org.sysmol.runtime.codegen;

/**
 * How the input channels of a layer are divided among kernels: those of two bits and those of one
 * bit at the end, in steps of four channels, and all others, which are multiplied as bytes. A step
 * that the boundary of two precisions cuts goes to the bytes, for aligned weights are ordinary
 * integers.
 *
 * @param channels channels of the layer
 * @param twosBegin first channel looked up by two bits, a multiple of a step
 * @param twosEnd end of these
 * @param onesBegin first channel looked up by one bit, a multiple of a step
 * @param onesEnd end of these, {@code channels} rounded up to a step
 */
record LookupSegments(int channels, int twosBegin, int twosEnd, int onesBegin, int onesEnd) {
  /** Channels of a step: an index of a table is one bit of each of their weights. */
  static final int STEP = 4;

  /**
   * The segments of a layer.
   *
   * @param precision bits by channel position
   * @param twos whether channels of two bits are looked up
   * @param leastSteps segments of fewer steps are multiplied as bytes
   */
  static LookupSegments of(byte[] precision, boolean twos, int leastSteps) {
    int end = NativeTensor.roundUp(precision.length, STEP);
    int oneBit = begin(precision, precision.length, 1);
    int ones = NativeTensor.roundUp(oneBit, STEP);
    if (end - ones < leastSteps * STEP) {
      ones = end;
      oneBit = precision.length;
    }
    int lastTwo = oneBit;
    while (lastTwo > 0 && precision[lastTwo - 1] == 1) {
      lastTwo--;
    }
    int from = NativeTensor.roundUp(begin(precision, lastTwo, 2), STEP);
    int to = lastTwo == precision.length ? end : lastTwo / STEP * STEP;
    return twos && to - from >= Math.max(1, leastSteps) * STEP
        ? new LookupSegments(precision.length, from, to, ones, end)
        : new LookupSegments(precision.length, ones, ones, ones, end);
  }

  /** Where the run of channels of {@code bits} that stops before {@code end} begins. */
  private static int begin(byte[] precision, int end, int bits) {
    int begin = end;
    while (begin > 0 && precision[begin - 1] == bits) {
      begin--;
    }
    return begin;
  }

  int oneSteps() {
    return (onesEnd - onesBegin) / STEP;
  }

  int twoSteps() {
    return (twosEnd - twosBegin) / STEP;
  }

  /** Channels multiplied as bytes, a multiple of a step; they need not lie side by side. */
  int byteChannels() {
    return twosBegin + onesBegin - twosEnd;
  }

  /** The channel that is number {@code i} of those multiplied as bytes. */
  int byteChannel(int i) {
    return i < twosBegin ? i : i - twosBegin + twosEnd;
  }
}
