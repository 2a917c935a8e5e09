package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/**
 * ShuffleNet (Zhang et al. 2018) with two groups and ShuffleNetV2 (Ma et al. 2018) for 32x32x3 and
 * 10 classes: as for ImageNet, but that the first convolution keeps the map's size and no pool
 * follows it.
 */
final class ShuffleNetworks {
  private static final int SIDE = 32;
  private static final int CLASSES = 10;
  private static final int GROUPS = 2;

  /** Units of each stage. */
  private static final int[] UNITS = {4, 8, 4};

  /** Channels of the first convolution. */
  private static final int STEM = 24;

  private ShuffleNetworks() {}

  /** ShuffleNet 1.0 with two groups: 0.94 million weights. */
  static Network shufflenet(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    int from = STEM;
    int side = SIDE;
    String value = stem(draft);
    for (int stage = 0; stage < UNITS.length; stage++) {
      int to = 200 << stage;
      for (int block = 0; block < UNITS[stage]; block++) {
        String name = "stage" + (stage + 1) + "/block" + (block + 1);
        value = unit(draft, name, value, from, to, side, block == 0 ? 2 : 1);
        side = block == 0 ? side / 2 : side;
        from = to;
      }
    }
    return draft.classifier("shufflenet", 3, SIDE, value, from, CLASSES);
  }

  private static String stem(NetworkDraft draft) {
    return draft.relu("stem/relu", draft.convolution("stem", draft.image(), 3, STEM, 3, 1));
  }

  /**
   * Grouped 1x1, shuffle, depthwise 3x3, grouped 1x1; its input is added, or, averaged,
   * concatenated where the stride is 2.
   */
  private static String unit(
      NetworkDraft draft, String name, String input, int from, int to, int side, int stride) {
    int middle = to / 4;
    int added = stride == 2 ? to - from : to;
    // The first unit has too few input channels for groups.
    int groups = from == STEM ? 1 : GROUPS;
    String x =
        draft.relu(
            name + "/relu1", draft.convolution(name + "/conv1", input, from, middle, 1, 1, groups));
    x = draft.shuffle(name + "/shuffle", x, middle, groups, side);
    x =
        draft.relu(
            name + "/relu2",
            draft.convolution(name + "/conv2", x, middle, middle, 3, stride, middle));
    x = draft.convolution(name + "/conv3", x, middle, added, 1, 1, GROUPS);
    if (stride == 1) {
      return draft.relu(name + "/relu3", draft.sum(name + "/add", name + "/sum", x, input));
    }
    int[] three = {3, 3};
    int[] two = {2, 2};
    int[] one = {1, 1};
    String shortcut =
        draft.add(
            name + "/pool",
            new Operator.AveragePool(three, two, one, Padding.all(1), false, true),
            input);
    return draft.concat(name + "/concat", draft.relu(name + "/relu3", x), shortcut);
  }

  /** ShuffleNetV2 1.0: 1.26 million weights. */
  static Network shufflenetv2(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    int from = STEM;
    int side = SIDE;
    String value = stem(draft);
    for (int stage = 0; stage < UNITS.length; stage++) {
      int to = 116 << stage;
      value = halving(draft, "stage" + (stage + 1) + "/block1", value, from, to, side);
      side /= 2;
      for (int block = 1; block < UNITS[stage]; block++) {
        value = halves(draft, "stage" + (stage + 1) + "/block" + (block + 1), value, to, side);
      }
      from = to;
    }
    value = draft.relu("head/relu", draft.convolution("head", value, from, 1024, 1, 1));
    return draft.classifier("shufflenetv2", 3, SIDE, value, 1024, CLASSES);
  }

  /** Half of the channels go through, the other half through three convolutions. */
  private static String halves(
      NetworkDraft draft, String name, String input, int channels, int side) {
    int half = channels / 2;
    String left = draft.channels(name + "/left", input, 0, half);
    String right = draft.channels(name + "/right", input, half, channels);
    right = branch(draft, name, right, half, half, 1);
    String both = draft.concat(name + "/concat", left, right);
    return draft.shuffle(name + "/shuffle", both, channels, 2, side);
  }

  /** Two branches with stride 2, concatenated. */
  private static String halving(
      NetworkDraft draft, String name, String input, int from, int to, int side) {
    int half = to / 2;
    String left = draft.convolution(name + "/left1", input, from, from, 3, 2, from);
    left = draft.relu(name + "/relu0", draft.convolution(name + "/left2", left, from, half, 1, 1));
    String right = branch(draft, name, input, from, half, 2);
    String both = draft.concat(name + "/concat", left, right);
    return draft.shuffle(name + "/shuffle", both, to, 2, side / 2);
  }

  private static String branch(
      NetworkDraft draft, String name, String input, int from, int to, int stride) {
    String x =
        draft.relu(name + "/relu1", draft.convolution(name + "/conv1", input, from, to, 1, 1));
    x = draft.convolution(name + "/conv2", x, to, to, 3, stride, to);
    return draft.relu(name + "/relu2", draft.convolution(name + "/conv3", x, to, to, 1, 1));
  }
}
