package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;

/**
 * The network of the main table of results (docs/results.md): searched layers mostly 128 and 256
 * channels wide, where patterns can differ, on maps small enough for minutes of training: a 5x5
 * stem with pooling, a residual block to 128 channels, one of 128, a 3x3 convolution to 256, global
 * average pooling and a linear layer; 0.82 million weights, 13.4 million multiply-accumulates on
 * 28x28 pictures.
 */
public final class WideNetwork {
  private WideNetwork() {}

  /**
   * The untrained network.
   *
   * @param channels of a picture
   * @param classes number of results
   * @param seed of the weights
   */
  public static Network create(int channels, int classes, long seed) {
    NetworkDraft draft = new NetworkDraft(seed);
    String pool = ResidualNetworks.pooledStem(draft, channels);
    String first = ResidualNetworks.basicBlock(draft, "block1", pool, 64, 128, 2);
    String second = ResidualNetworks.basicBlock(draft, "block2", first, 128, 128, 1);
    String last = draft.relu("last/relu", draft.convolution("last", second, 128, 256, 3, 1));
    return draft.classifier("wide", channels, 28, last, 256, classes);
  }
}
