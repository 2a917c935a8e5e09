package org.sysmol.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** Forms that exporters write, and what becomes of them. */
class SimplificationTest {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  @Test
  void linearLayersAreTransposedWithAVectorForABias() {
    constants.put("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    constants.put("c", Tensor.of(new float[] {7}));
    node("flat", new Operator.Flatten(1), "image");
    node("fc", new Operator.Gemm(0.5f, 2f, false, false), "flat", "w", "c");
    Network simple = Simplification.of(network("fc", 3));
    Node fc = simple.nodes().getLast();
    assertThat(fc.operator()).isEqualTo(new Operator.Gemm(1f, 1f, false, true));
    assertThat(simple.requireConstant(fc.inputs().get(1)))
        .isEqualTo(Tensor.of(new float[] {0.5f, 1.5f, 2.5f, 1, 2, 3}, 2, 3));
    assertThat(simple.requireConstant(fc.inputs().get(2)))
        .isEqualTo(Tensor.of(new float[] {14, 14}, 2));
    assertThat(simple.constants()).hasSize(2);
    assertThat(Simplification.of(simple)).isSameAs(simple);
  }

  @Test
  void factorsOfChannelsGoIntoTheLayerBefore() {
    constants.put("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1));
    constants.put("scale", Tensor.of(new float[] {2, 3}, 1, 2, 1, 1));
    constants.put("offset", Tensor.of(new float[] {5, 7}, 2, 1, 1));
    conv("a", "image", "w");
    node("times", new Operator.Mul(), "a", "scale");
    node("minus", new Operator.Sub(), "offset", "times");
    Network simple = Simplification.of(network("minus", 2));
    assertThat(simple.nodes()).hasSize(1);
    Node conv = simple.nodes().getFirst();
    assertThat(conv.output()).isEqualTo("minus");
    assertThat(simple.requireConstant(conv.inputs().get(1)).data())
        .containsExactly(-2, -4, -9, -12);
    assertThat(simple.requireConstant(conv.inputs().get(2)).data()).containsExactly(5, 7);
  }

  @Test
  void factorsOfChannelsThatStandAloneAreANormalisationWithoutStatistics() {
    constants.put("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1));
    constants.put("mean", Tensor.of(new float[] {0.5f, 0.25f}, 2, 1, 1));
    node("minus", new Operator.Sub(), "image", "mean");
    conv("a", "minus", "w");
    Network simple = Simplification.of(network("a", 2));
    Plan plan = PlanBuilder.build(simple, 2, 3, 3, Set.of());
    NormNames norm = plan.groups().getFirst().norm();
    assertThat(norm).isNotNull();
    assertThat(norm.fixed()).isTrue();
    assertThat(norm.of(simple).bias()).containsExactly(-0.5f, -0.25f);
  }

  @Test
  void onlyASoftmaxOfALinearLayersScoresIsLeftOut() {
    constants.put("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    node("flat", new Operator.Flatten(1), "image");
    node("fc", new Operator.Gemm(1f, 1f, false, true), "flat", "w");
    node("soft", new Operator.Softmax(-1, false), "fc");
    assertThat(Simplification.of(network("soft", 3)).outputs()).containsExactly("fc");
    nodes.clear();
    constants.put("k", Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, 1, 1));
    conv("a", "image", "k");
    node("soft", new Operator.Softmax(-1, false), "a");
    Network map = network("soft", 3);
    assertThat(Simplification.of(map)).isSameAs(map);
  }

  private void conv(String name, String input, String weights) {
    int[] one = {1, 1};
    node(name, new Operator.Conv(one, one, Padding.none(2), 1), input, weights);
  }

  private void node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name)));
  }

  private Network network(String output, int channels) {
    return new Network(
        "spelled",
        List.of(new Network.Input("image", new int[] {-1, channels, 3, 3})),
        nodes,
        List.of(output),
        constants);
  }
}
