package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;

/**
 * Residual networks of pre-activation units (He et al. 2016, Identity Mappings in Deep Residual
 * Networks): batch normalisation and ReLU stand before each convolution, nothing stands behind a
 * sum. A projection reads what the unit's first convolution reads, and has no normalisation.
 *
 * <p>The counts of learned numbers are those of the model lists of imgclsmob (PreResNet-20,
 * PreResNet-18, PreResNet-50b).
 */
final class PreActivationNetworks {
  private PreActivationNetworks() {}

  /** PreResNet-20 for 32x32x3 and 10 classes: 272,282 learned numbers, 0.041 GMAC. */
  static Network preresnet20(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = draft.plainConvolution("stem", draft.image(), 3, 16, 3, 1, 1);
    return body(draft, "preresnet20", value, 16, new int[] {3, 3, 3}, false, 32, 10);
  }

  /** PreResNet-18 for 224x224x3: 11,687,848 learned numbers, 1.82 GMAC. */
  static Network preresnet18(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = ResidualNetworks.stem(draft);
    return body(draft, "preresnet18", value, 64, new int[] {2, 2, 2, 2}, false, 224, 1000);
  }

  /**
   * PreResNet-50 for 224x224x3, strides in the 3x3 convolutions: 25,549,480 learned numbers, 4.10
   * GMAC.
   */
  static Network preresnet50(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = ResidualNetworks.stem(draft);
    return body(draft, "preresnet50", value, 64, new int[] {3, 4, 6, 3}, true, 224, 1000);
  }

  private static Network body(
      NetworkDraft draft,
      String name,
      String stem,
      int channels,
      int[] blocks,
      boolean bottlenecks,
      int side,
      int classes) {
    String value = stem;
    int from = channels;
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = channels << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        String unit = "stage" + (stage + 1) + "/block" + (block + 1);
        int stride = stage > 0 && block == 0 ? 2 : 1;
        value =
            bottlenecks
                ? bottleneck(draft, unit, value, from, width, stride)
                : basic(draft, unit, value, from, width, stride);
        from = bottlenecks ? 4 * width : width;
      }
    }
    return draft.classifier(name, 3, side, active(draft, "last", value, from), from, classes);
  }

  private static String active(NetworkDraft draft, String name, String input, int channels) {
    return draft.relu(name + "/relu", draft.norm(name + "/norm", input, channels));
  }

  private static String basic(
      NetworkDraft draft, String name, String input, int from, int to, int stride) {
    String first = active(draft, name + "/before1", input, from);
    String inner = draft.plainConvolution(name + "/conv1", first, from, to, 3, stride, 1);
    String shortcut = shortcut(draft, name, input, first, from, to, stride);
    String second = active(draft, name + "/before2", inner, to);
    String outer = draft.plainConvolution(name + "/conv2", second, to, to, 3, 1, 1);
    return draft.sum(name + "/add", name + "/sum", outer, shortcut);
  }

  private static String bottleneck(
      NetworkDraft draft, String name, String input, int from, int width, int stride) {
    int to = 4 * width;
    String first = active(draft, name + "/before1", input, from);
    String narrow = draft.plainConvolution(name + "/conv1", first, from, width, 1, 1, 1);
    String shortcut = shortcut(draft, name, input, first, from, to, stride);
    String second = active(draft, name + "/before2", narrow, width);
    String inner = draft.plainConvolution(name + "/conv2", second, width, width, 3, stride, 1);
    String third = active(draft, name + "/before3", inner, width);
    String wide = draft.plainConvolution(name + "/conv3", third, width, to, 1, 1, 1);
    return draft.sum(name + "/add", name + "/sum", wide, shortcut);
  }

  private static String shortcut(
      NetworkDraft draft, String name, String input, String active, int from, int to, int stride) {
    return stride == 1 && from == to
        ? input
        : draft.plainConvolution(name + "/project", active, from, to, 1, stride, 1);
  }
}
