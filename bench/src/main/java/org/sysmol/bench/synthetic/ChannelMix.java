package org.sysmol.bench.synthetic;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.sysmol.core.SysmolException;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.Stage;

/**
 * Which percentage of the channels of every searched layer has 1, 2 and 4 bits.
 *
 * @param one percent of 1-bit channels
 * @param two percent of 2-bit channels
 * @param four percent of 4-bit channels; the three sum to 100
 */
public record ChannelMix(double one, double two, double four) {
  private static final int[] PRECISIONS = {1, 2, 4};

  /** The mixes between which {@link #ofBits} interpolates, fewest bits first. */
  private static final double[][] KNOTS = {
    {100, 0, 0}, {80, 15, 5}, {45, 32.5, 22.5}, {10, 30, 60}, {0, 0, 100}
  };

  /** Checks that the parts are percentages of one whole. */
  public ChannelMix {
    boolean parts = one >= 0 && two >= 0 && four >= 0;
    if (!parts || !(Math.abs(one + two + four - 100) < 1e-6)) {
      throw SysmolException.badInput(
          String.format(
              Locale.ROOT,
              "The mix %s,%s,%s of 1-, 2- and 4-bit channels is not one of percentages that sum to"
                  + " 100; give for instance --mix 50,30,20.",
              number(one),
              number(two),
              number(four)));
    }
  }

  /** A mix as the command line says it, {@code 50,30,20}. */
  public static ChannelMix parse(String text) {
    String[] parts = text.split(",", -1);
    try {
      if (parts.length == 3) {
        return new ChannelMix(
            Double.parseDouble(parts[0]),
            Double.parseDouble(parts[1]),
            Double.parseDouble(parts[2]));
      }
    } catch (NumberFormatException e) {
      // Refused below, as three numbers too few are.
    }
    throw SysmolException.badInput(
        "--mix takes the percentages of 1-, 2- and 4-bit channels, for instance 50,30,20, and not "
            + text
            + ".");
  }

  /**
   * The mix of a mean precision, between 100/0/0, 80/15/5, 45/32.5/22.5, 10/30/60 and 0/0/100.
   *
   * @param bits mean bits of a channel, 1 to 4
   */
  public static ChannelMix ofBits(double bits) {
    if (!(bits >= 1 && bits <= 4)) {
      throw SysmolException.badInput(
          "--bits takes a mean precision from 1 to 4 and not " + number(bits) + ".");
    }
    int k = 1;
    while (k < KNOTS.length - 1 && bits > bits(KNOTS[k])) {
      k++;
    }
    double[] low = KNOTS[k - 1];
    double[] high = KNOTS[k];
    double t = (bits - bits(low)) / (bits(high) - bits(low));
    double one = low[0] + t * (high[0] - low[0]);
    double two = low[1] + t * (high[1] - low[1]);
    return new ChannelMix(one, two, 100 - one - two);
  }

  private static double bits(double[] mix) {
    return (mix[0] + 2 * mix[1] + 4 * mix[2]) / 100;
  }

  /** Mean bits of a channel. */
  public double bits() {
    return bits(parts());
  }

  private double[] parts() {
    return new double[] {one, two, four};
  }

  /**
   * Precisions for a plan: every searched group has the mix, rounded to whole channels, and which
   * channels have which precision is drawn. What rounding takes from one group the next ones give
   * back, by multiply-accumulates, so the figures hold over the network.
   *
   * @param seed of the draw
   * @return by group id, then input channel: 1, 2 or 4, and 8 in edge groups
   */
  public int[][] spread(Plan plan, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] precision = new int[plan.groups().size()][];
    double[] owed = new double[PRECISIONS.length];
    for (InputGroup group : plan.groups()) {
      int channels = plan.value(group).channels();
      precision[group.id()] = new int[channels];
      if (!group.searched()) {
        Arrays.fill(precision[group.id()], 8);
        continue;
      }
      double macs = plan.readers(group).stream().mapToLong(Stage.Convolution::macs).sum();
      double macsPerChannel = macs / channels;
      double[] wish = parts();
      for (int i = 0; i < wish.length; i++) {
        wish[i] = wish[i] / 100 * channels + owed[i] / macsPerChannel;
      }
      int[] counts = rounded(wish, parts(), channels);
      for (int i = 0; i < wish.length; i++) {
        owed[i] = (wish[i] - counts[i]) * macsPerChannel;
      }
      deal(precision[group.id()], counts, random);
    }
    return precision;
  }

  /**
   * Whole numbers next to the wishes of a group's own mix, within one channel of it, that sum to
   * {@code channels}; where the debt of other groups asks for more than that, it stays owed.
   */
  private static int[] rounded(double[] wish, double[] parts, int channels) {
    int[] counts = new int[wish.length];
    int left = channels;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (int) Math.floor(parts[i] / 100 * channels + 1e-9);
      left -= counts[i];
    }
    for (; left > 0; left--) {
      int most = -1;
      for (int i = 0; i < counts.length; i++) {
        boolean open = counts[i] < parts[i] / 100 * channels - 1e-9;
        if (open && (most < 0 || wish[i] - counts[i] > wish[most] - counts[most])) {
          most = i;
        }
      }
      counts[most]++;
    }
    return counts;
  }

  private static void deal(int[] precision, int[] counts, SplittableRandom random) {
    int next = 0;
    for (int i = 0; i < counts.length; i++) {
      for (int k = 0; k < counts[i]; k++) {
        precision[next++] = PRECISIONS[i];
      }
    }
    for (int i = precision.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = precision[i];
      precision[i] = precision[j];
      precision[j] = swapped;
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.4g/%.4g/%.4g", one, two, four);
  }
}
