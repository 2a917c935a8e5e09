package org.sysmol.train.zoo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Tensor;

/** Built-in networks for other pictures and classes than those they were published for. */
public final class ZooNetwork {
  private static final String WEIGHT = "classifier.weight";
  private static final String BIAS = "classifier.bias";

  private ZooNetwork() {}

  /** The network for pictures of any height and width: it must end in a global pool. */
  public static Network withAnySize(Network network) {
    int[] shape = network.inputs().getFirst().shape();
    Network.Input any =
        new Network.Input(
            network.inputs().getFirst().name(), new int[] {shape[0], shape[1], -1, -1});
    return new Network(
        network.name(), List.of(any), network.nodes(), network.outputs(), network.constants());
  }

  /**
   * The network with a last layer for so many classes, drawn anew (He et al. 2015) if the number
   * differs.
   *
   * @param network one of {@link NetworkZoo}
   * @param classes number of results, at least 1
   * @param seed of the new weights
   */
  public static Network withClasses(Network network, int classes, long seed) {
    Tensor old = network.requireConstant(WEIGHT);
    if (classes < 1) {
      throw SysmolException.badInput("A network needs at least one class, not " + classes + ".");
    }
    if (old.extent(0) == classes) {
      return network;
    }
    int features = old.extent(1);
    SplittableRandom random = new SplittableRandom(seed);
    Tensor weight = Tensor.zeros(classes, features);
    double deviation = Math.sqrt(2.0 / features);
    for (int i = 0; i < weight.data().length; i++) {
      weight.data()[i] = (float) (deviation * random.nextGaussian());
    }
    Map<String, Tensor> constants = new LinkedHashMap<>(network.constants());
    constants.put(WEIGHT, weight);
    constants.put(BIAS, Tensor.zeros(classes));
    return new Network(
        network.name(), network.inputs(), network.nodes(), network.outputs(), constants);
  }
}
