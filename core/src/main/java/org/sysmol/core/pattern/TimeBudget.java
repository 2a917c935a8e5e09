package org.sysmol.core.pattern;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.sysmol.core.SysmolException;

/**
 * The time that one image may take, and what is predicted to take it.
 *
 * @param milliseconds the budget for the whole network, above 0
 * @param costs whose costs predict, in words that messages and files give: a processor, a class
 * @param fixedPicoseconds what does not depend on precisions: edge layers, and steps without
 *     weights
 * @param layers for each searched input, in the order of the plan's groups
 */
public record TimeBudget(
    double milliseconds, String costs, long fixedPicoseconds, List<LayerTime> layers) {
  /** Picoseconds of a millisecond. */
  public static final double PER_MILLISECOND = 1e9;

  /** The longest budget, in milliseconds: an hour. */
  public static final double LONGEST = LayerTime.LONGEST / PER_MILLISECOND;

  /** Checks the ranges. */
  public TimeBudget {
    layers = List.copyOf(layers);
    // Written so that NaN is refused.
    if (!(milliseconds > 0 && milliseconds <= LONGEST)) {
      throw SysmolException.badInput(
          "A budget of "
              + milliseconds
              + " ms makes no sense; give a number above 0, for instance 1.2.");
    }
    if (fixedPicoseconds < 0 || fixedPicoseconds > LayerTime.LONGEST) {
      throw SysmolException.badInput(
          "A part of " + fixedPicoseconds + " ps makes no sense: it is from 0 ps to an hour.");
    }
  }

  /** The budget in whole picoseconds. */
  public long picoseconds() {
    return (long) Math.floor(milliseconds * PER_MILLISECOND);
  }

  /** Budget and costs in one line: equal for equal times, so that runs can be told apart by it. */
  @Override
  public String toString() {
    StringBuilder all = new StringBuilder(Long.toString(fixedPicoseconds));
    for (LayerTime layer : layers) {
      for (int precision = 1; precision <= 4; precision *= 2) {
        all.append(Arrays.toString(layer.part(precision)));
      }
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return milliseconds
          + " ms by costs of "
          + costs
          + " "
          + HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
