package org.sysmol.train.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sysmol.core.SysmolException;
import org.sysmol.core.network.Network;
import org.sysmol.core.plan.InputGroup;
import org.sysmol.core.plan.Plan;
import org.sysmol.core.plan.PlanBuilder;
import org.sysmol.core.plan.Stage;

/** The zoo's networks have the sizes that the literature gives, and the demo's keeps its bits. */
class NetworkZooTest {
  @ParameterizedTest
  @CsvSource({
    // name, side, classes, convolutions and linear layers, GMAC, million weights (no batch norms)
    "resnet18, 224, 1000, 21, 1.814, 11.68",
    "resnet50, 224, 1000, 54, 4.089, 25.50",
    "mobilenetv2, 224, 1000, 53, 0.301, 3.470",
    // Option B: two projections more than the paper's table.
    "resnet20, 32, 10, 22, 0.0408, 0.2714",
    "resnet32, 32, 10, 34, 0.0691, 0.4650",
    "resnet56, 32, 10, 58, 0.1258, 0.8518",
    "preresnet20, 32, 10, 22, 0.0408, 0.2709",
    "preresnet18, 224, 1000, 21, 1.814, 11.68",
    "preresnet50, 224, 1000, 54, 4.089, 25.50",
    "vgg-small, 32, 10, 7, 0.6076, 4.66",
    "shufflenet, 32, 10, 50, 0.04374, 0.920",
    "shufflenetv2, 32, 10, 57, 0.0450, 1.247",
  })
  void sizesAreThoseOfTheLiterature(
      String name, int side, int classes, int layers, double giga, double millions) {
    Network network = NetworkZoo.create(name, 1);
    assertThat(network.name()).isEqualTo(name);
    Plan plan = PlanBuilder.build(network, 3, side, side, Set.of());
    assertThat(plan.result().size()).isEqualTo(classes);
    assertThat(plan.convolutions()).hasSize(layers);
    double macs = plan.convolutions().stream().mapToLong(Stage.Convolution::macs).sum();
    assertThat(macs / 1e9).isCloseTo(giga, within(0.005 * giga));
    assertThat(plan.weights() / 1e6).isCloseTo(millions, within(0.005 * millions));
    assertThat(plan.groups().stream().filter(g -> !g.searched()).count()).isEqualTo(2);
  }

  /**
   * Learned numbers, with those of batch normalisation, to the last one: the counts of torchvision
   * (ResNet-18 and -50, MobileNetV2) and of the model lists of imgclsmob (all others but VGG-small,
   * whose papers give 4.66 million).
   */
  @ParameterizedTest
  @CsvSource({
    "resnet18, 11689512",
    "resnet50, 25557032",
    "mobilenetv2, 3504872",
    "resnet20, 272474",
    "resnet32, 466906",
    "resnet56, 855770",
    "preresnet20, 272282",
    "preresnet18, 11687848",
    "preresnet50, 25549480",
    "vgg-small, 4660106",
    // As imgclsmob's for ImageNet with ten classes, and as known for CIFAR-10.
    "shufflenet, 940858",
    "shufflenetv2, 1263854",
  })
  void learnedNumbersAreThoseOfTheLiterature(String name, long count) {
    long learned = 0;
    for (var constant : NetworkZoo.create(name, 1).constants().entrySet()) {
      boolean statistic = constant.getKey().matches(".*\\.(mean|variance|groups|whole)");
      learned += statistic ? 0 : constant.getValue().data().length;
    }
    assertThat(learned).isEqualTo(count);
  }

  @Test
  void everyNetworkIsInTheTables() {
    // What is added must be added to the tables above and to docs/networks.md.
    assertThat(NetworkZoo.names()).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void stridesOfResnet50StandInThe3x3() {
    Plan plan = PlanBuilder.build(NetworkZoo.create("resnet50", 1), 3, 224, 224, Set.of());
    List<String> strided =
        plan.convolutions().stream()
            .filter(c -> c.window().strideY() == 2 && !c.name().endsWith("/project"))
            .map(Stage.Convolution::name)
            .toList();
    assertThat(strided)
        .containsExactly(
            "stem", "stage2/block1/conv2", "stage3/block1/conv2", "stage4/block1/conv2");
  }

  @Test
  void bottlenecksOfMobilenetAreLinear() {
    Plan plan = PlanBuilder.build(NetworkZoo.create("mobilenetv2", 1), 3, 224, 224, Set.of());
    for (InputGroup group : plan.groups()) {
      boolean bottleneck = group.name().endsWith("/expand") || group.name().equals("head");
      assertThat(group.signed()).as(group.name()).isEqualTo(bottleneck || group.value() == 0);
    }
    assertThat(plan.groups().stream().filter(InputGroup::depthwise).count()).isEqualTo(17);
    assertThat(plan.stages()).noneMatch(s -> s instanceof Stage.Join || s instanceof Stage.Rescale);
  }

  @Test
  void seedsDecideTheWeights() {
    assertThat(digest(NetworkZoo.create("resnet20", 5)))
        .isEqualTo(digest(NetworkZoo.create("resnet20", 5)))
        .isNotEqualTo(digest(NetworkZoo.create("resnet20", 6)));
  }

  /** Trained results depend on every bit of it. */
  @Test
  void theDemonstrationsNetworkNeverChanges() {
    assertThat(digest(DemoNetwork.create(1, 10, 7)))
        .isEqualTo("d136a2a84072e720e4cfac1f1d400fa23fbe36fd19488a12ea6ad91f605f53a7");
  }

  @Test
  void unknownNamesAreRefused() {
    assertThatThrownBy(() -> NetworkZoo.create("vgg16", 1))
        .isInstanceOf(SysmolException.class)
        .hasMessage(
            "There is no network vgg16; the networks are resnet18, resnet50, mobilenetv2,"
                + " resnet20, resnet32, resnet56, preresnet20, preresnet18, preresnet50,"
                + " vgg-small, shufflenet, shufflenetv2.");
  }

  private static String digest(Network network) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      network
          .nodes()
          .forEach(
              node ->
                  sha.update(
                      (node.name() + node.operator().kind() + node.inputs() + node.outputs())
                          .getBytes(StandardCharsets.UTF_8)));
      network
          .constants()
          .forEach(
              (name, tensor) -> {
                sha.update(name.getBytes(StandardCharsets.UTF_8));
                ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.data().length);
                bytes.asFloatBuffer().put(tensor.data());
                sha.update(bytes);
              });
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
