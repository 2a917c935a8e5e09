package org.sysmol.report.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** How numbers are written on a page, the same in every locale. NaN means: not measured. */
public final class Numbers {
  private static final String NONE = "–";

  private Numbers() {}

  /** A whole number with commas: {@code 1,234,567}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** At most {@code digits} digits after the point, no trailing zeros. */
  public static String decimal(double value, int digits) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    var rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** Exactly {@code digits} digits after the point. */
  public static String fixed(double value, int digits) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString()
        : NONE;
  }

  /** Four significant digits; whole numbers in full. */
  public static String significant(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return count((long) value);
    }
    if (Math.abs(value) >= 1000) {
      return count(Math.round(value));
    }
    return BigDecimal.valueOf(value)
        .round(new MathContext(4, RoundingMode.HALF_EVEN))
        .stripTrailingZeros()
        .toPlainString();
  }

  /** A percentage with two digits: {@code 88.91 %}. */
  public static String percent(double value) {
    return Double.isFinite(value) ? fixed(value, 2) + " %" : NONE;
  }

  /** A difference of percentages with its sign: {@code -0.42 points}. */
  public static String points(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    String text = fixed(value, 2);
    return (text.startsWith("-") || Double.parseDouble(text) == 0 ? text : "+" + text) + " points";
  }

  /** Milliseconds, four significant digits. */
  public static String milliseconds(double value) {
    return Double.isFinite(value) ? significant(value) + " ms" : NONE;
  }

  /** A count of bytes, and the same in a unit one can picture. */
  public static String bytes(long value) {
    if (value < 1024) {
      return count(value) + " bytes";
    }
    return value < 1024 * 1024
        ? "%s bytes (%s KiB)".formatted(count(value), fixed(value / 1024.0, 1))
        : "%s bytes (%s MiB)".formatted(count(value), fixed(value / 1048576.0, 2));
  }
}
