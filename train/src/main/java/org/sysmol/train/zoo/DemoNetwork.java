package org.sysmol.train.zoo;

import org.sysmol.core.network.Network;

/**
 * The demonstration's network: a 5x5 stem, a residual block of 64 channels, one to 128 channels
 * with a projection, global average pooling and a linear layer; 0.31 million weights, 7.6 million
 * multiply-accumulates on 28x28 pictures.
 */
public final class DemoNetwork {
  private DemoNetwork() {}

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
    String first = ResidualNetworks.basicBlock(draft, "block1", pool, 64, 64, 1);
    String second = ResidualNetworks.basicBlock(draft, "block2", first, 64, 128, 2);
    return draft.classifier("demo", channels, 28, second, 128, classes);
  }
}
