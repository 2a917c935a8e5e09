package org.sysmol.train.zoo;

import java.util.List;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;

/**
 * Known architectures by name, untrained: weights from a seed, batch normalisation the identity.
 */
public final class NetworkZoo {
  private NetworkZoo() {}

  /** The names that {@link #create} takes. */
  public static List<String> names() {
    return List.of(
        "resnet18",
        "resnet50",
        "mobilenetv2",
        "resnet20",
        "resnet32",
        "resnet56",
        "preresnet20",
        "preresnet18",
        "preresnet50",
        "vgg-small",
        "shufflenet",
        "shufflenetv2");
  }

  /**
   * An untrained network.
   *
   * @param name one of {@link #names}: ResNet-18, ResNet-50 (v1.5), PreResNet-18, PreResNet-50 and
   *     MobileNetV2 (1.0) take 224x224x3 and give 1000 scores, the others take 32x32x3 and give 10
   * @param seed of the weights
   * @throws SysmolException (bad input) if there is no such network
   */
  public static Network create(String name, long seed) {
    return switch (name) {
      case "resnet18" -> ResidualNetworks.resnet18(seed);
      case "resnet50" -> ResidualNetworks.resnet50(seed);
      case "resnet20" -> ResidualNetworks.small(name, 3, seed);
      case "resnet32" -> ResidualNetworks.small(name, 5, seed);
      case "resnet56" -> ResidualNetworks.small(name, 9, seed);
      case "preresnet20" -> PreActivationNetworks.preresnet20(seed);
      case "preresnet18" -> PreActivationNetworks.preresnet18(seed);
      case "preresnet50" -> PreActivationNetworks.preresnet50(seed);
      case "vgg-small" -> VggNetworks.vggSmall(seed);
      case "mobilenetv2" -> MobileNetworks.mobilenetv2(seed);
      case "shufflenet" -> ShuffleNetworks.shufflenet(seed);
      case "shufflenetv2" -> ShuffleNetworks.shufflenetv2(seed);
      default ->
          throw SysmolException.badInput(
              "There is no network "
                  + name
                  + "; the networks are "
                  + String.join(", ", names())
                  + ".");
    };
  }
}
