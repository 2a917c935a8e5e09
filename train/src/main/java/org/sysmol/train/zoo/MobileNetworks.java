package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;
import org.sysmol.core.network.Operator;

/** MobileNetV2 (Sandler et al. 2018): inverted residual blocks with linear bottlenecks. */
final class MobileNetworks {
  /** Expansion, output channels, repetitions and first stride of each row of the paper's table. */
  private static final int[][] ROWS = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private MobileNetworks() {}

  /** MobileNetV2 at width 1.0 for 224x224x3: 3.5 million weights, 0.30 GMAC. */
  static Network mobilenetv2(long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String value = relu6(draft, "stem/relu", draft.convolution("stem", draft.image(), 3, 32, 3, 2));
    int from = 32;
    for (int row = 0; row < ROWS.length; row++) {
      for (int block = 0; block < ROWS[row][2]; block++) {
        String name = "stage" + (row + 1) + "/block" + (block + 1);
        int stride = block == 0 ? ROWS[row][3] : 1;
        value = block(draft, name, value, from, ROWS[row][1], ROWS[row][0], stride);
        from = ROWS[row][1];
      }
    }
    value = relu6(draft, "head/relu", draft.convolution("head", value, from, 1280, 1, 1));
    return draft.classifier("mobilenetv2", 3, 224, value, 1280, 1000);
  }

  private static String block(
      NetworkDraft draft, String name, String input, int from, int to, int expansion, int stride) {
    int width = from * expansion;
    String wide = input;
    if (expansion > 1) {
      wide =
          relu6(
              draft,
              name + "/relu1",
              draft.convolution(name + "/expand", input, from, width, 1, 1));
    }
    String filtered =
        relu6(
            draft,
            name + "/relu2",
            draft.convolution(name + "/depthwise", wide, width, width, 3, stride, width));
    String narrow = draft.convolution(name + "/project", filtered, width, to, 1, 1);
    return stride == 1 && from == to
        ? draft.sum(name + "/add", name + "/sum", narrow, input)
        : narrow;
  }

  private static String relu6(NetworkDraft draft, String name, String input) {
    return draft.add(name, new Operator.Clip(0f, 6f), input);
  }
}
