package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/** Residual networks (He et al. 2015) and the residual block that they are made of. */
final class ResidualNetworks {
  private ResidualNetworks() {}

  /**
   * A block of two 3x3 convolutions; a 1x1 convolution projects its shortcut where the shape
   * changes.
   *
   * @param from input channels
   * @param to output channels
   * @param stride of its first convolution
   */
  static String basicBlock(
      NetworkDraft draft, String name, String input, int from, int to, int stride) {
    String inner =
        draft.relu(name + "/relu1", draft.convolution(name + "/conv1", input, from, to, 3, stride));
    String shortcut = shortcut(draft, name, input, from, to, stride);
    String outer = draft.convolution(name + "/conv2", inner, to, to, 3, 1);
    return draft.relu(name + "/relu2", draft.sum(name + "/add", name + "/sum", outer, shortcut));
  }

  /** A 1x1, a 3x3 with the stride (v1.5) and a 1x1 convolution to four times the channels. */
  private static String bottleneck(
      NetworkDraft draft, String name, String input, int from, int width, int stride) {
    int to = 4 * width;
    String narrow =
        draft.relu(name + "/relu1", draft.convolution(name + "/conv1", input, from, width, 1, 1));
    String inner =
        draft.relu(
            name + "/relu2", draft.convolution(name + "/conv2", narrow, width, width, 3, stride));
    String shortcut = shortcut(draft, name, input, from, to, stride);
    String wide = draft.convolution(name + "/conv3", inner, width, to, 1, 1);
    return draft.relu(name + "/relu3", draft.sum(name + "/add", name + "/sum", wide, shortcut));
  }

  private static String shortcut(
      NetworkDraft draft, String name, String input, int from, int to, int stride) {
    return stride == 1 && from == to
        ? input
        : draft.convolution(name + "/project", input, from, to, 1, stride);
  }

  /** ResNet-18 for 224x224x3: 11.7 million weights, 1.81 GMAC. */
  static Network resnet18(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = stem(draft);
    int from = 64;
    for (int stage = 0; stage < 4; stage++) {
      int to = 64 << stage;
      for (int block = 0; block < 2; block++) {
        String name = "stage" + (stage + 1) + "/block" + (block + 1);
        value = basicBlock(draft, name, value, from, to, stage > 0 && block == 0 ? 2 : 1);
        from = to;
      }
    }
    return draft.classifier("resnet18", 3, 224, value, from, 1000);
  }

  /** ResNet-50 v1.5 for 224x224x3: 25.5 million weights, 4.09 GMAC. */
  static Network resnet50(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = stem(draft);
    int[] blocks = {3, 4, 6, 3};
    int from = 64;
    for (int stage = 0; stage < 4; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        String name = "stage" + (stage + 1) + "/block" + (block + 1);
        value = bottleneck(draft, name, value, from, width, stage > 0 && block == 0 ? 2 : 1);
        from = 4 * width;
      }
    }
    return draft.classifier("resnet50", 3, 224, value, from, 1000);
  }

  /**
   * A 5x5 convolution and a 2x2 pool, both with stride 2, to 64 channels: for small pictures that
   * shall train fast.
   *
   * @param channels of the picture
   */
  static String pooledStem(NetworkDraft draft, int channels) {
    String stem =
        draft.relu("stem/relu", draft.convolution("stem", draft.image(), channels, 64, 5, 2));
    int[] two = {2, 2};
    return draft.add(
        "pool", new Operator.MaxPool(two, two, new int[] {1, 1}, Padding.none(2), false), stem);
  }

  /** A 7x7 convolution and a pool, both with stride 2, to 64 channels. */
  static String stem(NetworkDraft draft) {
    String stem = draft.relu("stem/relu", draft.convolution("stem", draft.image(), 3, 64, 7, 2));
    return draft.add(
        "pool",
        new Operator.MaxPool(
            new int[] {3, 3}, new int[] {2, 2}, new int[] {1, 1}, Padding.all(1), false),
        stem);
  }

  /**
   * A network of the paper's second kind, for 32x32x3 and 10 classes: three stages of 16, 32 and 64
   * channels. ResNet-20 has 272,474 learned numbers and 0.041 GMAC, ResNet-32 466,906 and 0.069,
   * ResNet-56 855,770 and 0.127.
   *
   * <p>The two shortcuts that change shape are 1x1 projections (option B of the paper): option A
   * takes every other pixel and adds channels of zeros, and has 2,752 numbers less.
   *
   * @param blocks in each stage: a sixth of the layers that are not the first or the last
   */
  static Network small(String name, int blocks, long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = draft.relu("stem/relu", draft.convolution("stem", draft.image(), 3, 16, 3, 1));
    int from = 16;
    for (int stage = 0; stage < 3; stage++) {
      int to = 16 << stage;
      for (int block = 0; block < blocks; block++) {
        String unit = "stage" + (stage + 1) + "/block" + (block + 1);
        value = basicBlock(draft, unit, value, from, to, stage > 0 && block == 0 ? 2 : 1);
        from = to;
      }
    }
    return draft.classifier(name, 3, 32, value, from, 10);
  }
}
