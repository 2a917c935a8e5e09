package org.sysmol.core.pattern;

import java.util.Arrays;

/** Picks the highest of an array, equal values in the order of their indices, in linear time. */
final class ChannelRanking {
  private ChannelRanking() {}

  /**
   * Precisions for channels ranked by {@code value}, highest first and equal ones by index: the
   * first {@code n4} get 4 bits, the next {@code n2} get 2, the rest 1.
   */
  static int[] assign(double[] value, int n4, int n2) {
    double[] sorted = value.clone();
    Arrays.sort(sorted);
    int[] precision = new int[value.length];
    Arrays.fill(precision, 1);
    // The wider prefix first; the narrower one then overwrites its part.
    mark(value, sorted, n4 + n2, 2, precision);
    mark(value, sorted, n4, 4, precision);
    return precision;
  }

  private static void mark(
      double[] value, double[] ascending, int count, int mark, int[] precision) {
    if (count == 0) {
      return;
    }
    double last = ascending[ascending.length - count];
    int above = 0;
    for (double v : value) {
      above += Double.compare(v, last) > 0 ? 1 : 0;
    }
    int ties = count - above;
    for (int c = 0; c < value.length; c++) {
      int order = Double.compare(value[c], last);
      if (order > 0 || (order == 0 && ties-- > 0)) {
        precision[c] = mark;
      }
    }
  }
}
