package org.sysmol.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sysmol.core.SysmolException;
import org.sysmol.core.arithmetic.Clamp;
import org.sysmol.core.arithmetic.Curve;
import org.sysmol.core.network.Network;
import org.sysmol.core.network.Node;
import org.sysmol.core.network.Operator;
import org.sysmol.core.network.Padding;
import org.sysmol.core.network.Tensor;

/** What becomes of a network's nodes (docs/arithmetic.md §7). */
class PlanBuilderTest {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  private String conv(String from, String name, int in, int out) {
    constants.put(name + ".w", Tensor.of(new float[out * in * 9], out, in, 3, 3));
    Padding one = new Padding(Padding.Mode.EXPLICIT, new int[] {1, 1, 1, 1});
    return node(
        name, new Operator.Conv(new int[] {1, 1}, new int[] {1, 1}, one, 1), from, name + ".w");
  }

  private String norm(String from, String name, int channels) {
    for (String kind : List.of(".scale", ".bias", ".mean", ".var")) {
      constants.put(name + kind, Tensor.of(new float[channels], channels));
    }
    return node(
        name,
        new Operator.BatchNormalization(1e-5f, false),
        from,
        name + ".scale",
        name + ".bias",
        name + ".mean",
        name + ".var");
  }

  private String linear(String from, String name, int in, int out) {
    constants.put(name + ".w", Tensor.of(new float[out * in], out, in));
    return node(name, new Operator.Gemm(1f, 1f, false, true), from, name + ".w");
  }

  private String node(String name, Operator operator, String... inputs) {
    nodes.add(new Node(name, operator, List.of(inputs), List.of(name)));
    return name;
  }

  /** The plan for pictures of one channel, 6 rows, 5 columns. */
  private Plan plan(String result, String... keepOut) {
    Network network =
        new Network(
            "test",
            List.of(new Network.Input("image", new int[] {-1, 1, 6, 5})),
            nodes,
            List.of(result),
            constants);
    return PlanBuilder.build(network, 1, 6, 5, Set.of(keepOut));
  }

  private static void refused(Runnable build, String... parts) {
    assertThatThrownBy(build::run)
        .isInstanceOf(SysmolException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).endsWith("."));
  }

  @Test
  void normalisationSumAndActivationBecomePartOfTheLayer() {
    String x = node("r0", new Operator.Relu(), norm(conv("image", "c0", 1, 4), "n0", 4));
    String y = node("r1", new Operator.Relu(), norm(conv(x, "c1", 4, 4), "n1", 4));
    y = norm(conv(y, "c2", 4, 4), "n2", 4);
    x = node("r2", new Operator.Relu(), node("add", new Operator.Add(), y, x));
    x = node("flat", new Operator.Flatten(1), node("mean", new Operator.GlobalAveragePool(), x));
    Plan plan = plan(linear(x, "fc", 4, 3));

    assertThat(plan.stages().stream().map(Stage::name))
        .containsExactly("c0", "c1", "c2", "mean", "fc");
    Stage.Convolution joined = plan.convolutions().get(2);
    assertThat(joined.residual()).isEqualTo(plan.convolutions().get(0).output());
    assertThat(joined.clamp()).isEqualTo(Clamp.RELU);
    assertThat(joined.norm()).isNotNull();
    // The first layer's output is read by a layer and by the sum: a stream; c1's by c2 alone.
    assertThat(plan.values().get(plan.convolutions().get(0).output()).kind())
        .isEqualTo(Value.Kind.STREAM);
    assertThat(plan.values().get(plan.convolutions().get(1).output()).kind())
        .isEqualTo(Value.Kind.CODES);
    assertThat(plan.result().kind()).isEqualTo(Value.Kind.REAL);
    assertThat(plan.groups().stream().map(InputGroup::searched))
        .containsExactly(false, true, true, false);
  }

  @Test
  void layersThatReadTheSameShareAGroup() {
    String x = node("r0", new Operator.Relu(), conv("image", "c0", 1, 4));
    String left = conv(x, "left", 4, 4);
    String right = conv(x, "right", 4, 4);
    String sum = node("add", new Operator.Add(), left, right);
    x = node("flat", new Operator.Flatten(1), node("mean", new Operator.GlobalAveragePool(), sum));
    Plan plan = plan(linear(x, "fc", 4, 3));
    assertThat(plan.convolutions().get(1).group()).isEqualTo(plan.convolutions().get(2).group());
  }

  @Test
  void twoActivationsOfOneValueStayApart() {
    String x = norm(conv("image", "c0", 1, 4), "n0", 4);
    // Kept from fusing: the sum itself is read twice.
    String relu = node("relu", new Operator.Relu(), x);
    String clip = node("clip", new Operator.Clip(-1f, 1f), x);
    String a = node("a", new Operator.MaxPool(two(), one(), one(), none(), false), relu);
    String b = node("b", new Operator.MaxPool(two(), one(), one(), none(), false), clip);
    String sum = node("add", new Operator.Add(), a, b);
    x = node("flat", new Operator.Flatten(1), node("mean", new Operator.GlobalAveragePool(), sum));
    Plan plan = plan(linear(x, "fc", 4, 3));
    List<Stage.Rescale> rescales =
        plan.stages().stream()
            .filter(Stage.Rescale.class::isInstance)
            .map(Stage.Rescale.class::cast)
            .toList();
    assertThat(rescales.stream().map(Stage.Rescale::clamp))
        .containsExactly(Clamp.RELU, new Clamp(-1f, 1f));
    List<Integer> pooled =
        plan.stages().stream()
            .filter(Stage.MaxPool.class::isInstance)
            .map(s -> ((Stage.MaxPool) s).input())
            .toList();
    assertThat(pooled).containsExactly(rescales.get(0).output(), rescales.get(1).output());
    assertThat(plan.values().stream().map(Value::name)).doesNotHaveDuplicates();
  }

  @Test
  void whatDoesNotFitIsNamed() {
    String x = conv("image", "c0", 1, 4);
    String wide = conv(x, "wide", 5, 4);
    refused(() -> plan(wide), "wide", "[4, 5, 3, 3]", "4x6x5");
  }

  @Test
  void sumsThatBroadcastAreNamed() {
    String x = conv("image", "c0", 1, 4);
    String mean = node("mean", new Operator.GlobalAveragePool(), conv(x, "c1", 4, 4));
    String sum = node("add", new Operator.Add(), node("c.relu", new Operator.Relu(), x), mean);
    String out = conv(sum, "c2", 4, 2);
    refused(() -> plan(out), "add", "broadcasts");
  }

  @Test
  void layersKeptOutMustExist() {
    String x = conv(conv("image", "c0", 1, 4), "c1", 4, 4);
    String out = conv(x, "c2", 4, 2);
    assertThat(plan(out, "c1").groups().get(1).searched()).isFalse();
    refused(() -> plan(out, "c9"), "c9", "keep out");
  }

  @Test
  void picturesOfAnotherShapeAreRefused() {
    String out = conv("image", "c0", 1, 2);
    Network network =
        new Network(
            "test",
            List.of(new Network.Input("image", new int[] {-1, 1, 6, 5})),
            nodes,
            List.of(out),
            constants);
    refused(() -> PlanBuilder.build(network, 1, 6, 6, Set.of()), "[-1, 1, 6, 5]", "1x6x6");
    refused(() -> PlanBuilder.build(network, 3, 6, 5, Set.of()), "3x6x5");
  }

  @Test
  void aResultThatIsReadAgainIsRefused() {
    String x = conv("image", "c0", 1, 4);
    String y = conv(x, "c1", 4, 4);
    conv(y, "c2", 4, 4);
    refused(() -> plan(y), "result");
  }

  /** A squeeze-and-excite block with its two layers; the factor is a sigmoid. */
  private String excited(String x, int channels) {
    String mean = node("squeeze", new Operator.ReduceMean(new int[] {2, -1}, true), x);
    constants.put("down.w", Tensor.of(new float[2 * channels], 2, channels, 1, 1));
    constants.put("up.w", Tensor.of(new float[2 * channels], channels, 2, 1, 1));
    Operator point = new Operator.Conv(one(), one(), none(), 1);
    String down = node("down.relu", new Operator.Relu(), node("down", point, mean, "down.w"));
    String gate = node("gate", new Operator.Sigmoid(), node("up", point, down, "up.w"));
    return node("scale", new Operator.Mul(), gate, x);
  }

  @Test
  void aSqueezeAndExciteBlockIsATableAndAProduct() {
    String x = conv("image", "c0", 1, 4);
    x = node("swish", new Operator.Mul(), x, node("sigmoid", new Operator.Sigmoid(), x));
    x = node("relu", new Operator.Relu(), excited(x, 4));
    x = conv(x, "c1", 4, 4);
    Plan plan = plan(conv(x, "c2", 4, 2));

    assertThat(plan.stages().stream().map(Stage::name))
        .containsExactly("c0", "swish", "squeeze", "down", "up", "gate", "scale", "c1", "c2");
    Stage.Table swish = (Stage.Table) plan.stages().get(1);
    Curve input = new Curve.Input();
    assertThat(swish.curve()).isEqualTo(new Curve.Product(input, new Curve.Sigmoid(input)));
    Stage.Table gate = (Stage.Table) plan.stages().get(5);
    Stage.Scale scale = (Stage.Scale) plan.stages().get(6);
    // The map comes first, whatever the order in the file.
    assertThat(scale.map()).isEqualTo(swish.output());
    assertThat(scale.gate()).isEqualTo(gate.output());
    assertThat(scale.clamp()).isEqualTo(Clamp.RELU);
    assertThat(plan.values().get(swish.output()).signed()).isTrue();
    assertThat(plan.values().get(swish.output()).kind()).isEqualTo(Value.Kind.STREAM);
    assertThat(plan.values().get(gate.output()).signed()).isFalse();
    assertThat(plan.values().get(scale.output()).kind()).isEqualTo(Value.Kind.CODES);
    assertThat(plan.values().get(scale.output()).signed()).isFalse();
  }

  @Test
  void aFunctionSpelledWithNumbersIsOneTable() {
    constants.put("3", Tensor.of(new float[] {3}));
    constants.put("6", Tensor.of(new float[] {6}));
    String x = conv("image", "c0", 1, 4);
    String clip = node("clip", new Operator.Clip(0f, 6f), node("add", new Operator.Add(), "3", x));
    x = node("div", new Operator.Div(), node("mul", new Operator.Mul(), clip, x), "6");
    // Read twice, so that it is stored once, as a stream.
    x = node("sum", new Operator.Add(), conv(x, "c1", 4, 4), x);
    Plan plan = plan(conv(x, "c2", 4, 2));

    assertThat(plan.stages().stream().map(Stage::name)).containsExactly("c0", "div", "c1", "c2");
    Curve curve = ((Stage.Table) plan.stages().get(1)).curve();
    assertThat(curve.at(-1.5)).isEqualTo(-0.375);
    assertThat(curve.at(-4)).isZero();
    assertThat(curve.at(7)).isEqualTo(7);
    assertThat(plan.convolutions().get(1).residual()).isEqualTo(plan.stages().get(1).output());
  }

  @Test
  void aSumWithANumberIsNoShortcut() {
    constants.put("3", Tensor.of(new float[] {3}));
    String x = node("add", new Operator.Add(), conv("image", "c0", 1, 4), "3");
    Plan plan = plan(conv(node("relu", new Operator.Relu(), x), "c1", 4, 2));
    assertThat(plan.convolutions().getFirst().residual()).isEqualTo(-1);
    assertThat(plan.convolutions().getFirst().clamp()).isEqualTo(Clamp.NONE);
    assertThat(((Stage.Table) plan.stages().get(1)).curve().at(-5)).isZero();
  }

  @Test
  void anActivationBehindANormalisationGetsAStream() {
    String x = norm(node("max", maxPool(), conv("image", "c0", 1, 4)), "n0", 4);
    x = node("swish", new Operator.HardSwish(), x);
    Plan plan = plan(conv(x, "c1", 4, 2));
    assertThat(plan.stages().stream().map(s -> s.getClass().getSimpleName()))
        .containsExactly("Convolution", "MaxPool", "Rescale", "Table", "Convolution");
  }

  private static Operator maxPool() {
    return new Operator.MaxPool(two(), one(), one(), none(), false);
  }

  @Test
  void whatIsNoTableAndNoProductIsNamed() {
    constants.put("four", Tensor.of(new float[4], 1, 4, 1, 1));
    constants.put("1", Tensor.of(new float[] {1}));
    String x = conv("image", "c0", 1, 4);
    String y = conv("image", "c1", 1, 4);
    refused(() -> plan(conv(node("m", new Operator.Mul(), x, "four"), "c2", 4, 2)), "m)", "Mul");
    refused(() -> plan(conv(node("d", new Operator.Div(), "1", x), "c3", 4, 2)), "Div by a", "d");
    refused(() -> plan(conv(node("s", new Operator.Sub(), x, y), "c4", 4, 2)), "Sub of two", "s");
  }

  @Test
  void aResultThatIsNotALayersIsRefused() {
    String x = conv("image", "c0", 1, 4);
    String end = node("sigmoid", new Operator.Sigmoid(), conv(x, "c1", 4, 2));
    refused(() -> plan(end), "last layer");
  }

  @Test
  void functionsWithoutEndAreRefused() {
    String x = conv("image", "c0", 1, 4);
    x = node("f", new Operator.Sigmoid(), x);
    for (int i = 0; i < 40; i++) {
      x = node("m" + i, new Operator.Mul(), x, x);
    }
    String end = conv(x, "c1", 4, 2);
    refused(() -> plan(end), "m5", "64 operations");
  }

  @Test
  void productsThatBroadcastOtherwiseAreNamed() {
    String x = conv("image", "c0", 1, 4);
    String y = node("max", maxPool(), conv("image", "c1", 1, 4));
    String end = conv(node("product", new Operator.Mul(), x, y), "c2", 4, 2);
    refused(() -> plan(end), "product", "broadcasts");
  }

  private static int[] one() {
    return new int[] {1, 1};
  }

  private static int[] two() {
    return new int[] {2, 2};
  }

  private static Padding none() {
    return Padding.none(2);
  }
}
