package org.sysmol.report;

/**
 * Right answers on the test images, in percent (0 to 100); NaN where not measured.
 *
 * <p>A quantised network has been trained for longer than the network it started from. To compare
 * the two would credit the longer training to the precisions. So the baseline is {@code
 * fp32Control}: a copy of the start, trained on in full precision for as many epochs as the
 * precision search and the fine-tuning take together.
 *
 * @param fp32Start the full-precision network that the search starts from
 * @param fp32Control the same network trained on in full precision: the baseline
 * @param quantisedBeforeFineTune after precisions are assigned, before fine-tuning
 * @param quantised the result, by the arithmetic of docs/arithmetic.md
 * @param testImages number of test images
 */
public record Accuracy(
    double fp32Start,
    double fp32Control,
    double quantisedBeforeFineTune,
    double quantised,
    int testImages) {

  /** What quantisation costs against the baseline, in points; positive is a loss. */
  public double drop() {
    return fp32Control - quantised;
  }

  /** Standard error, in points, that an accuracy has from the choice of the test images. */
  public static double standardError(double percent, int images) {
    double p = percent / 100;
    return 100 * Math.sqrt(p * (1 - p) / images);
  }
}
