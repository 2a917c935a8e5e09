package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;

/** Plain stacks of 3x3 convolutions. */
final class VggNetworks {
  private VggNetworks() {}

  /**
   * VGG-small of papers on quantisation (Zhang et al. 2018, LQ-Nets, and others after it) for
   * 32x32x3 and 10 classes: two convolutions of 128, 256 and 512 channels each, every one with
   * batch normalisation and ReLU, a 2x2 maximum behind each pair, and a linear layer on the last
   * 4x4 map; 4.66 million weights, 0.61 GMAC.
   */
  static Network vggSmall(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    int[] two = {2, 2};
    var pool = new Operator.MaxPool(two, two, new int[] {1, 1}, Padding.none(2), false);
    String value = draft.image();
    int from = 3;
    for (int stage = 1; stage <= 3; stage++) {
      int to = 64 << stage;
      for (int k = 1; k <= 2; k++) {
        String name = "stage" + stage + "/conv" + k;
        value = draft.relu(name + "/relu", draft.convolution(name, value, from, to, 3, 1));
        from = to;
      }
      value = draft.add("stage" + stage + "/pool", pool, value);
    }
    return draft.linearClassifier("vgg-small", 3, 32, value, 4 * 4 * from, 10);
  }
}
